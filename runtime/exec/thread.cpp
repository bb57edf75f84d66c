#include "runtime/exec/thread.hpp"

#include <csignal>
#include <pthread.h>
#include <utility>

#include "runtime/exec/run_foreign.hpp"

namespace eventflux::exec {
namespace {

// The kernel keeps 15 bytes and a zero; a longer name would be refused, not cut.
constexpr std::size_t name_bytes_max = 15;

// Signals belong to the main thread: a handler that runs anywhere else could interrupt a commit.
void leave_signals_to_main() {
  sigset_t all;
  sigfillset(&all);
  for (const int fatal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    sigdelset(&all, fatal);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::thread start(const std::string& name, std::function<void()> body, FailureSink on_failure,
                  Scheduler::ThreadId simulated) {
  return std::thread([name, simulated, body = std::move(body), on_failure = std::move(on_failure)] {
    leave_signals_to_main();
    pthread_setname_np(pthread_self(), name.substr(0, name_bytes_max).c_str());
    if (scheduler != nullptr) scheduler->enter(simulated);
    if (auto ran = run_foreign(name, body); !ran.ok()) on_failure(std::move(ran).error());
    if (scheduler != nullptr) scheduler->leave();
  });
}

Scheduler::ThreadId announce(const std::string& name) {
  return scheduler == nullptr ? 0 : scheduler->add(name);
}

}  // namespace

Thread::Thread(const std::string& name, std::function<void()> body, FailureSink on_failure)
    : simulated_(announce(name)) {
  thread_ = start(name, std::move(body), std::move(on_failure), simulated_);
}

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this == &other) return *this;
  join();
  thread_ = std::move(other.thread_);
  simulated_ = other.simulated_;
  return *this;
}

void Thread::signal(int number) {
  pthread_kill(thread_.native_handle(), number);
}

void Thread::join() {
  if (!thread_.joinable()) return;
  if (scheduler != nullptr) scheduler->join(simulated_);
  thread_.join();
}

void start_detached(const std::string& name, std::function<void()> body) {
  start(
      name, std::move(body), [](const Error&) {}, announce(name))
      .detach();
}

}  // namespace eventflux::exec
