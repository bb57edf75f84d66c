#pragma once

#include <vector>

#include "eventflux/error.hpp"
#include "eventflux/time.hpp"

#include "runtime/net/asio.hpp"

namespace eventflux::net {

/// Finds the addresses of a host. The system's look-up cannot be cut short, so it runs on a thread
/// of its own, which is left to itself when the caller no longer waits. Blocks: until `deadline` of
/// `clock` or `stop`. Fails: EF0502 no such host, EF0506, EF0804.
Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port,
                                      const Clock& clock, Timestamp deadline,
                                      const StopSignal& stop);

}  // namespace eventflux::net
