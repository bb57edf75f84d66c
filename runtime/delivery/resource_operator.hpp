#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/graph/operator.hpp"
#include "runtime/operators/group_index.hpp"
#include "runtime/state/dirty_set.hpp"

namespace eventflux::runtime {

/// CHECKPOINT of a resource. Without a cursor column rows only pass.
struct ResourceSpec {
  Schema schema;
  std::optional<std::size_t> cursor{};
  std::vector<std::size_t> per{};
  bool monotonic = false;
};

/// Where the rows of a resource enter the graph: keeps its cursor per key, and drops what is not
/// beyond it when the resource is MONOTONIC.
/// Invariant: a cursor never goes back while MONOTONIC.
class ResourceOperator final : public Operator {
 public:
  explicit ResourceOperator(ResourceSpec spec);

  void on_batch(Port port, const Batch& batch) override;

  bool passes_rows_on() const override { return true; }

  bool has_state() const override { return spec_.cursor.has_value(); }

  std::uint32_t snapshot(DeltaWriter& writer) override;
  Result<void> restore(const MergedState& records) override;

  /// Returns the cursor column's name; empty when there is none.
  std::string cursor_name() const;
  /// Returns the cursor as text, or with PER a JSON object by key (keys of several columns are
  /// joined with '/'); nothing before the first row.
  std::optional<std::string> cursor_text() const;

 private:
  std::string key_text(std::uint32_t key) const;
  bool advance(std::uint32_t key, const Column& cursor, std::uint32_t row);

  ResourceSpec spec_;
  GroupIndex keys_;
  std::vector<Value> cursors_;
  DirtySet changed_;
  CompactionCursor compaction_;
  std::vector<Column> key_columns_;
  std::vector<std::uint32_t> key_of_row_;
  std::array<std::uint16_t, batch_rows_max> rows_{};
};

}  // namespace eventflux::runtime
