#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "eventflux/mapper.hpp"
#include "eventflux/sink.hpp"

#include "runtime/delivery/error_policy.hpp"
#include "runtime/graph/graph.hpp"

namespace eventflux::runtime {

/// Rows that leave together, with everything they need to outlive the batch they came from.
struct SinkBatch {
  std::string bytes;
  std::vector<std::uint32_t> ends;
  std::vector<std::int64_t> emitted_us;
  /// Which epoch each row belongs to, when barriers lie between the rows; else empty.
  std::vector<std::uint64_t> epochs;
  std::unique_ptr<BatchBuilder> rows;  ///< For sinks of typed rows.
  WriteToken token{};                  ///< Given by the writer.

  std::size_t size() const { return emitted_us.size(); }

  /// Returns the epoch of a row; 0: that of the mark that comes next.
  std::uint64_t epoch_of(std::size_t row) const { return epochs.empty() ? 0 : epochs[row]; }

  /// Drops all rows and keeps the memory.
  void clear();
};

/// Stands after all rows of an epoch.
struct Barrier {
  std::uint64_t epoch = 0;
};

/// What travels to a sink, in order.
using SinkMessage = std::variant<SinkBatch, Barrier>;

/// Appends one row of an item to another one.
void append_row(SinkBatch& to, const SinkBatch& item, const Schema& schema, std::uint32_t row);
/// Returns one row of an item as an item of its own.
SinkBatch one_row(const SinkBatch& item, const Schema& schema, std::uint32_t row);

/// Takes what a sink operator hands on, in order.
class OutputTarget {
 public:
  virtual ~OutputTarget() = default;
  /// Blocks: while too much waits already.
  virtual void push(SinkMessage message) = 0;

  /// Returns whether all that was put is written, so that what is put now is written at once.
  virtual bool idle() const { return false; }

  /// Returns an empty item, with the memory of one that was written if there is one.
  virtual SinkBatch acquire() { return {}; }
};

struct SinkOperatorSpec {
  Schema schema;
  std::unique_ptr<Encoder> encoder;  ///< Null for sinks of typed rows.
  std::uint64_t batch_rows = 1;
  std::uint64_t batch_bytes = 1U << 20U;
  std::int64_t batch_interval_us = 0;  ///< Zero: an open batch closes at the barrier.
};

/// Where rows leave the graph: encodes them and cuts them into batches.
class SinkOperator final : public Operator {
 public:
  SinkOperator(SinkOperatorSpec spec, OutputTarget& target, ErrorPolicy& policy,
               const Graph& graph);

  void on_batch(Port port, const Batch& batch) override;

  bool passes_rows_on() const override { return true; }

  /// Ends an epoch: what was emitted so far belongs to it. A batch that lingers takes the mark
  /// along, and knows which of its rows stand behind it.
  void barrier(std::uint64_t epoch);
  /// Closes the open batch when its time is over. Units: microseconds of processing time.
  void tick(std::int64_t now);
  /// Closes the open batch whatever it holds.
  void close_batch();
  /// Closes the open batch when the sink waits for one, unless it lingers: nothing else comes now.
  void close_batch_if_idle();

  /// Returns what a new file or connection begins with; empty for most mappers.
  std::string prologue() const {
    return spec_.encoder == nullptr ? std::string() : spec_.encoder->prologue();
  }

  /// Returns when tick() has something to do.
  std::int64_t deadline() const;

 private:
  bool encode(const Batch& batch, std::uint32_t row);

  SinkOperatorSpec spec_;
  OutputTarget& target_;
  ErrorPolicy& policy_;
  const Graph& graph_;
  SinkBatch open_;
  std::int64_t opened_us_ = 0;
  std::vector<std::uint64_t> pending_barriers_;
};

}  // namespace eventflux::runtime
