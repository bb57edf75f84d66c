#pragma once

#include <array>
#include <bit>

#include "word_table.hpp"

namespace eventflux::aggregates::distinct_count {

/// Distinct numbers that never leave: the first few in place, then a bit each in words of 64
/// neighbours, so that numbers given out one after another share a word.
/// Shape: may be moved as bytes.
class NumberSet {
 public:
  static constexpr bool relocatable = true;

  std::uint64_t size() const { return count_; }

  void insert(std::int64_t value) {
    if (count_ > few_max) return insert_bit(value);
    for (std::uint64_t i = 0; i < count_; ++i)
      if (few_[i] == value) return;
    if (count_ < few_max) {
      few_[count_++] = value;
      return;
    }
    count_ = 0;
    for (const std::int64_t first : few_)
      insert_bit(first);
    insert_bit(value);
  }

  /// Brings into the cache what insert() will read.
  [[gnu::always_inline]] void fetch(std::int64_t value) const {
    if (count_ > few_max) words_.fetch(value >> 6);
  }

  /// Calls visit(number) for every number.
  template <class Visit>
  void for_each(Visit visit) const {
    if (count_ <= few_max) {
      for (std::uint64_t i = 0; i < count_; ++i)
        visit(few_[i]);
      return;
    }
    words_.for_each([&](std::int64_t high, std::uint64_t bits) {
      for (; bits != 0; bits &= bits - 1)
        visit(high * 64 + std::countr_zero(bits));
    });
  }

  void save(SnapshotWriter& writer) const {
    writer.put(count_);
    if (count_ > few_max) return words_.save(writer);
    for (std::uint64_t i = 0; i < count_; ++i)
      writer.put(few_[i]);
  }

  Result<void> load(SnapshotReader& reader) {
    EF_TRY(count_, reader.get<std::uint64_t>());
    if (count_ > few_max) return words_.load(reader);
    for (std::uint64_t i = 0; i < count_; ++i) {
      EF_TRY(few_[i], reader.get<std::int64_t>());
    }
    return {};
  }

 private:
  // With them a set is a cache line.
  static constexpr std::uint64_t few_max = 4;

  void insert_bit(std::int64_t value) {
    std::uint64_t& word = words_.word(value >> 6);
    const std::uint64_t bit = std::uint64_t{1} << (static_cast<std::uint64_t>(value) & 63U);
    count_ += (word & bit) == 0 ? 1 : 0;
    word |= bit;
  }

  std::uint64_t count_ = 0;
  WordTable words_;
  std::array<std::int64_t, few_max> few_{};
};

static_assert(sizeof(NumberSet) == 64);

}  // namespace eventflux::aggregates::distinct_count
