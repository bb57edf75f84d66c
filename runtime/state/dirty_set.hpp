#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "eventflux/batch.hpp"

namespace eventflux::runtime {

/// Remembers which entries of a state changed since the last delta. Shape: a byte per entry,
/// because setting a bit would wait for the bit before it in the same word. Benchmark:
/// `end_to_end`.
class DirtySet {
 public:
  void mark(std::uint32_t unit) {
    reserve(unit + 1);
    marks_[unit] = 1;
    any_ = true;
  }

  /// Marks unit entries[row] of every selected row; all are below `size`.
  void mark(const std::uint32_t* entries, Selection rows, std::uint32_t size) {
    if (rows.count == 0) return;
    reserve(size);
    any_ = true;
    std::uint8_t* marks = marks_.data();
    for_each_row(rows, [&](std::uint32_t row) { marks[entries[row]] = 1; });
  }

  bool any() const { return any_; }

  std::uint64_t count() const {
    return any_ ? std::accumulate(marks_.begin(), marks_.end(), std::uint64_t{0}) : 0;
  }

  /// Calls visit(unit) for the marked entries and for [first, last), in ascending order, and clears
  /// the marks. Entries at or beyond `size` are left out.
  template <class Visit>
  void take(std::uint32_t first, std::uint32_t last, std::uint32_t size, Visit visit) {
    if (first < last) {
      reserve(last);
      std::fill(marks_.begin() + first, marks_.begin() + last, std::uint8_t{1});
    }
    constexpr std::size_t step = sizeof(std::uint64_t);
    for (std::size_t word = 0; word < marks_.size(); word += step) {
      std::uint64_t marked = 0;
      std::memcpy(&marked, marks_.data() + word, step);
      if (marked == 0) continue;
      for (std::size_t unit = word; unit < word + step; ++unit)
        if (marks_[unit] != 0 && unit < size) visit(static_cast<std::uint32_t>(unit));
    }
    clear();
  }

  void clear() {
    std::fill(marks_.begin(), marks_.end(), std::uint8_t{0});
    any_ = false;
  }

 private:
  /// Shape: a multiple of eight.
  void reserve(std::uint32_t size) {
    if (size <= marks_.size()) return;
    marks_.resize(std::max<std::size_t>((std::size_t{size} + 7) / 8 * 8, marks_.size() * 2));
  }

  std::vector<std::uint8_t> marks_;
  bool any_ = false;
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

  /// Ends the delta after take() was called for all keys.
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
