#pragma once

#include <array>
#include <memory>

#include "eventflux/batch.hpp"

namespace eventflux::runtime {

/// Memory for one computed column, reused from batch to batch.
/// Shape: batch_rows_max values and as many validity bits.
class ColumnVector {
 public:
  explicit ColumnVector(Type type);

  Type type() const { return type_; }

  /// Begins a new computation, which column() ends: all rows valid. Owns: `arena` holds long text
  /// of the result.
  ColumnWriter writer(Arena* arena);

  /// Returns what was written.
  Column column(const ColumnWriter& writer, Shape shape = Shape::flat) {
    nulls_ = writer.nulls;
    return {type_, shape, values_.get(), writer.nulls ? valid_.data() : nullptr};
  }

 private:
  struct Free {
    void operator()(std::byte* place) const { ::operator delete[](place, std::align_val_t{64}); }
  };

  Type type_;
  // Aligned for the widest vector register, which std::vector cannot promise.
  // NOLINTNEXTLINE(modernize-avoid-c-arrays)
  std::unique_ptr<std::byte[], Free> values_;
  std::array<std::uint64_t, batch_rows_max / 64> valid_{};
  bool nulls_ = true;  // a bit of valid_ may be clear
};

}  // namespace eventflux::runtime
