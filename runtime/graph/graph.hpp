#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/graph/operator.hpp"
#include "runtime/time/time_domain.hpp"

namespace eventflux::runtime {

/// The operators of an app, in topological order, with their clocks. It knows no threads: whoever
/// owns it calls it from one thread at a time.
class Graph {
 public:
  Graph();

  template <class N, class... Arguments>
  N& add(Arguments&&... arguments) {
    auto op = std::make_unique<N>(std::forward<Arguments>(arguments)...);
    N& added = *op;
    operators_.push_back(std::move(op));
    return added;
  }

  /// Calls flush() of a node after every run, in the order of these calls.
  void flush_after_runs(Operator& op) { flushed_.push_back(&op); }

  TimeDomain& processing_time() { return processing_; }

  const TimeDomain& processing_time() const { return processing_; }

  /// Adds a clock of event time; it is stored under `name`, that of its stream.
  TimeDomain& add_domain(std::string name);

  /// Takes rows first … first + count - 1 of a batch into the graph at `entry`. Its `time` holds
  /// arrival stamps; stamps of the past count as now. Moves processing time, fires timers at their
  /// places between the rows.
  /// Shape: no selection, at most batch_rows_max rows. Owns: `batch` may be changed.
  void push(Operator& entry, Batch&& batch, std::uint32_t first, std::uint32_t count);

  /// Moves processing time, firing timers in order.
  void advance(Timestamp to) {
    processing_.advance(to.us);
    settle();
  }

  /// Begins at `now`, after a restore and before the first row.
  void start(Timestamp now);
  /// Ends a bounded input: timers of event time fire, so that its windows close. Event time itself
  /// stays where the rows left it, so that the next run goes on from there.
  void end_of_input();
  Timestamp now() const;

  /// Asserts that no operator has lost a row: what entered has left, is held, or was dropped for a
  /// reason. Shape: between two batches, while no row has ended the app.
  void assert_balance() const;

  /// Returns what changed since the last call.
  std::vector<StateDelta> snapshot();
  /// Restores what snapshot() gave, in that order; states that no node owns are passed over. Fails:
  /// EF0702 damaged.
  Result<void> restore(const std::vector<StateDelta>& states);

  const std::vector<std::unique_ptr<Operator>>& operators() const { return operators_; }

 private:
  struct EventClock {
    std::string name;
    std::unique_ptr<TimeDomain> domain;
  };

  void settle();
  std::string save_clocks() const;
  const std::int64_t* arrival_stamps(const Batch& rows, std::uint32_t first, std::uint32_t end);
  Result<void> restore_clocks(std::string_view bytes);
  std::uint32_t push_segment(Operator& entry, Batch& rows, std::uint32_t first, std::uint32_t end);

  TimeDomain processing_;
  std::vector<EventClock> clocks_;
  std::vector<std::unique_ptr<Operator>> operators_;
  std::vector<Operator*> flushed_;
  std::vector<std::int64_t> arrived_;
  std::uint64_t next_sequence_ = 0;
};

/// Row indices 0, 1, 2 …; a part of it selects a range of rows.
const std::array<std::uint16_t, batch_rows_max>& all_rows();

}  // namespace eventflux::runtime
