#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "runtime/state/chunked_bytes.hpp"

namespace eventflux::runtime {

/// Finds numbers of entries by the hash of their key, which stands in the entry. It grows and
/// shrinks by one bucket at a time, so that no call waits for a rehash.
/// Shape: a bucket is a cache line of 12 numbers and a tag of each; more make a chain. 11 bytes an
/// entry. Hashes differ in their low bits as well as in their high ones.
/// Source: Litwin, "Linear hashing: a new tool for file and table addressing", VLDB 1980, in memory
/// as in Larson, "Dynamic hash tables", CACM 31, 1988. Benchmark: `micro`, group by.
class LinearHashTable {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  LinearHashTable() = default;

  std::uint32_t size() const { return size_; }

  /// Returns whether one chunk holds all buckets.
  bool is_one_chunk() const { return count_ <= ChunkedBytes::chunk_elements; }

  std::size_t bytes() const { return buckets_.bytes() + chained_.bytes(); }

  class View;

  /// Returns how to find entries, until the next change.
  View view() const;

  /// Makes room for as many entries at once. Shape: the table is empty.
  void reserve(std::uint32_t entries);

  /// Adds an entry that is not there. `hash_of(entry)` returns the hash of any of them.
  template <class HashOf>
  void insert(std::uint64_t hash, std::uint32_t entry, HashOf hash_of) {
    if (count_ == 0) add_bucket();
    put(bucket_of(hash), tag_of(hash), entry);
    ++size_;
    if (size_ > (count_ + 1) * mean_load) split(hash_of);
  }

  /// Removes an entry that is there.
  template <class HashOf>
  void erase(std::uint64_t hash, std::uint32_t entry, HashOf hash_of) {
    take(bucket_of(hash), entry);
    --size_;
    if (count_ > 1 && size_ < (count_ - 1) * (mean_load / 2)) merge(hash_of);
  }

  /// Removes all entries; the memory of small tables is kept.
  void clear();

 private:
  static constexpr std::uint32_t slots = 12;
  static constexpr std::uint32_t mean_load = 6;  // of a bucket; one before its split has up to 12

#ifdef __SSE2__
  using Tag = __m128i;  // in every byte

  static Tag spread(std::uint8_t tag) {
    return _mm_set1_epi8(static_cast<char>(tag));
  }
#else
  using Tag = std::uint8_t;

  static Tag spread(std::uint8_t tag) {
    return tag;
  }
#endif

  struct alignas(64) Bucket {
    std::array<std::uint8_t, slots> tags;  // 0: free; those in use have their high bit set
    std::uint32_t next;                    // of the chain: its number + 1
    std::array<std::uint32_t, slots> entries;

    /// Returns a bit for each slot with a tag.
    [[gnu::always_inline]] std::uint32_t matching(Tag tag) const {
#ifdef __SSE2__
      const __m128i all = _mm_load_si128(reinterpret_cast<const __m128i*>(tags.data()));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(all, tag))) & 0xFFFU;
#else
      std::uint32_t bits = 0;
      for (std::uint32_t slot = 0; slot < slots; ++slot)
        bits |= (tags[slot] == tag ? 1U : 0U) << slot;
      return bits;
#endif
    }

    std::uint32_t used() const {
      std::uint32_t count = 0;
      while (count < slots && tags[count] != 0)
        ++count;
      return count;
    }
  };

  static_assert(sizeof(Bucket) == 64);

  static std::uint8_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint8_t>(hash >> 56U | 0x80U);
  }

  static std::uint32_t number_of(std::uint64_t hash, std::uint32_t count, std::uint32_t upper) {
    const std::uint32_t number = static_cast<std::uint32_t>(hash) & upper;
    return number >= count ? number & (upper >> 1U) : number;
  }

  static Bucket& bucket_at(std::byte* const* chunks, std::uint32_t number) {
    constexpr std::uint32_t chunk = ChunkedBytes::chunk_elements;
    return reinterpret_cast<Bucket*>(chunks[number / chunk])[number % chunk];
  }

  Bucket& bucket(std::uint32_t number) const {
    return bucket_at(buckets_.chunks(), number);
  }

  Bucket& bucket_of(std::uint64_t hash) const {
    return bucket(number_of(hash, count_, upper_));
  }

  Bucket& chained(std::uint32_t number) const {
    return bucket_at(chained_.chunks(), number - 1);
  }

  /// Slots of a chain are used from its begin on, without gaps.
  void put(Bucket& first, std::uint8_t tag, std::uint32_t entry);
  void take(Bucket& first, std::uint32_t entry);
  void add_bucket();
  std::uint32_t add_chained();

  /// Calls visit(tag, entry) for all entries of a chain, with their keys in cache, and empties it.
  template <class HashOf, class Visit>
  void drain(Bucket& first, HashOf hash_of, Visit visit) {
    Bucket old = first;
    first = Bucket();
    for (;;) {
      const std::uint32_t used = old.used();
      for (std::uint32_t slot = 0; slot < used; ++slot)
        hash_of.prefetch(old.entries[slot]);
      for (std::uint32_t slot = 0; slot < used; ++slot)
        visit(old.tags[slot], old.entries[slot]);
      if (old.next == 0) return;
      const std::uint32_t next = old.next;
      old = chained(next);
      free_chained(next);
    }
  }

  void free_chained(std::uint32_t number) {
    chained(number) = Bucket();
    chained(number).next = chained_free_;
    chained_free_ = number;
  }

  template <class HashOf>
  void split(HashOf hash_of) {
    const std::uint32_t made = count_;
    add_bucket();
    const std::uint32_t from = made & (std::bit_floor(made) - 1);
    drain(bucket(from), hash_of, [&](std::uint8_t tag, std::uint32_t entry) {
      put(bucket_of(hash_of(entry)), tag, entry);
    });
  }

  template <class HashOf>
  void merge(HashOf hash_of) {
    const std::uint32_t last = --count_;
    if (count_ == (upper_ >> 1U)) upper_ >>= 1U;
    const std::uint32_t into = last & (std::bit_floor(last) - 1);
    drain(bucket(last), hash_of,
          [&](std::uint8_t tag, std::uint32_t entry) { put(bucket(into), tag, entry); });
    if (last % ChunkedBytes::chunk_elements == 0 && last != 0)
      buckets_.release(last / ChunkedBytes::chunk_elements);
  }

  ChunkedBytes buckets_{sizeof(Bucket)};
  ChunkedBytes chained_{sizeof(Bucket)};
  std::uint32_t size_ = 0;
  std::uint32_t count_ = 0;  // of buckets
  std::uint32_t upper_ = 1;  // the least 2^n - 1 that is no less than count_
  std::uint32_t chained_end_ = 0;
  std::uint32_t chained_free_ = 0;  // number + 1 of the first free one
};

/// What find() needs of a table, in one place: so that a loop keeps it in registers.
class LinearHashTable::View {
 public:
  /// Returns the entry of this hash for which `equal(entry)`, or `none`. `few`: the table
  /// is_one_chunk().
  template <bool few = false, class Equal>
  [[gnu::always_inline]] std::uint32_t find(std::uint64_t hash, Equal equal) const {
    const std::uint32_t number = number_of(hash, count_, upper_);
    const Bucket* bucket =
        few ? reinterpret_cast<const Bucket*>(buckets_[0]) + number : &bucket_at(buckets_, number);
    const Tag tag = spread(tag_of(hash));
    for (;;) {
      for (std::uint32_t slots = bucket->matching(tag); slots != 0; slots &= slots - 1) {
        const std::uint32_t entry = bucket->entries[std::countr_zero(slots)];
        if (equal(entry)) [[likely]]
          return entry;
      }
      if (bucket->next == 0) [[likely]]
        return none;
      bucket = &bucket_at(chained_, bucket->next - 1);
    }
  }

  /// Brings the bucket of a hash into cache.
  void prefetch(std::uint64_t hash) const {
    __builtin_prefetch(&bucket_at(buckets_, number_of(hash, count_, upper_)));
  }

 private:
  friend class LinearHashTable;

  std::byte* const* buckets_ = nullptr;
  std::byte* const* chained_ = nullptr;
  std::uint32_t count_ = 1;
  std::uint32_t upper_ = 1;
};

}  // namespace eventflux::runtime
