#pragma once

#include <cstdint>
#include <cstring>

#include <boost/unordered/unordered_flat_map.hpp>

#include "eventflux/batch.hpp"

// In an unnamed namespace, so that what is compiled for AVX2 here is not taken for the same inline
// function of the product.

namespace eventflux::bench::hand {
namespace {

__extension__ using Wide = unsigned __int128;

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

constexpr std::uint64_t seed_a = 0xA0761D6478BD642FULL;
constexpr std::uint64_t seed_b = 0xE7037ED1A0B428DBULL;

/// Text as two words: short text is inline and zero padded.
struct TextKey {
  std::uint64_t head;
  std::uint64_t rest;

  explicit TextKey(const Text& text) {
    std::memcpy(&head, &text, 8);
    std::memcpy(&rest, &text.rest, 8);
  }

  std::uint32_t length() const { return static_cast<std::uint32_t>(head); }

  const char* data() const {
    const char* place = nullptr;
    std::memcpy(&place, &rest, 8);
    return place;
  }

  bool operator==(const TextKey& other) const {
    if (head != other.head) return false;
    if (rest == other.rest) return true;
    return length() > Text::inline_max && std::memcmp(data(), other.data(), length()) == 0;
  }
};

struct TextKeyHash {
  // The name is what the hash table looks for.
  // NOLINTNEXTLINE(readability-identifier-naming)
  using is_avalanching = void;

  std::size_t operator()(const TextKey& key) const {
    if (key.length() <= Text::inline_max) return mix(key.head ^ seed_a, key.rest ^ seed_b);
    std::uint64_t state = key.length();
    const char* at = key.data();
    for (std::uint32_t left = key.length(); left > 0;) {
      const std::uint32_t part = left < 8 ? left : 8;
      std::uint64_t word = 0;
      std::memcpy(&word, at, part);
      state = mix(state ^ word, seed_b);
      at += part;
      left -= part;
    }
    return mix(state, seed_a);
  }
};

struct NumberKey {
  std::int64_t value;

  explicit NumberKey(std::int64_t number) : value(number) {}

  bool operator==(const NumberKey&) const = default;
};

struct NumberKeyHash {
  // NOLINTNEXTLINE(readability-identifier-naming): the name is what the hash table looks for
  using is_avalanching = void;

  std::size_t operator()(const NumberKey& key) const {
    return mix(static_cast<std::uint64_t>(key.value) ^ seed_a, seed_b);
  }
};

/// How a query is keyed: by the text or by the number of a row.
struct ByText {
  using Key = TextKey;
  using Hash = TextKeyHash;
  using Value = Text;

  template <class Input>
  static const Value* column(const Input& rows) {
    return rows.symbol.data();
  }
};

struct ByNumber {
  using Key = NumberKey;
  using Hash = NumberKeyHash;
  using Value = std::int64_t;

  template <class Input>
  static const Value* column(const Input& rows) {
    return rows.id.data();
  }
};

template <class By, class Value>
using Map = boost::unordered_flat_map<typename By::Key, Value, typename By::Hash>;

}  // namespace
}  // namespace eventflux::bench::hand
