#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "eventflux/batch.hpp"

#include "runtime/state/chunked_bytes.hpp"

namespace eventflux::runtime {

/// Remembers which entries of a state changed since the last delta. What changed is found without
/// looking at what did not: a list holds the pages of 64 entries with a mark.
/// Shape: a byte per entry, because setting a bit would wait for the bit before it in the same
/// word. Benchmark: `end_to_end`.
class DirtySet {
 public:
  void mark(std::uint32_t entry) {
    reserve(entry + 1);
    set(entry);
  }

  /// Marks entries[row] of every selected row; all are below `size`.
  void mark(const std::uint32_t* entries, Selection rows, std::uint32_t size) {
    if (rows.count == 0) return;
    reserve(size);
    for_each_row(rows, [&](std::uint32_t row) { set(entries[row]); });
  }

  bool contains(std::uint32_t entry) const {
    return entry < is_dirty_.size() * page_entries && *marks_.at(entry) != std::byte{0};
  }

  bool any() const { return !dirty_pages_.empty(); }

  /// Returns how many entries are marked.
  std::uint64_t count() const;

  /// Calls visit(entry) for the marked entries and for [first, last), each once, and clears the
  /// marks. Entries at or beyond `size` are left out.
  template <class Visit>
  void take(std::uint32_t first, std::uint32_t last, std::uint32_t size, Visit visit) {
    if (first < last) reserve(last);
    for (std::uint32_t entry = first; entry < last; ++entry)
      set(entry);
    for (const std::uint32_t page : dirty_pages_) {
      std::uint8_t* const marks = page_marks(page);
      for (std::uint32_t i = 0; i < page_entries; ++i)
        if (marks[i] != 0 && page * page_entries + i < size) visit(page * page_entries + i);
    }
    clear();
  }

  void clear();

  std::size_t bytes() const {
    return marks_.bytes() + is_dirty_.capacity() + dirty_pages_.capacity() * sizeof(std::uint32_t);
  }

 private:
  static constexpr std::uint32_t page_entries = 64;

  [[gnu::always_inline]] void set(std::uint32_t entry) {
    *reinterpret_cast<std::uint8_t*>(marks_.at(entry)) = 1;
    if (is_dirty_[entry / page_entries] == 0) [[unlikely]]
      add_page(entry / page_entries);
  }

  std::uint8_t* page_marks(std::uint32_t page) const {
    return reinterpret_cast<std::uint8_t*>(marks_.at(page * page_entries));
  }

  void reserve(std::uint32_t size) {
    if (size > is_dirty_.size() * page_entries) grow(size);
  }

  void add_page(std::uint32_t page) {
    is_dirty_[page] = 1;
    dirty_pages_.push_back(page);
  }

  void grow(std::uint32_t size);

  ChunkedBytes marks_{1};
  std::vector<std::uint8_t> is_dirty_;      // by page
  std::vector<std::uint32_t> dirty_pages_;  // in the order of their first marks
};

/// A walk over all entries of a state, as many per delta as have changed: once it has seen all,
/// the deltas from before it are needed no longer. So what is stored stays within a few times the
/// state, and no barrier has to write all of it.
/// Invariant: an entry that existed when the walk began is in one of the walk's deltas when it
/// ends; younger ones were marked when they appeared.
class CompactionCursor {
 public:
  /// Keys are walked in ascending order.
  using Key = std::pair<std::int64_t, std::uint64_t>;
  static constexpr Key first_key{INT64_MIN, 0};

  /// Begins a delta in which `changed` entries changed.
  void begin(std::uint64_t changed) {
    // A share of at least this many lets small states be one delta.
    constexpr std::uint64_t share_least = 256;
    left_ = std::max(share_least, changed);
    finished_ = true;
    ++deltas_;
  }

  /// Returns which entries of a key with `size` entries the delta holds in any case: [first,
  /// last).
  std::pair<std::uint32_t, std::uint32_t> take(Key key, std::uint32_t size) {
    if (key < at_) return {size, size};
    const std::uint32_t first = key == at_ ? std::min(next_, size) : 0;
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(size - first, left_));
    if (!finished_) return {size, size};
    left_ -= count;
    finished_ = first + count == size;
    at_ = finished_ ? Key{key.first, key.second + 1} : key;
    next_ = finished_ ? 0 : first + count;
    return {first, first + count};
  }

  /// Returns the second part of the key at which the walk through keys {first, …} goes on; the
  /// greatest one when it is past them. Units before it need not be looked at.
  std::uint64_t position(std::int64_t first) const {
    if (at_.first == first) return at_.second;
    return at_.first < first ? 0 : UINT64_MAX;
  }

  /// Returns whether the delta takes no more unchanged entries.
  bool is_exhausted() const { return !finished_; }

  /// Ends the delta after take() was called for all keys, or up to where it was exhausted.
  /// Returns how many of the newest deltas suffice to restore; 0: all.
  std::uint32_t end() {
    if (!finished_) return 0;
    at_ = first_key;
    next_ = 0;
    return std::exchange(deltas_, 0);
  }

 private:
  Key at_ = first_key;
  std::uint32_t next_ = 0;
  std::uint32_t deltas_ = 0;
  std::uint64_t left_ = 0;
  bool finished_ = true;
};

}  // namespace eventflux::runtime
