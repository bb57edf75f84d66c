#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "eventflux/error.hpp"
#include "eventflux/time.hpp"

#include "runtime/net/asio.hpp"

namespace eventflux::net {

/// Finds the addresses of a host without ever waiting for the system longer than its caller wants:
/// a look-up that is given up goes on by itself, and its memory is kept until it has ended.
/// Thread: any.
class Resolver {
 public:
  Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  /// Blocks: until `deadline` of `clock` or `stop`. Fails: EF0502 no such host, EF0506, EF0804.
  Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port,
                                        const Clock& clock, Timestamp deadline,
                                        const StopSignal& stop);

 private:
  struct Query;
  void abandon(std::unique_ptr<Query> query);

  std::mutex mutex_;
  std::vector<std::unique_ptr<Query>> abandoned_;  // guarded by mutex_
};

}  // namespace eventflux::net
