#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "eventflux/context.hpp"

namespace eventflux::base {

enum class LogFormat : std::uint8_t { text, json };

/// Takes whole lines with their line end, one call at a time.
using LineWriter = std::function<void(std::string_view line)>;

/// Writes lines with time and level, as text or as one JSON object each. Thread: any.
std::unique_ptr<Log> make_line_log(LogLevel least, LogFormat format, LineWriter writer);
/// Writes nothing.
std::unique_ptr<Log> make_silent_log();

}  // namespace eventflux::base
