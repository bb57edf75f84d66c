#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "eventflux/batch_builder.hpp"

namespace eventflux::runtime {

struct OrderKey {
  std::size_t column = 0;  ///< Of the collected rows.
  bool descending = false;
  bool nulls_first = false;
};

/// A row among columns. Owns: nothing.
struct RowAt {
  std::span<const Column> columns;
  std::uint32_t row = 0;
};

/// Returns whether `a` comes before `b`; equal rows do not.
bool comes_before(std::span<const OrderKey> keys, RowAt a, RowAt b);

/// ORDER BY, LIMIT and OFFSET over the rows of one emission.
/// Shape: the collected rows hold the output columns and then the order keys.
struct OrderLimit {
  std::vector<OrderKey> keys;
  std::optional<std::uint64_t> limit;
  std::uint64_t offset = 0;
  std::size_t output_columns = 0;
  std::shared_ptr<BatchBuilder> rows;

  /// Returns the rows that stay, in order; ties keep their order of arrival.
  std::vector<std::uint32_t> select() const;
};

/// Returns the output columns of the rows that stay, in order, and forgets what was collected.
BatchBuilder take_sorted(OrderLimit& order);

}  // namespace eventflux::runtime
