#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
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

class ErrorLog final : public Log {
 public:
  ErrorLog(LogLevel least, LogFormat format)
      : format_(format), logger_("eventflux", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
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

std::unique_ptr<Log> make_error_log(LogLevel least, LogFormat format) {
  return std::make_unique<ErrorLog>(least, format);
}

std::unique_ptr<Log> make_silent_log() {
  return std::make_unique<SilentLog>();
}

}  // namespace eventflux::base
