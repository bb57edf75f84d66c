#include "runtime/net/event_loop.hpp"

#include <algorithm>
#include <exception>

#include <boost/asio/post.hpp>

namespace eventflux::net {
namespace {

// How soon a waiting thread looks at a stop signal that cannot wake it: half of the promised 100
// ms.
constexpr Duration slice = std::chrono::milliseconds(50);
// Enough for the steps of one message; a peer that keeps us busy cannot stretch a wait for ever.
constexpr int rounds_late_max = 64;

}  // namespace

EventLoop::EventLoop(const Clock& clock) : clock_(clock), work_(asio::make_work_guard(io_)) {}

void EventLoop::update(const std::function<void()>& change) {
  const std::lock_guard lock(mutex_);
  change();
  changed_.notify_all();
}

void EventLoop::wake() {
  asio::post(io_, [] {});
  changed_.notify_all();
}

void EventLoop::drain() {
  try {
    io_.poll();
  } catch (const std::exception&) {
    // As in run_some().
  }
}

std::size_t EventLoop::run_some(Duration patience) {
  try {
    // Mostly something is ready, and then no clock need be read.
    const std::size_t ran = io_.poll_one();
    return ran > 0 || patience <= Duration::zero() ? ran : io_.run_one_for(patience);
  } catch (const std::exception&) {
    // Memory ran out inside a handler. Its operation never completes, so its waiter's time runs out
    // and the connection is given up like one that is silent.
    return 0;
  }
}

bool EventLoop::wait(const std::function<void()>& start, const std::function<bool()>& done,
                     Duration patience) {
  // A day, so that no caller's "for ever" overflows.
  const Timestamp deadline = clock_.steady() + std::min<Duration>(patience, std::chrono::hours(24));
  exec::Lock lock(mutex_);
  bool started = !start;
  if (driven_ && !started) {
    asio::post(io_, start);
    started = true;
  }
  int rounds_late = 0;
  while (!started || !done()) {
    const Duration left = deadline - clock_.steady();
    if (driven_) {
      if (left <= Duration::zero()) return false;
      changed_.wait_for(lock, std::min(left, slice));
      continue;
    }
    driven_ = true;
    lock.unlock();
    if (!started) start();
    started = true;
    const std::size_t ran = run_some(std::min(left, slice));
    lock.lock();
    driven_ = false;
    changed_.notify_all();
    // What is ready is still done when time is over: a wait of zero sees what the kernel holds.
    if (left <= Duration::zero() && (ran == 0 || ++rounds_late == rounds_late_max)) return done();
  }
  return true;
}

}  // namespace eventflux::net
