#pragma once

#include <cstdint>
#include <vector>

#include "runtime/state/chunked_bytes.hpp"

namespace eventflux::runtime {

/// Places for entries of one size, by number. Numbers of removed entries are given out again, and a
/// chunk of 1,024 entries that are all removed gives its memory back.
/// Shape: without removals numbers are dense, in the order of add().
class EntryStore {
 public:
  explicit EntryStore(std::size_t entry_bytes) : places_(entry_bytes) {}

  /// Returns the number of a new entry, whose bytes are not initialised: the least free one, so
  /// that numbers are the same after a restore.
  std::uint32_t add() {
    if (!open_.empty()) return reuse();
    places_.reserve(end_ + 1);
    return end_++;
  }

  void remove(std::uint32_t entry);

  std::byte* at(std::uint32_t entry) const { return places_.at(entry); }

  std::byte* const* chunks() const { return places_.chunks(); }

  std::size_t stride() const { return places_.stride(); }

  /// Returns one more than the greatest number that was given out.
  std::uint32_t end() const { return end_; }

  /// Returns how many entries there are.
  std::uint32_t size() const { return end_ - removed_; }

  bool contains(std::uint32_t entry) const {
    if (entry >= end_) return false;
    return entry / 64 >= free_.size() || ((free_[entry / 64] >> (entry % 64)) & 1U) == 0;
  }

  /// Forgets all entries; the memory of a few is kept.
  void clear();

  /// Begins a restore into an empty store: numbers below `end` are free until restore(), which may
  /// come in any order.
  void begin_restore(std::uint32_t end);
  /// Takes a number that is free and below `end`.
  void restore(std::uint32_t entry);
  void end_restore();

  std::size_t bytes() const;

 private:
  std::uint32_t reuse();

  ChunkedBytes places_;
  std::uint32_t end_ = 0;
  std::uint32_t removed_ = 0;
  std::vector<std::uint64_t> free_;        // a bit per entry; missing ones are in use
  std::vector<std::uint16_t> chunk_free_;  // how many of each chunk are free
  std::vector<std::uint32_t> open_;        // chunks with free entries: a heap, the first in front
};

}  // namespace eventflux::runtime
