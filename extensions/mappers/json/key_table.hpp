#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "words.hpp"

namespace eventflux::mappers::json {

/// Keys of an object as they stand in payloads, found by their bytes up to the closing quote.
/// Invariant: of a key with at most 8 bytes, quote included, `head` holds all.
class KeyTable {
 public:
  static constexpr std::uint32_t missing = ~std::uint32_t{0} - 1;

  /// Returns the value of a key; `missing` when it was never added.
  /// Shape: `key` stands behind the opening quote; 64 bytes may be read from there.
  std::uint32_t find(const char* key) const {
    if (slots_.empty()) return missing;
    const std::uint64_t head = head_of(key);
    for (std::size_t slot = slot_of(head); slots_[slot] != empty; slot = next(slot)) {
      const Key& known = keys_[slots_[slot]];
      if (known.head == head && has_tail(known, key)) return known.value;
    }
    return missing;
  }

  /// Adds a key that is written without escapes; others have to be learned.
  void add(std::string_view name, std::uint32_t value);
  /// Adds a key as it stood in a payload, with its closing quote, as long as there is room: keys
  /// may be data, as ids are.
  void learn(std::string_view quoted, std::uint32_t value);

 private:
  static constexpr std::uint16_t empty = 0xFFFF;
  static constexpr std::size_t head_bytes = 8;

  struct Key {
    std::uint64_t head;
    std::string text;
    std::uint32_t value;
  };

  static std::uint64_t head_of(const char* key) {
    const std::uint64_t word = load_word(key);
    const std::uint64_t quotes = word ^ (each_byte * '"');
    const std::uint64_t marks = (quotes - each_byte) & ~quotes & top_bits;
    // The lowest mark is the top bit of the quote: all up to it is the key.
    return marks == 0 ? word : word & (marks ^ (marks - 1));
  }

  static bool has_tail(const Key& known, const char* key) {
    return known.text.size() <= head_bytes ||
           std::memcmp(key + head_bytes, known.text.data() + head_bytes,
                       known.text.size() - head_bytes) == 0;
  }

  // Source: Knuth, The Art of Computer Programming 3, 6.4: multiplication by the golden ratio.
  std::size_t slot_of(std::uint64_t head) const {
    return static_cast<std::size_t>((head * 0x9E3779B97F4A7C15ULL) >> shift_);
  }

  std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }

  void insert(std::string_view quoted, std::uint32_t value);
  void place(std::uint16_t key);

  std::vector<Key> keys_;
  std::vector<std::uint16_t> slots_;  // a power of two
  unsigned shift_ = 64;
  unsigned learned_ = 0;
};

}  // namespace eventflux::mappers::json
