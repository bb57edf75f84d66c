#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "eventflux/error.hpp"

namespace eventflux::net {

/// Checks a header that a user gave. The library behind us would send CR and LF as they are, and
/// with them headers or requests of the value's choosing. Fails: EF0508 for a name that is no token
/// or belongs to the protocol, or a value with a control byte other than the tab; the value itself
/// is never shown.
Result<void> check_header(std::string_view name, std::string_view value);
Result<void> check_headers(std::span<const std::pair<std::string, std::string>> headers);
/// Checks a subprotocol's name. Fails: EF0508.
Result<void> check_subprotocol(std::string_view name);

}  // namespace eventflux::net
