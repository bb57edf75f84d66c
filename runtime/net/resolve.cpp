#include "runtime/net/resolve.hpp"

#include <algorithm>
#include <netdb.h>

#include <boost/asio/ip/address.hpp>

namespace eventflux::net {
namespace {

constexpr Duration slice = std::chrono::milliseconds(20);

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

}  // namespace

struct Resolver::Query {
  explicit Query(std::string name) : host(std::move(name)) {
    hints.ai_socktype = SOCK_STREAM;
    request.ar_name = host.c_str();
    request.ar_request = &hints;
  }

  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  ~Query() {
    if (request.ar_result != nullptr) ::freeaddrinfo(request.ar_result);
  }

  bool start() {
    gaicb* list = &request;
    return ::getaddrinfo_a(GAI_NOWAIT, &list, 1, nullptr) == 0;
  }

  bool running() { return ::gai_error(&request) == EAI_INPROGRESS; }

  void wait() {
    const gaicb* list = &request;
    const timespec patience{0, std::chrono::nanoseconds(slice).count()};
    ::gai_suspend(&list, 1, &patience);
  }

  std::string host;
  addrinfo hints{};
  gaicb request{};
};

Resolver::Resolver() = default;

Resolver::~Resolver() {
  // The system still writes to these; a process that ends frees them anyway.
  for (auto& query : abandoned_)
    if (query->running()) static_cast<void>(query.release());
}

void Resolver::abandon(std::unique_ptr<Query> query) {
  const std::lock_guard lock(mutex_);
  std::erase_if(abandoned_, [](const auto& old) { return !old->running(); });
  if (::gai_cancel(&query->request) == EAI_NOTCANCELED) abandoned_.push_back(std::move(query));
}

Result<std::vector<Endpoint>> Resolver::resolve(const std::string& host, std::uint16_t port,
                                                const Clock& clock, Timestamp deadline,
                                                const StopSignal& stop) {
  ErrorCode no_number;
  const auto number = asio::ip::make_address(host, no_number);
  if (!no_number) return std::vector<Endpoint>{Endpoint(number, port)};
  auto query = std::make_unique<Query>(host);
  const Error unknown{Code::connection_refused, "cannot find the host '" + host + "'"};
  if (!query->start()) return unknown;
  while (query->running()) {
    const bool late = clock.steady() >= deadline;
    if (late || stop.stopping()) {
      abandon(std::move(query));
      if (late) return Error{Code::timed_out, "looking up the host '" + host + "' took too long"};
      return Error{Code::wrong_lifecycle, "stopped while connecting"};
    }
    query->wait();
  }
  std::vector<Endpoint> found;
  for (const addrinfo* it = query->request.ar_result; it != nullptr; it = it->ai_next)
    if (const auto endpoint = endpoint_of(it->ai_addr, port)) found.push_back(*endpoint);
  if (found.empty()) return unknown;
  return found;
}

}  // namespace eventflux::net
