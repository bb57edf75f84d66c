#include "eventflux/extension.hpp"

namespace eventflux::aggregates::first_last {
namespace {

enum class End : std::uint8_t { first, last };

/// What a row held: nothing yet, NULL, or a value.
enum class Held : std::uint8_t { nothing, null, value };

template <End end, class T>
struct EndValue {
  using Input = T;
  using Output = T;

  struct State {
    T value{};
    Held held = Held::nothing;
  };

  static void add(State& state, Input value) { put(state, {value, Held::value}); }

  static void add_null(State& state) { put(state, {T{}, Held::null}); }

  static void merge(State& state, const State& newer) {
    if (newer.held != Held::nothing) put(state, newer);
  }

  static std::optional<Output> result(const State& state) {
    if (state.held != Held::value) return std::nullopt;
    return state.value;
  }

 private:
  static void put(State& state, const State& newer) {
    if (end == End::last || state.held == Held::nothing) state = newer;
  }
};

/// Text is owned, because it outlives the batch that brought it.
template <End end>
struct EndText {
  using Input = std::string_view;
  using Output = std::string_view;

  struct State {
    static constexpr bool relocatable = true;

    std::unique_ptr<std::string> value;
    Held held = Held::nothing;

    State() = default;

    State(const State& other)
        : value(other.value ? std::make_unique<std::string>(*other.value) : nullptr),
          held(other.held) {}

    State& operator=(State other) {
      value = std::move(other.value);
      held = other.held;
      return *this;
    }

    State(State&&) noexcept = default;
    ~State() = default;

    void save(SnapshotWriter& writer) const {
      writer.put(held);
      if (held == Held::value) writer.put_text(*value);
    }

    Result<void> load(SnapshotReader& reader) {
      EF_TRY(held, reader.get_up_to(Held::value));
      if (held != Held::value) return {};
      EF_TRY(const auto text, reader.get_text());
      value = std::make_unique<std::string>(text);
      return {};
    }
  };

  static void add(State& state, Input text) {
    if (end == End::first && state.held != Held::nothing) return;
    if (state.value) {
      state.value->assign(text);
    } else {
      state.value = std::make_unique<std::string>(text);
    }
    state.held = Held::value;
  }

  static void add_null(State& state) {
    if (end == End::first && state.held != Held::nothing) return;
    state.held = Held::null;
  }

  static void merge(State& state, const State& newer) {
    if (newer.held == Held::value) {
      add(state, *newer.value);
    } else if (newer.held == Held::null) {
      add_null(state);
    }
  }

  static std::optional<Output> result(const State& state) {
    if (state.held != Held::value) return std::nullopt;
    return std::string_view(*state.value);
  }
};

template <End end>
void register_end(Registry& registry, const std::string& name, const std::string& text) {
  registry.aggregate<EndValue<end, bool>>(name, text);
  registry.aggregate<EndValue<end, std::int32_t>>(name, text);
  registry.aggregate<EndValue<end, std::int64_t>>(name, text);
  registry.aggregate<EndValue<end, float>>(name, text);
  registry.aggregate<EndValue<end, double>>(name, text);
  registry.aggregate<EndValue<end, Timestamp>>(name, text);
  registry.aggregate<EndValue<end, Duration>>(name, text);
  registry.aggregate<EndValue<end, Int128>>(name, text);
  registry.aggregate<EndText<end>>(name, text);
  registry.aggregate_octets(name);
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  register_end<End::first>(registry, "first", "The value of the first row in the window.");
  register_end<End::last>(registry, "last", "The value of the last row in the window.");
  registry.alias("first_value", "first");
  registry.alias("last_value", "last");
}

}  // namespace eventflux::aggregates::first_last
