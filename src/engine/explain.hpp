#pragma once

#include <string>
#include <string_view>

#include "engine/compile.hpp"

namespace eventflux::engine {

enum class ExplainFormat : std::uint8_t { text, json, dot };

/// Says what a program does. `query` names one query; empty: all. Fails: EF0806.
Result<std::string> explain(const Compiled& compiled, ExplainFormat format, std::string_view query);
/// Lists the delivery guarantee of every path.
std::string explain_delivery(const Compiled& compiled);

}  // namespace eventflux::engine
