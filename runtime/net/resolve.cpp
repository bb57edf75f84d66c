#include "runtime/net/resolve.hpp"

#include <algorithm>
#include <memory>
#include <netdb.h>
#include <optional>

#include <boost/asio/ip/address.hpp>

#include "runtime/exec/mutex.hpp"
#include "runtime/exec/thread.hpp"

namespace eventflux::net {
namespace {

// How soon a waiting caller looks at its stop signal.
constexpr Duration slice = std::chrono::milliseconds(20);

/// One look-up; the thread that does it and the caller that waits for it share it.
struct Lookup {
  std::string host{};
  std::uint16_t port = 0;
  exec::Mutex mutex{};
  exec::ConditionVariable changed{};
  bool done = false;              // guarded by mutex
  std::vector<Endpoint> found{};  // guarded by mutex
};

std::optional<Endpoint> endpoint_of(const sockaddr* address, std::uint16_t port) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return Endpoint(asio::ip::address_v4(ntohl(v4->sin_addr.s_addr)), port);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  asio::ip::address_v6::bytes_type bytes;
  std::copy_n(v6->sin6_addr.s6_addr, bytes.size(), bytes.begin());
  return Endpoint(asio::ip::address_v6(bytes, v6->sin6_scope_id), port);
}

void look_up(Lookup& lookup) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<Endpoint> found;
  if (::getaddrinfo(lookup.host.c_str(), nullptr, &hints, &list) == 0) {
    for (const addrinfo* it = list; it != nullptr; it = it->ai_next)
      if (const auto endpoint = endpoint_of(it->ai_addr, lookup.port)) found.push_back(*endpoint);
    ::freeaddrinfo(list);
  }
  const std::lock_guard lock(lookup.mutex);
  lookup.found = std::move(found);
  lookup.done = true;
  lookup.changed.notify_all();
}

}  // namespace

Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port,
                                      const Clock& clock, Timestamp deadline,
                                      const StopSignal& stop) {
  ErrorCode no_number;
  const auto number = asio::ip::make_address(host, no_number);
  if (!no_number) return std::vector<Endpoint>{Endpoint(number, port)};
  const auto lookup = std::make_shared<Lookup>();
  lookup->host = host;
  lookup->port = port;
  exec::start_detached("look-up", [lookup] { look_up(*lookup); });
  exec::Lock lock(lookup->mutex);
  while (!lookup->done) {
    if (stop.stopping()) return Error{Code::wrong_lifecycle, "stopped while connecting"};
    if (clock.steady() >= deadline)
      return Error{Code::timed_out, "looking up the host '" + host + "' took too long"};
    lookup->changed.wait_for(lock, slice);
  }
  if (lookup->found.empty())
    return Error{Code::connection_refused, "cannot find the host '" + host + "'"};
  return std::move(lookup->found);
}

}  // namespace eventflux::net
