#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "eventflux/batch.hpp"

namespace eventflux::runtime {

/// Remembers which units of a state changed since the last segment. Shape: a bit per unit.
class ChangedUnits {
 public:
  void mark(std::uint32_t unit) {
    if (unit / 64 >= bits_.size())
      bits_.resize(std::max<std::size_t>(unit / 64 + 1, bits_.size() * 2));
    bits_[unit / 64] |= std::uint64_t{1} << (unit % 64);
    any_ = true;
  }

  /// Marks unit units[row] of every selected row.
  void mark(const std::uint32_t* units, Selection rows) {
    for_each_row(rows, [&](std::uint32_t row) { mark(units[row]); });
  }

  bool any() const { return any_; }

  std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t word : bits_)
      sum += static_cast<std::uint64_t>(std::popcount(word));
    return sum;
  }

  /// Calls visit(unit) for the marked units and for [first, last), in ascending order, and clears
  /// the marks. Units at or beyond `size` are left out.
  template <class Visit>
  void take(std::uint32_t first, std::uint32_t last, std::uint32_t size, Visit visit) {
    for (std::uint32_t unit = first; unit < last; ++unit)
      mark(unit);
    for (std::size_t word = 0; word < bits_.size(); ++word) {
      for (std::uint64_t left = bits_[word]; left != 0; left &= left - 1) {
        const auto unit =
            static_cast<std::uint32_t>(word * 64 + static_cast<unsigned>(std::countr_zero(left)));
        if (unit < size) visit(unit);
      }
    }
    clear();
  }

  void clear() {
    std::fill(bits_.begin(), bits_.end(), 0);
    any_ = false;
  }

 private:
  std::vector<std::uint64_t> bits_;
  bool any_ = false;
};

/// A walk over all units of a state, as many per segment as have changed: once it has seen all, the
/// segments from before it are needed no longer. So what is stored stays within a few times the
/// state, and no barrier has to write all of it.
/// Invariant: a unit that existed when the walk began is in one of the walk's segments when it
/// ends; younger ones were marked when they appeared.
class Round {
 public:
  /// Phases are walked in ascending order.
  using Phase = std::pair<std::int64_t, std::uint64_t>;
  static constexpr Phase first_phase{INT64_MIN, 0};

  /// Begins a segment in which `changed` units changed.
  void begin(std::uint64_t changed) {
    // A share of at least this many lets small states be one segment.
    constexpr std::uint64_t share_least = 256;
    left_ = std::max(share_least, changed);
    finished_ = true;
    ++segments_;
  }

  /// Returns which units of a phase with `size` units the segment holds in any case: [first, last).
  std::pair<std::uint32_t, std::uint32_t> take(Phase phase, std::uint32_t size) {
    if (phase < at_) return {size, size};
    const std::uint32_t first = phase == at_ ? std::min(next_, size) : 0;
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(size - first, left_));
    if (!finished_) return {size, size};
    left_ -= count;
    finished_ = first + count == size;
    at_ = finished_ ? Phase{phase.first, phase.second + 1} : phase;
    next_ = finished_ ? 0 : first + count;
    return {first, first + count};
  }

  /// Returns the phase that the walk has come to.
  Phase at() const { return at_; }

  /// Ends the segment after take() was called for all phases from at() on, or until it gave out.
  /// Returns how many of the newest segments suffice to restore; 0: all.
  std::uint32_t end() {
    if (!finished_) return 0;
    at_ = first_phase;
    next_ = 0;
    return std::exchange(segments_, 0);
  }

 private:
  Phase at_ = first_phase;
  std::uint32_t next_ = 0;
  std::uint32_t segments_ = 0;
  std::uint64_t left_ = 0;
  bool finished_ = true;
};

}  // namespace eventflux::runtime
