#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "eventflux/batch_builder.hpp"

#include "runtime/state/operator_state.hpp"

namespace eventflux::runtime {

/// Number of a row in a RowLog; rises with every row.
using RowId = std::uint64_t;

/// Rows that somebody keeps, in chunks with memory of their own. A chunk is given back when nobody
/// keeps a row of it any more.
/// Thread: that of the task.
class RowLog final : public DeclaredState {
 public:
  explicit RowLog(Schema schema) : schema_(std::move(schema)) {}

  /// Where a row is. Owns: nothing; valid until the next append().
  struct Place {
    BatchBuilder* rows;
    std::uint32_t row;
  };

  /// Appends row `row` of a batch, kept once.
  RowId append(const Batch& batch, std::uint32_t row);
  Place at(RowId id);
  /// Keeps a row once more. Fails: EF0702 when there is no such row.
  Result<void> retain(RowId id);
  /// Gives up a row.
  void release(RowId id);

  std::uint64_t kept() const { return kept_; }

  std::uint64_t note_changes() override;
  void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) override;
  /// Restores the rows; they count as kept once retain() was called. Fails: EF0702.
  Result<void> restore(std::uint8_t section, const StoredRecord& record) override;
  Result<void> end_restore() override;
  /// Gives back chunks of which no row was retained after a restore.
  void drop_unused();

 private:
  static constexpr std::uint32_t rows_per_chunk = 1024;
  static constexpr std::uint32_t rows_per_record = 64;

  struct Chunk {
    explicit Chunk(const Schema& schema) : rows(schema) {}

    BatchBuilder rows;
    std::uint32_t kept = 0;
    std::uint32_t stored = 0;  // rows that a delta holds
    bool persisted = false;
  };

  using Chunks = std::map<std::uint64_t, Chunk>;

  /// The newest record of each part of a chunk's rows.
  using Records = std::array<std::string_view, rows_per_chunk / rows_per_record>;

  void write_chunk(Chunks::iterator chunk, std::uint8_t section, CompactionCursor& cursor,
                   DeltaWriter& writer);
  Chunk& chunk_of(RowId id);
  Chunks::iterator close(Chunks::iterator chunk);

  Schema schema_;
  Chunks chunks_;
  RowId next_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t first_changed_ = 0;    // chunks before it are in the deltas so far
  std::vector<std::uint64_t> closed_;  // chunks that left since the last delta
  std::map<std::uint64_t, Records> restored_;
  std::set<std::uint64_t> restored_closed_;
};

}  // namespace eventflux::runtime
