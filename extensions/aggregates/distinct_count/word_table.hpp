#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "eventflux/state.hpp"

namespace eventflux::aggregates::distinct_count {

/// Returns a hash whose upper bits depend on all bits of the key.
inline std::uint64_t hash_of(std::uint64_t key) {
  key ^= key >> 32U;
  return key * 0x9E3779B97F4A7C15ULL;
}

/// Numbers with a word each that is not 0: open addressing, one step after another.
/// Invariant: at most two thirds of the entries are taken, so that every search ends.
/// Shape: may be moved as bytes.
class WordTable {
 public:
  static constexpr bool relocatable = true;

  struct Entry {
    std::int64_t key = 0;
    std::uint64_t word = 0;  ///< 0: the entry is free.
  };

  std::uint32_t size() const { return size_; }

  /// Returns the word of a key. A key that is new has word 0, and the caller sets it.
  std::uint64_t& word(std::int64_t key) {
    if (capacity_ == 0) grow();
    Entry* entry = find(key);
    if (entry->word != 0) return entry->word;
    if ((size_ + 1) * std::uint64_t{3} > capacity_ * std::uint64_t{2}) {
      grow();
      entry = find(key);
    }
    entry->key = key;
    ++size_;
    return entry->word;
  }

  /// Brings the place of a key into the cache.
  [[gnu::always_inline]] void fetch(std::int64_t key) const {
    __builtin_prefetch(&entries_[home(key)]);
  }

  /// Takes out a key that is there. What was pushed behind it moves up.
  void erase(std::int64_t key) {
    auto gap = static_cast<std::uint32_t>(find(key) - entries_.get());
    const std::uint32_t mask = capacity_ - 1;
    for (std::uint32_t at = (gap + 1) & mask; entries_[at].word != 0; at = (at + 1) & mask) {
      if (((at - home(entries_[at].key)) & mask) < ((at - gap) & mask)) continue;
      entries_[gap] = entries_[at];
      gap = at;
    }
    entries_[gap].word = 0;
    --size_;
  }

  /// Calls visit(key, word) for every entry, in no order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t i = 0; i < capacity_; ++i)
      if (entries_[i].word != 0) visit(entries_[i].key, entries_[i].word);
  }

  void save(SnapshotWriter& writer) const {
    writer.put(size_);
    for (std::uint32_t i = 0; i < capacity_; ++i)
      if (entries_[i].word != 0) writer.put(entries_[i]);
  }

  Result<void> load(SnapshotReader& reader) {
    EF_TRY(const auto count, reader.get<std::uint32_t>());
    for (std::uint32_t i = 0; i < count; ++i) {
      EF_TRY(const auto entry, reader.get<Entry>());
      word(entry.key) = entry.word;
    }
    return {};
  }

 private:
  // One pointer: with a vector a NumberSet would be larger than a cache line.
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): the type by which a unique_ptr knows an array
  using Entries = Entry[];

  std::uint32_t home(std::int64_t key) const {
    return static_cast<std::uint32_t>(hash_of(static_cast<std::uint64_t>(key)) >> shift_);
  }

  Entry* find(std::int64_t key) const {
    std::uint32_t at = home(key);
    while (entries_[at].word != 0 && entries_[at].key != key)
      at = (at + 1) & (capacity_ - 1);
    return &entries_[at];
  }

  void grow() {
    const std::unique_ptr<Entries> old = std::move(entries_);
    const std::uint32_t before = capacity_;
    shift_ = capacity_ == 0 ? 60 : shift_ - 1;
    capacity_ = capacity_ == 0 ? 16 : capacity_ * 2;
    entries_ = std::make_unique<Entries>(capacity_);
    for (std::uint32_t i = 0; i < before; ++i)
      if (old[i].word != 0) *find(old[i].key) = old[i];
  }

  std::unique_ptr<Entries> entries_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint32_t shift_ = 0;  // 64 - log2(capacity)
};

}  // namespace eventflux::aggregates::distinct_count
