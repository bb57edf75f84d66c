#pragma once

#include <functional>
#include <string>
#include <thread>

namespace eventflux::exec {

/// A thread that is joined when its owner lets go of it. All threads of the product are of this
/// type.
class Thread {
 public:
  Thread() = default;
  /// Starts `body`. `name` is what debuggers and `top` show; its first 15 bytes count.
  Thread(const std::string& name, std::function<void()> body);
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  ~Thread() { join(); }

  bool running() const { return thread_.joinable(); }

  /// Blocks: until the body has returned.
  void join();

 private:
  std::thread thread_;
};

/// Runs `body` on a thread that nobody waits for: for calls into the system that cannot be cut
/// short. `body` owns all that it touches, since it may outlive whoever started it.
void start_detached(const std::string& name, std::function<void()> body);

}  // namespace eventflux::exec
