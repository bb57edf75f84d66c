#include "eventflux/extension.hpp"
#include "eventflux/row_text.hpp"

namespace eventflux {

template <>
struct ParamCodec<LogLevel> : ChoiceCodec<LogLevel, ParamCodec<LogLevel>> {
  static constexpr std::array<std::string_view, 4> choices{"debug", "info", "warn", "error"};
};

}  // namespace eventflux

namespace eventflux::connectors::log {
namespace {

struct Options {
  std::string prefix = "[LOG]";
  LogLevel level = LogLevel::info;
  RowRate limit{100, std::chrono::seconds(1)};
};

/// Appends text as a value of key=value: bare when it is one word, else in quotes.
void append_value(std::string_view text, std::string& out) {
  if (!text.empty() && text.find_first_of(" =\"\\\t\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  out += '"';
}

class LogSink final : public Sink {
 public:
  LogSink(Options options, Context& context)
      : options_(std::move(options)),
        clock_(context.clock),
        log_(context.log),
        name_(context.name) {}

  Result<void> open(const Schema& schema) override {
    schema_ = schema;
    began_ = clock_.steady();
    return {};
  }

  WriteResult write(const OutputBatch& output) override {
    if (output.rows == nullptr) return WriteResult::accepted();
    for (std::uint32_t row = 0; row < output.rows->size(); ++row)
      write_row(*output.rows, row);
    return WriteResult::accepted();
  }

  Result<void> flush() override {
    next_period();
    return {};
  }

 private:
  void write_row(const Batch& batch, std::uint32_t row) {
    next_period();
    if (options_.limit.count > 0 && written_ >= options_.limit.count) {
      ++suppressed_;
      return;
    }
    ++written_;
    line_ = options_.prefix;
    if (!name_.empty()) line_ += " stream=" + name_;
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      line_ += ' ';
      line_ += schema_.fields[i].name;
      line_ += '=';
      text_.clear();
      if (batch.is_null(row, i)) {
        line_ += "null";
      } else {
        write_cell(batch.columns[i], batch.selection[row], text_);
      }
      if (!batch.is_null(row, i)) append_value(text_, line_);
    }
    log_.write(options_.level, line_);
  }

  // What a period suppressed is told when it is over.
  void next_period() {
    const Timestamp now = clock_.steady();
    if (now - began_ < options_.limit.per) return;
    if (suppressed_ > 0) {
      log_.write(LogLevel::warn, options_.prefix + " stream=" + name_ +
                                     " suppressed_rows=" + std::to_string(suppressed_));
    }
    began_ = now;
    written_ = 0;
    suppressed_ = 0;
  }

  Options options_;
  Clock& clock_;
  Log& log_;
  std::string name_;
  Schema schema_{};
  std::string line_{};
  std::string text_{};
  Timestamp began_{};
  double written_ = 0;
  std::uint64_t suppressed_ = 0;
};

}  // namespace

void register_extension(Registry& registry) {
  ParamSpec<Options> params{
      param("prefix", &Options::prefix, "Text in front of each row."),
      param("level", &Options::level, "Level of the log lines."),
      param("limit", &Options::limit, "Rows logged at most; the others are counted. 0: all."),
  };
  registry.sink<LogSink>("log", "Writes rows to the log, as key=value pairs.",
                         {.delivery = SinkClass::s0_unacknowledged, .rows = true},
                         std::move(params));
}

}  // namespace eventflux::connectors::log
