#include "tests/simulation/sim_scheduler.hpp"

#include <algorithm>

namespace eventflux::tests {
namespace {

constexpr std::uint64_t steps_max = 3'000'000;  // more than any run that ends
constexpr std::size_t trace_lines = 80;
constexpr std::uint64_t step_us = 12;
// How soon a wait on the clock looks at its stop signal, as that of the machine does.
constexpr Duration slice = std::chrono::milliseconds(50);

}  // namespace

SimScheduler::SimScheduler(std::uint64_t seed, Timestamp start)
    : rng_(seed), stay_(32 + rng_.below(30)), now_(start) {
  threads_.push_back(std::make_unique<Thread>());
  threads_[0]->name = "driver";
  exec::scheduler = this;
}

SimScheduler::~SimScheduler() {
  exec::scheduler = nullptr;
}

exec::Scheduler::ThreadId SimScheduler::add(const std::string& name) {
  threads_.push_back(std::make_unique<Thread>());
  threads_.back()->name = name;
  // Every sixth thread is slow: others overtake it wherever they may.
  if (rng_.below(6) == 0) threads_.back()->weight = 1;
  return static_cast<ThreadId>(threads_.size() - 1);
}

void SimScheduler::enter(ThreadId id) {
  threads_[id]->turn.acquire();
}

void SimScheduler::leave() {
  threads_[running_]->state = State::finished;
  wake(threads_[running_].get(), true);
  go_on();
}

void SimScheduler::join(ThreadId id) {
  while (threads_[id]->state != State::finished)
    block(threads_[id].get(), "join", std::nullopt);
}

void SimScheduler::yield(const char* place) {
  threads_[running_]->place = place;
  step();
  if (rng_.below(64) >= stay_) go_on();
}

bool SimScheduler::block(const void* on, const char* place, std::optional<Timestamp> deadline) {
  Thread& self = *threads_[running_];
  self.state = State::blocked;
  self.on = on;
  self.place = place;
  self.deadline = deadline;
  self.woken = false;
  step();
  go_on();
  return self.woken;
}

void SimScheduler::wake(const void* on, bool all) {
  std::vector<Thread*> waiting;
  for (const auto& thread : threads_)
    if (thread->state == State::blocked && thread->on == on) waiting.push_back(thread.get());
  if (waiting.empty()) return;
  if (!all) waiting = {waiting[rng_.below(waiting.size())]};
  for (Thread* thread : waiting) {
    thread->state = State::ready;
    thread->woken = true;
  }
}

void SimScheduler::driver_waits_until(Timestamp deadline, std::uint64_t step) {
  driver_step_ = step;
  block(&driver_step_, "sleep", deadline);
  driver_step_ = 0;
}

void SimScheduler::step() {
  now_ = now_ + Duration(static_cast<std::int64_t>(rng_.below(step_us)));
  if (++steps_ == driver_step_) wake(&driver_step_, true);
  if (steps_ == steps_max) on_stuck("the run does not end\n" + state_of_threads());
  wake_sleepers();
}

void SimScheduler::wake_sleepers() {
  for (const auto& thread : threads_) {
    const bool due = thread->deadline && *thread->deadline <= now_;
    if (thread->state == State::blocked && due) thread->state = State::ready;
  }
}

/// Returns a thread that can go on; nothing when all wait.
std::optional<exec::Scheduler::ThreadId> SimScheduler::choose() {
  std::uint64_t weights = 0;
  for (const auto& thread : threads_)
    if (thread->state == State::ready) weights += thread->weight;
  if (weights == 0) return std::nullopt;
  std::uint64_t at = rng_.below(weights);
  for (ThreadId id = 0; id < threads_.size(); ++id) {
    if (threads_[id]->state != State::ready) continue;
    if (at < threads_[id]->weight) return id;
    at -= threads_[id]->weight;
  }
  return std::nullopt;
}

/// All wait: the earliest deadline is now.
void SimScheduler::jump() {
  std::optional<Timestamp> earliest;
  for (const auto& thread : threads_) {
    if (thread->state != State::blocked || !thread->deadline) continue;
    if (!earliest || *thread->deadline < *earliest) earliest = thread->deadline;
  }
  if (!earliest) return on_stuck("all threads wait for ever\n" + state_of_threads());
  now_ = std::max(now_, *earliest);
  wake_sleepers();
}

void SimScheduler::go_on() {
  auto next = choose();
  while (!next) {
    jump();
    next = choose();
  }
  mix(*next);
  mix(static_cast<std::uint64_t>(now_.us));
  switch_to(*next);
}

void SimScheduler::switch_to(ThreadId next) {
  const ThreadId self = running_;
  if (next == self) return;
  const bool ends = threads_[self]->state == State::finished;
  Thread& waiter = *threads_[self];
  running_ = next;
  threads_[next]->turn.release();
  if (!ends) waiter.turn.acquire();
}

void SimScheduler::mix(std::uint64_t value) {
  digest_ = (digest_ ^ value) * 0x100000001B3U;
}

void SimScheduler::note(std::string text) {
  for (const char c : text)
    mix(static_cast<unsigned char>(c));
  trace_.push_back(to_text(now_) + " step " + std::to_string(steps_) + " [" +
                   threads_[running_]->name + "] " + std::move(text));
  if (trace_.size() > trace_lines) trace_.pop_front();
}

std::string SimScheduler::trace_tail() const {
  std::string text;
  for (const std::string& line : trace_)
    text += line + "\n";
  return text;
}

std::string SimScheduler::state_of_threads() const {
  std::string text;
  for (const auto& thread : threads_) {
    if (thread->state == State::finished) continue;
    text += "  " + thread->name + (thread->state == State::ready ? ": ready at " : ": waits at ") +
            thread->place + "\n";
  }
  return text;
}

void SimClock::wait_until(Timestamp until, const StopSignal& stop) {
  while (now() < until && !stop.stopping())
    scheduler_.block(this, "clock", std::min(until, now() + slice));
}

}  // namespace eventflux::tests
