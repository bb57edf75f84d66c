#pragma once

#include "eventflux/transport.hpp"

#include "runtime/net/asio.hpp"

namespace eventflux::net {

/// Says why an open connection ended: EF0605 for a message above the cap, else EF0501. `close` is
/// what the peer said, when it said anything, and `message_bytes_max` the cap.
Error session_error(const ErrorCode& reason, const CloseReason& close,
                    std::uint64_t message_bytes_max);
/// Returns the close code that we sent because of `reason`, or 1006 when we could not.
std::uint16_t close_code_of(const ErrorCode& reason);
/// Says why no TCP connection came about: EF0502.
Error connect_error(const std::string& place, const ErrorCode& reason);
/// Says why an upgrade failed: EF0504 for what TLS reports late, else EF0503.
Error upgrade_error(const std::string& place, const ErrorCode& reason);

}  // namespace eventflux::net
