#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>

#include "eventflux/extension.hpp"
#include "eventflux/row_text.hpp"

#include "column.hpp"

namespace eventflux::connectors::generator {
namespace {

struct Options {
  RowRate rate{1, std::chrono::seconds(1)};
  std::int64_t seed = 42;
  std::int64_t count = 0;
  ParamMap columns{};
};

ParamSpec<Options> params() {
  return {
      param("rate", &Options::rate, "Rows per time; 0: as fast as they are taken."),
      param("seed", &Options::seed, "Same seed, same rows."),
      param("count", &Options::count, "Rows after which the source ends; 0: never.").at_least(0),
      // The empty prefix: every other name is that of a column, checked when columns are known.
      param("", &Options::columns, "By column name: what it holds, instead of what suits its type.")
          .example("walk(100,0.5)")
          .valid(check_generator),
  };
}

// Every parameter without a fixed name is that of a column.
bool names_column(const ParamValue& value) {
  return value.name != "rate" && value.name != "seed" && value.name != "count";
}

Error no_column(const std::string& name, const Schema& schema, Span span) {
  return {Code::unknown_column, "unknown column '" + name + "'", "columns: " + to_text(schema),
          span};
}

std::optional<ColumnFault> check_columns(const Schema& schema, const ParamValues& values) {
  for (const ParamValue& value : values) {
    if (!names_column(value)) continue;
    const auto column = schema.find(value.name);
    if (!column) return ColumnFault{0, no_column(value.name, schema, value.name_span)};
    if (value.open) continue;
    if (auto made = make_generator(schema.fields[*column], value.text, 0); !made.ok()) {
      Error error = made.error();
      error.span = value.span;
      return ColumnFault{*column, std::move(error)};
    }
  }
  return std::nullopt;
}

constexpr std::uint64_t chunk_rows = 1024;

class GeneratorSource final : public Source {
 public:
  GeneratorSource(Options options, Context& context)
      : options_(std::move(options)), clock_(context.clock) {}

  Result<void> run(Emitter& out) override {
    EF_CHECK(make_columns(out.schema()));
    EF_CHECK(find_start(out));
    out.live();
    const Timestamp began = clock_.steady();
    const std::uint64_t first = next_;
    const auto end =
        options_.count == 0 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(options_.count);
    while (!out.stopping() && !stopping_) {
      if (next_ >= end) return end_of_input();
      const std::uint64_t due = std::min(first + due_after(clock_.steady() - began), end);
      EF_CHECK(due > next_ ? emit(std::min(due - next_, chunk_rows), out)
                           : wait_until(began + time_of(next_ - first), out));
    }
    return {};
  }

  void stop() noexcept override { stopping_ = true; }

 private:
  Result<void> make_columns(const Schema& schema) {
    for (const auto& [name, text] : options_.columns) {
      if (!schema.find(name)) return no_column(name, schema, {});
    }
    columns_.clear();
    for (const Field& field : schema.fields) {
      const auto written = options_.columns.find(field.name);
      const std::string_view text =
          written == options_.columns.end() ? std::string_view() : written->second;
      EF_TRY(auto column, make_generator(field, text, static_cast<std::uint64_t>(options_.seed)));
      columns_.push_back(std::move(column));
    }
    return {};
  }

  Result<void> find_start(const Emitter& out) {
    const auto cursor = out.resume("");
    if (!cursor) return {};
    const std::string& text = cursor->position;
    const auto [last, code] = std::from_chars(text.data(), text.data() + text.size(), next_);
    if (code != std::errc() || last != text.data() + text.size())
      return Error{Code::position_lost, "the stored cursor cannot be read"};
    return {};
  }

  Error end_of_input() const {
    return {Code::end_of_input, std::to_string(options_.count) + " rows were generated"};
  }

  /// Returns how many rows are due once `elapsed` is over; the first one at once.
  std::uint64_t due_after(Duration elapsed) const {
    if (options_.rate.count == 0) return ~std::uint64_t{0} >> 1U;
    const double periods =
        static_cast<double>(elapsed.count()) / static_cast<double>(options_.rate.per.count());
    return static_cast<std::uint64_t>(periods * options_.rate.count + 1e-9) + 1;
  }

  Duration time_of(std::uint64_t row) const {
    const double per_row = static_cast<double>(options_.rate.per.count()) / options_.rate.count;
    return Duration(static_cast<std::int64_t>(std::ceil(static_cast<double>(row) * per_row)));
  }

  Result<void> wait_until(Timestamp due, Emitter& out) {
    EF_CHECK(out.idle());
    out.pause(due - clock_.steady());
    return {};
  }

  Result<void> emit(std::uint64_t count, Emitter& out) {
    const Timestamp now = clock_.now();
    BatchBuilder& rows = out.rows();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      for (std::uint64_t n = next_; n < next_ + count; ++n)
        columns_[i]->append(n, now, rows.column(i));
    }
    for (std::uint64_t n = 0; n < count; ++n)
      rows.end_row(now);
    next_ += count;
    return out.emit_rows({{}, std::to_string(next_), next_});
  }

  Options options_;
  Clock& clock_;
  std::vector<std::unique_ptr<ColumnGenerator>> columns_{};
  std::uint64_t next_ = 0;  ///< Rows made so far, as the cursor holds it.
  std::atomic<bool> stopping_{false};
};

}  // namespace

void register_extension(Registry& registry) {
  registry.source<GeneratorSource>(
      "generator", "Makes rows from a seed.",
      {.delivery = SourceClass::r2_seekable, .rows = true, .check_columns = check_columns},
      params());
}

}  // namespace eventflux::connectors::generator
