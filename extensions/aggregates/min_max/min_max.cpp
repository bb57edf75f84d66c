#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <limits>

#include "eventflux/extension.hpp"

namespace eventflux::aggregates::min_max {
namespace {

enum class Side : std::uint8_t { least, greatest };

/// NaN is greater than every number. Without a branch, because what wins is often a matter of
/// chance.
template <Side side, class T>
bool beats(const T& a, const T& b) {
  if constexpr (std::floating_point<T>) {
    const bool a_nan = std::isnan(a);
    const bool b_nan = std::isnan(b);
    if constexpr (side == Side::least) {
      return (a < b) | (b_nan & !a_nan);
    } else {
      return (b < a) | (a_nan & !b_nan);
    }
  } else if constexpr (side == Side::least) {
    return a < b;
  } else {
    return b < a;
  }
}

/// Numbers as integers of the same order, NaN last: of two integers the processor picks the lesser
/// without a branch, and which one that is, is a matter of chance.
template <class T>
std::int64_t rank(T value) {
  if constexpr (std::floating_point<T>) {
    const double plain = std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value;
    const auto bits = std::bit_cast<std::int64_t>(plain);
    return bits ^ ((bits >> 63) & std::numeric_limits<std::int64_t>::max());
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return value.us;
  } else if constexpr (std::is_same_v<T, Duration>) {
    return value.count();
  } else {
    return static_cast<std::int64_t>(value);
  }
}

template <class T>
T from_rank(std::int64_t rank) {
  if constexpr (std::floating_point<T>) {
    const std::int64_t bits = rank ^ ((rank >> 63) & std::numeric_limits<std::int64_t>::max());
    return static_cast<T>(std::bit_cast<double>(bits));
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return Timestamp{rank};
  } else {
    return static_cast<T>(rank);
  }
}

template <Side side, class T>
struct Extremum {
  using Input = T;
  using Output = T;

  struct State {
    T value{};
    bool present = false;
  };

  using Packed = std::int64_t;  // the rank
  static constexpr Packed neutral = side == Side::least ? std::numeric_limits<std::int64_t>::max()
                                                        : std::numeric_limits<std::int64_t>::min();

  static Packed pack(Input value) { return rank(value); }

  static Packed merge_packed(Packed older, Packed newer) {
    return side == Side::least ? std::min(older, newer) : std::max(older, newer);
  }

  static State unpack(Packed value, std::uint32_t /*values*/) {
    return {from_rank<T>(value), true};
  }

  static void add(State& state, Input value) {
    if (state.present && !beats<side, T>(value, state.value)) return;
    state.value = value;
    state.present = true;
  }

  static void merge(State& state, const State& newer) {
    if (newer.present) add(state, newer.value);
  }

  static std::optional<Output> result(const State& state) {
    if (!state.present) return std::nullopt;
    return state.value;
  }
};

/// Without a smaller form: a DECIMAL takes all of its 16 bytes.
template <Side side>
struct DecimalExtremum {
  using Input = Int128;
  using Output = Int128;

  struct State {
    Int128 value = 0;
    std::int64_t present = 0;
    std::int64_t unused = 0;  // no byte of a snapshot is left to chance
  };

  static void add(State& state, Input value) {
    if (state.present != 0 && !beats<side, Int128>(value, state.value)) return;
    state.value = value;
    state.present = 1;
  }

  static void merge(State& state, const State& newer) {
    if (newer.present != 0) add(state, newer.value);
  }

  static std::optional<Output> result(const State& state) {
    if (state.present == 0) return std::nullopt;
    return state.value;
  }
};

/// Text is owned, because it outlives the batch that brought it.
template <Side side>
struct TextExtremum {
  using Input = std::string_view;
  using Output = std::string_view;

  struct State {
    static constexpr bool relocatable = true;

    std::unique_ptr<std::string> value;

    State() = default;

    State(const State& other)
        : value(other.value ? std::make_unique<std::string>(*other.value) : nullptr) {}

    State& operator=(State other) {
      value = std::move(other.value);
      return *this;
    }

    State(State&&) noexcept = default;
    ~State() = default;

    void save(SnapshotWriter& writer) const {
      writer.put(static_cast<std::uint8_t>(value ? 1 : 0));
      if (value) writer.put_text(*value);
    }

    Result<void> load(SnapshotReader& reader) {
      EF_TRY(const auto present, reader.get<std::uint8_t>());
      if (present == 0) return {};
      EF_TRY(const auto text, reader.get_text());
      value = std::make_unique<std::string>(text);
      return {};
    }
  };

  static void add(State& state, Input value) {
    if (!state.value) {
      state.value = std::make_unique<std::string>(value);
    } else if (beats<side, std::string_view>(value, *state.value)) {
      state.value->assign(value);
    }
  }

  static void merge(State& state, const State& newer) {
    if (newer.value) add(state, *newer.value);
  }

  static std::optional<Output> result(const State& state) {
    if (!state.value) return std::nullopt;
    return std::string_view(*state.value);
  }
};

template <class Base>
struct Forever : Base {
  static constexpr bool forever = true;
};

template <Side side, template <class> class Wrap>
void register_side(Registry& registry, const std::string& name, const std::string& text) {
  registry.aggregate<Wrap<Extremum<side, bool>>>(name, text);
  registry.aggregate<Wrap<Extremum<side, std::int32_t>>>(name, text);
  registry.aggregate<Wrap<Extremum<side, std::int64_t>>>(name, text);
  registry.aggregate<Wrap<Extremum<side, float>>>(name, text);
  registry.aggregate<Wrap<Extremum<side, double>>>(name, text);
  registry.aggregate<Wrap<Extremum<side, Timestamp>>>(name, text);
  registry.aggregate<Wrap<Extremum<side, Duration>>>(name, text);
  registry.aggregate<Wrap<DecimalExtremum<side>>>(name, text);
  registry.aggregate<Wrap<TextExtremum<side>>>(name, text);
  registry.aggregate_octets(name);
}

template <class Base>
struct Forgetting : Base {};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  register_side<Side::least, Forgetting>(registry, "min", "The least value in the window.");
  register_side<Side::greatest, Forgetting>(registry, "max", "The greatest value in the window.");
  register_side<Side::least, Forever>(registry, "min_forever", "The least value that ever came.");
  register_side<Side::greatest, Forever>(registry, "max_forever",
                                         "The greatest value that ever came.");
}

}  // namespace eventflux::aggregates::min_max
