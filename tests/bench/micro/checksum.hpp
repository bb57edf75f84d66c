#pragma once

#include <cstdint>
#include <string_view>

#include "eventflux/batch.hpp"

namespace eventflux::bench {

/// A number that two outputs share only if all their values and the order of their rows do.
class Checksum {
 public:
  void add(std::int64_t value);
  /// Takes the bits: a sum that was added in another order differs.
  void add(double value);
  void add(std::string_view text);

  void end_row() { ++rows_; }

  /// Adds all columns of all rows, row by row.
  void add(const Batch& rows);

  std::uint64_t rows() const { return rows_; }

  bool operator==(const Checksum&) const = default;

 private:
  std::uint64_t state_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace eventflux::bench
