#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace eventflux::bench {

/// Reads a file as it grows and calls back for each whole line, with the time of day at which a
/// reader could see it. It waits for the kernel to say that there is more, so what it sees is late
/// by one wake-up. Units: microseconds since 1970.
class Follower {
 public:
  using OnLine = std::function<void(std::string_view line, std::int64_t seen_us)>;

  Follower(std::string path, OnLine on_line);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

 private:
  void run();
  void take(std::string_view bytes, std::int64_t seen_us);

  std::string path_;
  OnLine on_line_;
  std::string rest_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace eventflux::bench
