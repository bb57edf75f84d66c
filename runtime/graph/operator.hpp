#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/batch.hpp"
#include "eventflux/state.hpp"

#include "runtime/expression/evaluator.hpp"
#include "runtime/state/state_delta.hpp"
#include "runtime/time/timed.hpp"

namespace eventflux::runtime {

using Port = std::uint32_t;

/// Why a row went no further.
enum class DropReason : std::uint8_t { filtered, failed, late, ahead, duplicate, unmatched };
inline constexpr std::size_t drop_reasons = 6;
std::string_view drop_reason_name(DropReason reason);

/// What went through a node. Thread: written by the node's own, read by any.
struct Counters {
  std::atomic<std::uint64_t> in{0};
  std::atomic<std::uint64_t> out{0};
  std::atomic<std::uint64_t> held{0};  ///< Rows that wait inside: in open panes.
  std::array<std::atomic<std::uint64_t>, drop_reasons> dropped{};

  void drop(DropReason reason, std::uint64_t rows) {
    if (rows != 0) add(dropped[static_cast<std::size_t>(reason)], rows);
  }

  std::uint64_t dropped_rows() const {
    std::uint64_t rows = 0;
    for (const auto& reason : dropped)
      rows += reason.load(std::memory_order_relaxed);
    return rows;
  }

  /// There is one writer, so that no locked instruction is needed.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t rows) {
    counter.store(counter.load(std::memory_order_relaxed) + rows, std::memory_order_relaxed);
  }
};

/// Counters as somebody reads them.
struct RowCounts {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t held = 0;
  std::array<std::uint64_t, drop_reasons> dropped{};
};

class Operator;

/// Rows of a batch that are dropped for one reason.
struct FirstDropped {
  std::uint64_t rows = 0;
  std::uint32_t row = 0;  ///< The first of them.
  Error error{};

  template <class MakeError>
  void add(std::uint32_t at, MakeError make_error) {
    if (rows++ != 0) return;
    row = at;
    error = make_error();
  }
};

/// Decides what becomes of rows that failed. Thread: that of the node.
class RowErrorPolicy {
 public:
  virtual ~RowErrorPolicy() = default;
  /// Returns whether the app stops at the first of them.
  virtual bool rejected(Operator& op, const Batch& batch, const RowErrors& errors) = 0;
  /// Rows that are dropped without a record: `first` says why the first of them is, at `row`.
  virtual void dropped(const Batch& batch, std::uint32_t row, const Error& first,
                       std::uint64_t rows) = 0;
};

/// A step of a graph. Batches come one after another on one thread and are processed to completion:
/// on_batch() returns after everything downstream has seen what it emitted.
/// Owns: an emitted batch is valid during the emit() call only.
class Operator : public Timed {
 public:
  virtual void on_batch(Port port, const Batch& batch) = 0;

  /// Called once, after a restore and before the first row. `now` is processing time.
  virtual void on_start(std::int64_t /*now*/) {}

  /// The rows that leave a batch window together are complete. `shape` has their time and place.
  virtual void on_emission_end(const Batch& shape) { end_emission(shape); }

  /// Hands on rows that waited for the other inputs of this run.
  virtual void flush() {}

  /// Returns whether each row that enters leaves, is held, or is dropped for a reason: then the
  /// counters balance whenever no batch is under way.
  virtual bool passes_rows_on() const { return false; }

  virtual bool has_state() const { return false; }

  /// Writes what changed since the last call, and perhaps more; nothing when nothing changed.
  /// Returns how many of the newest deltas, this one included, suffice to restore; 0: all.
  virtual std::uint32_t snapshot(DeltaWriter& /*writer*/) { return 0; }

  /// Restores into a new node.
  virtual Result<void> restore(const MergedState& /*records*/) { return {}; }

  void connect(Operator& to, Port port) { edges_.push_back({&to, port}); }

  /// Says that an index in front keeps rows away that the operator would have filtered. Owns: its
  /// counters live as long as this.
  void set_index(const Counters& index) { index_ = &index; }

  /// Returns what has passed, with what an index filtered. Thread: any.
  RowCounts row_counts() const;

  std::string id;     ///< Key of stored state.
  std::string label;  ///< For people.
  Counters counters;
  RowErrorPolicy* row_errors = nullptr;  ///< Null: failed rows are only counted.
  bool durable = false;                  ///< snapshot() will be called: changes are remembered.

 protected:
  void emit(const Batch& batch) {
    Counters::add(counters.out, batch.size());
    for (const Edge& edge : edges_)
      edge.to->on_batch(edge.port, batch);
  }

  void end_emission(const Batch& shape) {
    for (const Edge& edge : edges_)
      edge.to->on_emission_end(shape);
  }

  void received(const Batch& batch) { Counters::add(counters.in, batch.size()); }

  /// Counts failed rows, each by its reason, and hands them to the handler. Returns the rows that
  /// go on: all that are left, or those before the row at which the app stops.
  Selection reject(const Batch& batch, const RowErrors& errors, Selection left);
  /// Counts rows that are dropped by a rule of time and names the first of them to the handler.
  void drop(DropReason reason, const Batch& batch, const FirstDropped& dropped);

 private:
  struct Edge {
    Operator* to;
    Port port;
  };

  std::vector<Edge> edges_;
  const Counters* index_ = nullptr;
};

}  // namespace eventflux::runtime
