#pragma once

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

#include "eventflux/time.hpp"

#include "runtime/net/asio.hpp"

namespace eventflux::net {

/// When bytes were last read from a line. Thread: any.
class Activity {
 public:
  explicit Activity(const Clock& clock) : clock_(clock), last_us_(clock.steady().us) {}

  void note() { last_us_.store(clock_.steady().us, std::memory_order_relaxed); }

  Duration silence() const {
    return clock_.steady() - Timestamp{last_us_.load(std::memory_order_relaxed)};
  }

 private:
  const Clock& clock_;
  std::atomic<std::int64_t> last_us_;
};

/// The continuation of an asynchronous operation, whatever its type: it keeps Beast's templates out
/// of the files that move bytes.
class Completion {
 public:
  using executor_type = Executor;

  template <class Handler>

  requires(!std::is_same_v<std::decay_t<Handler>, Completion>)
      Completion(Handler&& handler, Executor executor, Activity* activity = nullptr)
      : box_(new Box<std::decay_t<Handler>>(std::forward<Handler>(handler))),
        executor_(std::move(executor)),
        activity_(activity) {}

  executor_type get_executor() const noexcept { return executor_; }

  void operator()(ErrorCode failed, std::size_t bytes = 0) {
    if (activity_ != nullptr && bytes > 0) activity_->note();
    box_.release()->call(failed, bytes);
  }

 private:
  struct Callable {
    virtual ~Callable() = default;
    /// Ends the life of this object before it calls, as Asio's handlers expect of their memory.
    virtual void call(ErrorCode failed, std::size_t bytes) = 0;
  };

  template <class Handler>
  struct Box final : Callable {
    explicit Box(Handler&& handler) : kept(std::move(handler)) {}

    explicit Box(const Handler& handler) : kept(handler) {}

    void call(ErrorCode failed, std::size_t bytes) override {
      Handler handler(std::move(kept));
      delete this;
      std::move(handler)(failed, bytes);
    }

    Handler kept;
  };

  std::unique_ptr<Callable> box_;
  Executor executor_;
  Activity* activity_;
};

}  // namespace eventflux::net
