#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/time.hpp"

/// What the answer to an upgrade means, apart from its bytes.
namespace eventflux::net {

/// Returns the wait that a header Retry-After asks for: seconds, or the time until a date. Zero
/// when there is no such header, it cannot be read, or its date has passed. Source: RFC 9110
/// section 10.2.3; dates in the form that section 5.6.7 wants senders to write.
std::chrono::seconds retry_after(std::string_view header, Timestamp now);

/// Checks the headers Sec-WebSocket-Extensions of an answer against an offer of permessage-deflate
/// with no parameter but client_max_window_bits. Fails: EF0503.
/// Source: RFC 6455 section 9.1, RFC 7692 section 7.1.
Result<void> check_accepted_extensions(const std::vector<std::string>& headers, bool offered);

}  // namespace eventflux::net
