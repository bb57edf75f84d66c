#pragma once

#include "runtime/net/dial.hpp"

namespace eventflux::net {

/// Asks an HTTP proxy for a line to a URL's host. Fails: EF0503 with its status, EF0506, EF0804.
/// Source: RFC 9110 section 9.3.6, CONNECT.
Result<void> open_tunnel(EventLoop& loop, Socket& socket, const Url& url,
                         const ConnectDeadline& patience);

}  // namespace eventflux::net
