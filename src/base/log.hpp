#pragma once

#include <memory>

#include "eventflux/context.hpp"

namespace eventflux::base {

enum class LogFormat : std::uint8_t { text, json };

/// Writes lines with time and level to standard error. Thread: any.
std::unique_ptr<Log> make_error_log(LogLevel least, LogFormat format);
/// Writes nothing.
std::unique_ptr<Log> make_silent_log();

}  // namespace eventflux::base
