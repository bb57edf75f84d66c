#include "runtime/column/column_vector.hpp"

#include <new>

namespace eventflux::runtime {

ColumnVector::ColumnVector(Type type) : type_(type) {
  const std::size_t bytes = type_width(type) * batch_rows_max;
  values_.reset(new (std::align_val_t{64}) std::byte[bytes]());
}

ColumnWriter ColumnVector::writer(Arena* arena) {
  // All bits stand, unless the last computation cleared some.
  if (nulls_) valid_.fill(~std::uint64_t{0});
  nulls_ = true;  // until column() tells
  return {type_, values_.get(), valid_.data(), false, arena};
}

}  // namespace eventflux::runtime
