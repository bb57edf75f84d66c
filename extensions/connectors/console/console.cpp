#include "eventflux/extension.hpp"
#include "eventflux/row_text.hpp"

namespace eventflux::connectors::console {
namespace {

enum class Format : std::uint8_t { automatic, box, json, csv, markdown, line, changelog, raw };

struct Options {
  Format format = Format::automatic;
  std::int64_t rows_max = 0;
};

// Format::box and what follows stand in the order of RowFormat.
RowFormat row_format(Format format, const Output* out) {
  if (format == Format::automatic)
    return out != nullptr && out->terminal() ? RowFormat::box : RowFormat::json;
  return static_cast<RowFormat>(static_cast<int>(format) - 1);
}

class ConsoleSink final : public Sink {
 public:
  ConsoleSink(const Options& options, Context& context) : options_(options), out_(context.out) {}

  ~ConsoleSink() override {
    if (out_ == nullptr || !renderer_ || !out_->wrote_last(this)) return;
    if (const std::string end = renderer_->end(); !end.empty()) out_->write(this, end);
  }

  Result<void> open(const Schema& schema) override {
    if (!renderer_) {
      const std::size_t columns = out_ != nullptr && out_->terminal() ? out_->columns() : 0;
      renderer_.emplace(schema, row_format(options_.format, out_), std::string(), columns);
    }
    return {};
  }

  WriteResult write(const OutputBatch& output) override {
    if (out_ == nullptr || output.rows == nullptr) return WriteResult::accepted();
    Batch batch = *output.rows;
    if (options_.rows_max > 0) {
      const std::int64_t left = options_.rows_max - shown_;
      batch.selection.count =
          static_cast<std::uint32_t>(std::min<std::int64_t>(left, batch.selection.count));
    }
    if (batch.size() == 0) return WriteResult::accepted();
    shown_ += batch.size();
    // Text of another stream stands in between: the table begins anew.
    if (!out_->wrote_last(this)) renderer_->restart();
    out_->write(this, renderer_->rows(batch));
    return WriteResult::accepted();
  }

 private:
  Options options_;
  Output* out_;
  std::optional<RowRenderer> renderer_{};
  std::int64_t shown_ = 0;
};

}  // namespace
}  // namespace eventflux::connectors::console

namespace eventflux {

template <>
struct ParamCodec<connectors::console::Format>
    : ChoiceCodec<connectors::console::Format, ParamCodec<connectors::console::Format>> {
  static constexpr std::array<std::string_view, 8> choices{"auto",     "box",  "json",      "csv",
                                                           "markdown", "line", "changelog", "raw"};
};

}  // namespace eventflux

namespace eventflux::connectors::console {

void register_extension(Registry& registry) {
  ParamSpec<Options> params{
      param("format", &Options::format, "How rows are shown; auto: box on a terminal, else json."),
      param("max.rows", &Options::rows_max, "Rows shown at most; 0: all.").at_least(0),
  };
  registry.sink<ConsoleSink>("console", "Shows rows on standard output.",
                             {.delivery = SinkClass::s0_unacknowledged, .rows = true},
                             std::move(params));
}

}  // namespace eventflux::connectors::console
