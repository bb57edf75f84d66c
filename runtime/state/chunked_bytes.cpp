#include "runtime/state/chunked_bytes.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace eventflux::runtime {
namespace {

constexpr std::align_val_t alignment{64};

}  // namespace

std::byte* ChunkedBytes::allocate(std::uint32_t elements) {
  const std::size_t size = elements * stride_;
  auto* const chunk = static_cast<std::byte*>(::operator new(size, alignment));
  std::memset(chunk, 0, size);
  bytes_ += size;
  return chunk;
}

void ChunkedBytes::free(std::byte* chunk, std::uint32_t elements) {
  if (chunk == nullptr) return;
  ::operator delete(chunk, alignment);
  bytes_ -= elements * stride_;
}

void ChunkedBytes::grow(std::uint32_t count) {
  // A table of a few elements is one of thousands: of slices of windows, for one.
  const auto least = static_cast<std::uint32_t>(std::max<std::size_t>(1, 128 / stride_));
  if (capacity_ < chunk_elements) {
    const std::uint32_t larger = std::clamp(count, std::max(capacity_ * 2, least), chunk_elements);
    std::byte* const chunk = allocate(larger);
    if (capacity_ != 0) {
      std::memcpy(chunk, chunks_[0], capacity_ * stride_);
      free(chunks_[0], capacity_);
    }
    chunks_.assign(1, chunk);
    capacity_ = larger;
  }
  while (capacity_ < count) {
    chunks_.push_back(allocate(chunk_elements));
    capacity_ += chunk_elements;
  }
}

void ChunkedBytes::reserve_released(std::uint32_t count) {
  reserve(std::min(count, chunk_elements));
  for (; capacity_ < count; capacity_ += chunk_elements)
    chunks_.push_back(nullptr);
}

void ChunkedBytes::release(std::uint32_t chunk) {
  free(std::exchange(chunks_[chunk], nullptr), chunk_elements);
}

void ChunkedBytes::remake(std::uint32_t chunk) {
  chunks_[chunk] = allocate(chunk_elements);
}

void ChunkedBytes::give_back() {
  for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk)
    free(chunks_[chunk], chunk == 0 ? std::min(capacity_, chunk_elements) : chunk_elements);
  chunks_.clear();
  capacity_ = 0;
}

}  // namespace eventflux::runtime
