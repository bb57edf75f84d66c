// How rows of a host and of callbacks enter the graph.
// Invariant: the graph is only touched by the thread that has its turn. A callback has it already,
// so what it sends waits in sent_ until the batch it was called with is through.
#include <limits>
#include <utility>

#include "engine/live_parts.hpp"

namespace eventflux::engine {
namespace {

/// Ends a sender's wait once the app no longer runs.
struct NotRunning final : StopSignal {
  explicit NotRunning(const std::atomic<RunState>& of) : state(of) {}

  bool stopping() const noexcept override { return state != RunState::running; }

  const std::atomic<RunState>& state;
};

}  // namespace

void Runner::in_turn(const std::function<void()>& body) {
  if (turn_.mine()) return body();
  const std::lock_guard lock(turn_);
  body();
}

TapId Runner::add_tap(std::size_t stream, Tap tap) {
  TapId id = 0;
  in_turn([&] { id = core_->add_tap(stream, std::move(tap)); });
  return id;
}

void Runner::remove_tap(std::size_t stream, TapId id) {
  in_turn([&] { core_->remove_tap(stream, id); });
}

Result<void> Runner::check_running() const {
  if (state_ != RunState::running) return Error{Code::wrong_lifecycle, "the app is not running"};
  if (core_->failure().is_ending()) return *core_->failure().error();
  return {};
}

BatchBuilder Runner::new_rows(std::size_t stream) const {
  return BatchBuilder(core_->stream(stream).schema);
}

Result<void> Runner::push(std::size_t stream, BatchBuilder& rows) {
  if (turn_.mine()) {
    // While the app drains, callbacks still pass on what is left.
    if (state_ != RunState::draining) EF_CHECK(check_running());
    sent_.push_back({stream, std::exchange(rows, new_rows(stream))});
    return {};
  }
  if (!options_.inline_graph) return push_queued(stream, rows);
  const std::lock_guard lock(turn_);
  return push_inline(stream, rows, host_.clock.now());
}

Result<void> Runner::push_row(std::size_t stream, FillRows fill) {
  if (turn_.mine()) {
    BatchBuilder rows = new_rows(stream);
    EF_CHECK(fill(rows, host_.clock.now()));
    return push(stream, rows);
  }
  if (!options_.inline_graph) {
    EF_CHECK(check_running());
    auto intake = empty_intake(stream);
    EF_CHECK(fill(intake->parts[0].rows, host_.clock.now()));
    intake->add_run(0, 0, 1);
    return hand_over(intake);
  }
  const std::lock_guard lock(turn_);
  row_builders_.resize(core_->plan().app.streams.size());
  std::optional<BatchBuilder>& rows = row_builders_[stream];
  if (!rows) rows = new_rows(stream);
  rows->clear();
  const Timestamp now = host_.clock.now();
  EF_CHECK(fill(*rows, now));
  return push_inline(stream, *rows, now);
}

/// Gives the rows to the graph's thread, in the place of others that it is done with. Rows that are
/// not taken stay the caller's.
Result<void> Runner::push_queued(std::size_t stream, BatchBuilder& rows) {
  EF_CHECK(check_running());
  auto intake = empty_intake(stream);
  std::swap(intake->parts[0].rows, rows);
  intake->add_run(0, 0, intake->parts[0].rows.rows());
  auto taken = hand_over(intake);
  if (!taken.ok()) std::swap(intake->parts[0].rows, rows);
  return taken;
}

std::unique_ptr<runtime::Intake> Runner::empty_intake(std::size_t stream) {
  auto spare = queue_.spare(static_cast<std::uint32_t>(sources_.size() + stream));
  return spare != nullptr ? std::move(spare) : rows_of_host(stream, new_rows(stream));
}

std::unique_ptr<runtime::Intake> Runner::rows_of_host(std::size_t stream, BatchBuilder rows) const {
  const std::uint32_t count = rows.rows();
  auto intake = std::make_unique<runtime::Intake>();
  intake->source = static_cast<std::uint32_t>(sources_.size() + stream);
  intake->parts.push_back({&core_->entry(stream), std::move(rows)});
  intake->add_run(0, 0, count);
  return intake;
}

Result<void> Runner::hand_over(std::unique_ptr<runtime::Intake>& intake) {
  const NotRunning stopped(state_);
  return queue_.put(intake, stopped);
}

/// Runs the graph in the caller's turn.
Result<void> Runner::push_inline(std::size_t stream, BatchBuilder& rows, Timestamp now) {
  EF_CHECK(check_running());  // It may have been stopped while others had their turn.
  run_graph([&] {
    run_rows(stream, rows);
    run_sent();
    advance_clock(now);
    run_sent();
    cut_epoch_if_due();
    seal_for_idle_sinks();
  });
  auto outcome = check_running();
  if (!outcome.ok()) note_end_of_source();
  return outcome;
}

/// Leaves `rows` empty.
void Runner::run_rows(std::size_t stream, BatchBuilder& rows) {
  if (rows_since_ == 0) dirty_since_ = host_.clock.steady();
  core_->push_rows(core_->entry(stream), rows, 0, rows.rows());
  rows_since_ += rows.rows();
  bytes_since_ += rows.bytes();
  rows.clear();
}

/// Processes what callbacks sent, and what callbacks send because of that.
void Runner::run_sent() {
  while (!sent_.empty() && !give_up_ && !core_->failure().is_ending()) {
    std::vector<Sent> sent = std::exchange(sent_, {});
    for (Sent& one : sent)
      run_rows(one.stream, one.rows);
  }
}

Result<std::unique_ptr<runtime::Intake>> Runner::InlineTarget::hand_over(
    std::unique_ptr<runtime::Intake> intake, const StopSignal& /*stop*/) {
  const std::lock_guard lock(runner.turn_);
  runner.run_graph([&] { runner.run_intake(intake); });
  if (runner.core_->failure().is_ending()) runner.note_end_of_source();
  if (intake != nullptr) intake->clear();
  return intake;
}

Result<void> Runner::advance() {
  if (turn_.mine())
    return Error{Code::wrong_lifecycle, "a callback cannot move the time of the app that runs it"};
  EF_CHECK(check_running());
  if (options_.inline_graph) {
    const std::lock_guard lock(turn_);
    EF_CHECK(check_running());
    run_graph([&] {
      advance_clock(host_.clock.now());
      run_sent();
      cut_epoch_if_due();
    });
    return check_running();
  }
  // It goes the way of rows, so that those sent before are through when the time moves.
  bool moved = false;  // guarded by wait_mutex_
  auto intake = std::make_unique<runtime::Intake>();
  intake->source = std::numeric_limits<std::uint32_t>::max();
  intake->after = [&] {
    run_graph([&] {
      advance_clock(host_.clock.now());
      run_sent();
    });
    const std::lock_guard lock(wait_mutex_);
    moved = true;
    wait_changed_.notify_all();
  };
  EF_CHECK(hand_over(intake));
  std::unique_lock lock(wait_mutex_);
  wait_changed_.wait(lock, [&] { return moved; });
  lock.unlock();
  return check_running();
}

}  // namespace eventflux::engine
