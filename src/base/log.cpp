#include "base/log.hpp"

#include <mutex>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "base/text.hpp"

namespace eventflux::base {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(LineWriter writer) : writer_(std::move(writer)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    writer_({line.data(), line.size()});
  }

  void flush_() override {}

 private:
  LineWriter writer_;
};

class LineLog final : public Log {
 public:
  LineLog(LogLevel least, LogFormat format, LineWriter writer)
      : format_(format), logger_("eventflux", std::make_shared<LineSink>(std::move(writer))) {
    logger_.set_level(level_of(least));
    logger_.flush_on(spdlog::level::debug);
    logger_.set_pattern(format == LogFormat::text
                            ? "%H:%M:%S.%e %l %v"
                            : R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":%v})");
  }

  void write(LogLevel level, std::string_view text) override {
    if (format_ == LogFormat::json) {
      logger_.log(level_of(level), "{}", quote_json(text));
    } else {
      logger_.log(level_of(level), "{}", text);
    }
  }

 private:
  LogFormat format_;
  spdlog::logger logger_;
};

class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

}  // namespace

std::unique_ptr<Log> make_line_log(LogLevel least, LogFormat format, LineWriter writer) {
  return std::make_unique<LineLog>(least, format, std::move(writer));
}

std::unique_ptr<Log> make_silent_log() {
  return std::make_unique<SilentLog>();
}

}  // namespace eventflux::base
