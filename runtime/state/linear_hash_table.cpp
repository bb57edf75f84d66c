#include "runtime/state/linear_hash_table.hpp"

#include <utility>

#include "base/assert.hpp"

namespace eventflux::runtime {

void LinearHashTable::add_bucket() {
  constexpr std::uint32_t chunk = ChunkedBytes::chunk_elements;
  if (count_ < buckets_.capacity() && !buckets_.has_chunk(count_ / chunk)) {
    buckets_.remake(count_ / chunk);
  }
  buckets_.reserve(++count_);
  if (count_ > upper_) upper_ = upper_ * 2 + 1;
}

LinearHashTable::View LinearHashTable::view() const {
  // A table without buckets is read as if it had an empty one.
  alignas(64) static const std::array<std::byte, sizeof(Bucket)> empty{};
  static std::byte* const no_chunk = const_cast<std::byte*>(empty.data());
  View view;
  view.buckets_ = count_ == 0 ? &no_chunk : buckets_.chunks();
  view.chained_ = chained_.chunks();
  view.count_ = std::max(count_, 1U);
  view.upper_ = upper_;
  return view;
}

void LinearHashTable::reserve(std::uint32_t entries) {
  EF_ASSERT(size_ == 0);
  while (count_ < entries / mean_load)
    add_bucket();
}

void LinearHashTable::clear() {
  constexpr std::size_t kept_bytes = 1U << 20U;
  if (bytes() > kept_bytes) {
    buckets_.give_back();
    chained_.give_back();
    count_ = 0;
    upper_ = 1;
  }
  for (std::uint32_t bucket = 0; size_ != 0 && bucket < count_; ++bucket)
    this->bucket(bucket) = Bucket();
  size_ = chained_end_ = chained_free_ = 0;
}

std::uint32_t LinearHashTable::add_chained() {
  if (chained_free_ == 0) {
    chained_.reserve(++chained_end_);
    chained(chained_end_) = Bucket();
    return chained_end_;
  }
  const std::uint32_t number = chained_free_;
  chained_free_ = std::exchange(chained(number).next, 0);
  return number;
}

void LinearHashTable::put(Bucket& first, std::uint8_t tag, std::uint32_t entry) {
  Bucket* bucket = &first;
  while (bucket->tags[slots - 1] != 0) {
    if (bucket->next == 0) {
      // Making one may move the others.
      const std::uint32_t made = add_chained();
      bucket = &first;
      while (bucket->next != 0)
        bucket = &chained(bucket->next);
      bucket->next = made;
    }
    bucket = &chained(bucket->next);
  }
  const std::uint32_t slot = bucket->used();
  bucket->tags[slot] = tag;
  bucket->entries[slot] = entry;
}

void LinearHashTable::take(Bucket& first, std::uint32_t entry) {
  Bucket* found = nullptr;
  std::uint32_t slot = 0;
  Bucket* before = nullptr;
  Bucket* last = &first;
  for (;; before = last, last = &chained(last->next)) {
    const std::uint32_t used = last->used();
    for (std::uint32_t i = 0; i < used && found == nullptr; ++i) {
      if (last->entries[i] != entry) continue;
      found = last;
      slot = i;
    }
    if (last->next == 0) break;
  }
  EF_ASSERT(found != nullptr);
  const std::uint32_t end = last->used() - 1;
  found->tags[slot] = last->tags[end];
  found->entries[slot] = last->entries[end];
  last->tags[end] = 0;
  if (end == 0 && before != nullptr) free_chained(std::exchange(before->next, 0));
}

}  // namespace eventflux::runtime
