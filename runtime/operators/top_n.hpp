#pragma once

#include <cstdint>
#include <vector>

#include "runtime/operators/order_limit.hpp"

namespace eventflux::runtime {

/// Which rows ORDER BY and LIMIT can let through: the first `count` by `keys`.
struct TopNSpec {
  std::vector<OrderKey> keys;  ///< Columns of the kept rows.
  std::size_t count = 0;       ///< LIMIT and OFFSET.
};

/// Keeps the best rows of a pane while they arrive.
/// Invariant: the kept rows stand in order of arrival and hold the best ones; the others among them
/// were best once, and there are never more of those than of the best, apart from a chunk or two.
class TopN {
 public:
  TopN(const TopNSpec& spec, const Schema& schema) : spec_(spec), schema_(schema) {}

  /// Appends the rows that are among the best so far. Returns from which row on `kept` changed.
  std::uint32_t add(const Batch& batch, Selection rows, BatchBuilder& kept);

  /// Learns the best of the kept rows: after a restore.
  void rebuild(const BatchBuilder& kept);

  void clear() { heap_.clear(); }

 private:
  void enter(std::uint32_t row);
  void compact(BatchBuilder& kept);
  bool worse(std::uint32_t a, std::uint32_t b) const;
  std::uint32_t skip_worse(const Batch& batch, Selection rows, std::uint32_t next) const;

  const TopNSpec& spec_;
  const Schema& schema_;
  std::vector<std::uint32_t> heap_;  // rows of `kept`, the worst of the best in front
  std::vector<Column> columns_;      // of `kept`
};

}  // namespace eventflux::runtime
