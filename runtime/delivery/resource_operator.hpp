#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runtime/graph/operator.hpp"
#include "runtime/state/keyed_state.hpp"

namespace eventflux::runtime {

/// CHECKPOINT of a resource. Without a cursor column rows only pass.
struct ResourceSpec {
  Schema schema;
  std::optional<std::size_t> cursor{};
  std::vector<std::size_t> per{};
  bool monotonic = false;
};

/// The last cursor of each key, by the number of the key.
class CursorState final : public DeclaredState {
 public:
  explicit CursorState(Type type) : type_(type) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(cursors_.size()); }

  /// Makes place for keys 0 … count - 1; new ones have no cursor.
  void grow(std::uint32_t count) { cursors_.resize(std::max(count, size())); }

  Value& operator[](std::uint32_t key) { return cursors_[key]; }

  const Value& operator[](std::uint32_t key) const { return cursors_[key]; }

  void mark(const std::uint32_t* keys, Selection rows) { changed_.mark(keys, rows, size()); }

  std::uint64_t note_changes() override { return changed_.count(); }

  void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) override;
  Result<void> begin_restore(SnapshotReader& header, std::uint64_t records) override;
  Result<void> restore(std::uint8_t section, const StoredRecord& record) override;
  Result<void> end_restore() override;

 private:
  Type type_;
  std::deque<Value> cursors_;
  DirtySet changed_;
  std::uint64_t records_ = 0;  // of a restore
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

  std::uint32_t snapshot(DeltaWriter& writer) override { return state_.snapshot(writer); }

  Result<void> restore(const MergedState& records) override { return state_.restore(records); }

  /// Returns the cursor column's name; empty when there is none.
  std::string cursor_name() const;
  /// Returns the cursor as text, or with PER a JSON object by key (keys of several columns are
  /// joined with '/'); nothing before the first row.
  std::optional<std::string> cursor_text() const;

 private:
  std::string key_text(std::uint32_t key) const;
  bool advance(std::uint32_t key, const Column& cursor, std::uint32_t row);

  ResourceSpec spec_;
  OperatorState state_;
  KeyedState& keys_;
  CursorState& cursors_;
  std::vector<Column> key_columns_;
  std::vector<std::uint32_t> key_of_row_;
  std::array<std::uint16_t, batch_rows_max> rows_{};
};

}  // namespace eventflux::runtime
