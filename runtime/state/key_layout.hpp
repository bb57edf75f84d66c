#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "eventflux/batch.hpp"
#include "eventflux/state.hpp"

namespace eventflux::runtime {

namespace key_hash {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t seed_a = 0xA0761D6478BD642FULL;
constexpr std::uint64_t seed_b = 0xE7037ED1A0B428DBULL;

inline std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t octets(std::string_view text);

}  // namespace key_hash

/// Hash of a number: one multiplication. Dense numbers collide under the identity.
inline std::uint64_t hash_number(std::uint64_t word) {
  return key_hash::fold_multiply(word ^ key_hash::seed_a, key_hash::seed_b);
}

/// Hash of text: one multiplication for what fits inline.
inline std::uint64_t hash_text_key(const Text& text) {
  if (!text.is_inline()) [[unlikely]]
    return key_hash::octets(text.view());
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::memcpy(&a, &text, 8);
  std::memcpy(&b, &text.rest, 8);
  return key_hash::fold_multiply(a ^ key_hash::seed_a, b ^ key_hash::seed_b);
}

/// The two for hash tables, which look for a name.
struct NumberHash {
  // NOLINTNEXTLINE(readability-identifier-naming)
  using is_avalanching = void;

  std::size_t operator()(std::int64_t number) const noexcept {
    return hash_number(static_cast<std::uint64_t>(number));
  }
};

struct TextHash {
  // NOLINTNEXTLINE(readability-identifier-naming)
  using is_avalanching = void;

  std::size_t operator()(const Text& text) const noexcept { return hash_text_key(text); }
};

/// Returns the word that stands for a number: one for all NaN, and one for 0.0 and -0.0.
inline std::uint64_t real_word(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  return std::bit_cast<std::uint64_t>(value == 0.0 ? 0.0 : value);
}

template <class Stored>
std::uint64_t key_word(Stored value) {
  if constexpr (std::is_floating_point_v<Stored>) {
    return real_word(static_cast<double>(value));
  } else {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
  }
}

/// Calls visit(Stored()) with the C++ type of a number's values; not for text and DECIMAL.
template <class Visit>
void visit_number(Type type, Visit visit) {
  switch (type) {
    case Type::boolean:
      return visit(std::uint8_t());
    case Type::int32:
      return visit(std::int32_t());
    case Type::float32:
      return visit(float());
    case Type::float64:
      return visit(double());
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return visit(std::int64_t());
    case Type::decimal:
    case Type::string:
    case Type::bytes:
    case Type::json:
      return;
  }
}

/// Where the values of a key stand in words of 8 bytes: numbers take one, text and DECIMAL two. A
/// key with a number among others ends with bits that say which are NULL.
/// NaN equals NaN and 0.0 equals -0.0; NULL equals NULL. The words of a key of one column alone say
/// nothing of NULL. Owns: nothing; long text is borrowed.
class KeyLayout {
 public:
  explicit KeyLayout(std::vector<Type> types);

  /// Returns how many words a key has.
  std::size_t words() const { return words_; }

  std::size_t width() const { return types_.size(); }

  Type type(std::size_t column) const { return types_[column]; }

  /// The key is one number alone.
  bool is_number() const { return types_.size() == 1 && words_ == 1; }

  /// The key is text alone, which its words are as they stand.
  bool is_text() const { return types_.size() == 1 && is_stored_as_text(types_[0]); }

  /// Writes the keys of rows[first] … rows[first + count - 1] one after another.
  void encode(std::span<const Column> columns, Selection rows, std::uint32_t first,
              std::uint32_t count, std::uint64_t* keys) const;

  std::uint64_t hash(const std::uint64_t* key) const;
  bool equal(const std::uint64_t* a, const std::uint64_t* b) const;

  /// Replaces each long text of a key by visit(text).
  template <class Visit>
  void replace_long_texts(std::uint64_t* key, Visit visit) const {
    for (std::size_t c = 0; has_text_ && c < types_.size(); ++c) {
      if (!is_stored_as_text(types_[c]) || is_null(key, c)) continue;
      Text text;
      std::memcpy(static_cast<void*>(&text), key + offsets_[c], sizeof text);
      if (text.is_inline()) continue;
      text = visit(text);
      std::memcpy(key + offsets_[c], &text, sizeof text);
    }
  }

  /// Writes value `column` of a key to a row.
  void decode(const std::uint64_t* key, std::size_t column, ColumnWriter& out,
              std::uint32_t row) const;

  void save(const std::uint64_t* key, SnapshotWriter& writer) const;
  /// Reads what save() wrote; returns whether the last value is NULL. Fails: EF0702.
  Result<bool> load(SnapshotReader& reader, std::uint64_t* key) const;

 private:
  bool is_null(const std::uint64_t* key, std::size_t column) const;
  void set_null(std::uint64_t* key, std::size_t column) const;

  std::vector<Type> types_;
  std::vector<std::size_t> offsets_;  // in words
  std::size_t null_word_ = 0;         // the first that says which numbers are NULL
  std::size_t null_words_ = 0;
  std::size_t words_ = 0;
  bool has_text_ = false;
};

}  // namespace eventflux::runtime
