#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace eventflux::runtime {

/// Elements of `stride` bytes, numbered from 0, in chunks of 1,024: growing moves none, except
/// those of the first chunk until it is as long as the others. All bytes are zero when
/// their chunk is made.
/// Shape: chunks begin at multiples of 64 bytes.
class ChunkedBytes {
 public:
  static constexpr std::uint32_t chunk_elements = 1024;

  explicit ChunkedBytes(std::size_t stride) : stride_(stride) {}

  ~ChunkedBytes() { give_back(); }

  ChunkedBytes(const ChunkedBytes&) = delete;
  ChunkedBytes& operator=(const ChunkedBytes&) = delete;

  std::byte* at(std::uint32_t number) const {
    return chunks_[number / chunk_elements] + number % chunk_elements * stride_;
  }

  std::byte* const* chunks() const { return chunks_.data(); }

  std::size_t stride() const { return stride_; }

  /// Returns how many elements there is a place for, that of released chunks included.
  std::uint32_t capacity() const { return capacity_; }

  bool has_chunk(std::uint32_t chunk) const {
    return chunk < chunks_.size() && chunks_[chunk] != nullptr;
  }

  /// Makes place for elements 0 … count - 1; what was released stays so.
  void reserve(std::uint32_t count) {
    if (count > capacity_) grow(count);
  }

  /// Makes place for numbers 0 … count - 1 without memory, except for the first chunk.
  void reserve_released(std::uint32_t count);
  /// Gives the memory of a chunk back, and makes it anew. Shape: not the first one.
  void release(std::uint32_t chunk);
  void remake(std::uint32_t chunk);

  /// Gives all memory back.
  void give_back();

  /// Returns the bytes of all chunks and of the list of them.
  std::size_t bytes() const { return bytes_ + chunks_.capacity() * sizeof(std::byte*); }

 private:
  void grow(std::uint32_t count);
  std::byte* allocate(std::uint32_t elements);
  void free(std::byte* chunk, std::uint32_t elements);

  std::size_t stride_;
  std::vector<std::byte*> chunks_;
  std::uint32_t capacity_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace eventflux::runtime
