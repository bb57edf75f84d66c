#include "runtime/state/key_layout.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace eventflux::runtime {
namespace {

constexpr std::uint64_t null_mark = ~std::uint64_t{0};  // no text is that long
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;

template <class Stored>
Stored number_of(std::uint64_t word) {
  if constexpr (std::is_floating_point_v<Stored>) {
    return static_cast<Stored>(std::bit_cast<double>(word));
  } else {
    return static_cast<Stored>(word);
  }
}

bool is_number_type(Type type) {
  return !is_stored_as_text(type) && type != Type::decimal;
}

}  // namespace

std::uint64_t key_hash::octets(std::string_view text) {
  std::uint64_t state = seed_a ^ text.size();
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    state = fold_multiply(state ^ word, seed_b);
    text.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  return fold_multiply(state ^ word, seed_a);
}

KeyLayout::KeyLayout(std::vector<Type> types) : types_(std::move(types)) {
  bool numbers = false;
  for (const Type type : types_) {
    offsets_.push_back(words_);
    words_ += is_number_type(type) ? 1 : 2;
    numbers |= is_number_type(type);
    has_text_ |= is_stored_as_text(type);
  }
  null_word_ = words_;
  if (numbers && types_.size() > 1) null_words_ = (types_.size() + 63) / 64;
  words_ += null_words_;
}

bool KeyLayout::is_null(const std::uint64_t* key, std::size_t column) const {
  if (is_number_type(types_[column]))
    return null_words_ != 0 && (key[null_word_ + column / 64] >> (column % 64) & 1U) != 0;
  return key[offsets_[column]] == null_mark && key[offsets_[column] + 1] == null_mark;
}

void KeyLayout::set_null(std::uint64_t* key, std::size_t column) const {
  std::uint64_t* const words = key + offsets_[column];
  if (is_number_type(types_[column])) {
    words[0] = 0;
    if (null_words_ != 0) key[null_word_ + column / 64] |= std::uint64_t{1} << (column % 64);
  } else {
    words[0] = words[1] = null_mark;
  }
}

void KeyLayout::encode(std::span<const Column> columns, Selection rows, std::uint32_t first,
                       std::uint32_t count, std::uint64_t* keys) const {
  for (std::uint32_t i = 0; null_words_ != 0 && i < count; ++i)
    std::fill_n(keys + i * words_ + null_word_, null_words_, std::uint64_t{0});
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const Column& column = columns[c];
    const auto for_each_value = [&](auto write) {
      for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t row = rows[first + i];
        if (column.is_null(row)) {
          set_null(keys + i * words_, c);
        } else {
          write(row, keys + i * words_ + offsets_[c]);
        }
      }
    };
    if (is_stored_as_text(types_[c])) {
      for_each_value([&](std::uint32_t row, std::uint64_t* words) {
        std::memcpy(words, column.data<Text>() + column.index(row), sizeof(Text));
      });
    } else if (types_[c] == Type::decimal) {
      // It has 127 bits, so that with the first one turned it is never the mark of NULL.
      for_each_value([&](std::uint32_t row, std::uint64_t* words) {
        std::memcpy(words, column.data<Int128>() + column.index(row), sizeof(Int128));
        words[1] ^= sign_bit;
      });
    } else {
      visit_number(types_[c], [&](auto stored) {
        for_each_value([&](std::uint32_t row, std::uint64_t* words) {
          words[0] = key_word(column.at<decltype(stored)>(row));
        });
      });
    }
  }
}

std::uint64_t KeyLayout::hash(const std::uint64_t* key) const {
  if (is_number()) return hash_number(key[0]);
  if (is_text()) return hash_text_key(*reinterpret_cast<const Text*>(key));
  using key_hash::fold_multiply;
  using key_hash::seed_b;
  std::uint64_t state = key_hash::seed_a;
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const std::uint64_t* const words = key + offsets_[c];
    if (is_number_type(types_[c])) {
      state = fold_multiply(state ^ words[0], seed_b);
    } else if (is_stored_as_text(types_[c]) && !is_null(key, c)) {
      state = fold_multiply(state ^ hash_text_key(*reinterpret_cast<const Text*>(words)), seed_b);
    } else {
      state = fold_multiply(state ^ words[0], words[1] ^ seed_b);
    }
  }
  for (std::size_t i = 0; i < null_words_; ++i)
    state ^= key[null_word_ + i] * seed_b;
  return state;
}

bool KeyLayout::equal(const std::uint64_t* a, const std::uint64_t* b) const {
  std::size_t same = 0;
  while (same < words_ && a[same] == b[same])
    ++same;
  if (same == words_) return true;
  // What differs may be where long text of the same octets stands.
  if (!has_text_ || !std::equal(a + null_word_, a + words_, b + null_word_)) return false;
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const std::uint64_t* const left = a + offsets_[c];
    const std::uint64_t* const right = b + offsets_[c];
    if (left[0] != right[0]) return false;
    if (is_number_type(types_[c]) || left[1] == right[1]) continue;
    if (!is_stored_as_text(types_[c]) || is_null(a, c) || is_null(b, c)) return false;
    if (!(*reinterpret_cast<const Text*>(left) == *reinterpret_cast<const Text*>(right)))
      return false;
  }
  return true;
}

void KeyLayout::decode(const std::uint64_t* key, std::size_t column, ColumnWriter& out,
                       std::uint32_t row) const {
  const std::uint64_t* const words = key + offsets_[column];
  const bool null = is_null(key, column);
  if (null) out.set_null(row);
  if (is_stored_as_text(types_[column])) {
    out.data<Text>()[row] = null ? Text() : *reinterpret_cast<const Text*>(words);
  } else if (types_[column] == Type::decimal) {
    const std::array<std::uint64_t, 2> value{words[0], words[1] ^ sign_bit};
    std::memcpy(out.data<Int128>() + row, value.data(), sizeof value);
  } else {
    visit_number(types_[column], [&](auto stored) {
      using Stored = decltype(stored);
      out.data<Stored>()[row] = number_of<Stored>(words[0]);
    });
  }
}

void KeyLayout::save(const std::uint64_t* key, SnapshotWriter& writer) const {
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const std::uint64_t* const words = key + offsets_[c];
    const bool null = is_null(key, c);
    writer.put(!null);
    if (null) continue;
    if (is_stored_as_text(types_[c])) {
      writer.put_text(reinterpret_cast<const Text*>(words)->view());
    } else {
      writer.put(words[0]);
      if (types_[c] == Type::decimal) writer.put(words[1]);
    }
  }
}

Result<bool> KeyLayout::load(SnapshotReader& reader, std::uint64_t* key) const {
  std::fill_n(key + null_word_, null_words_, std::uint64_t{0});
  bool present = true;
  for (std::size_t c = 0; c < types_.size(); ++c) {
    std::uint64_t* const words = key + offsets_[c];
    EF_TRY(present, reader.get<bool>());
    if (!present) {
      set_null(key, c);
    } else if (is_stored_as_text(types_[c])) {
      EF_TRY(const auto octets, reader.get_text());
      const Text text(octets);
      std::memcpy(words, &text, sizeof text);
    } else {
      EF_TRY(words[0], reader.get<std::uint64_t>());
      if (types_[c] != Type::decimal) continue;
      EF_TRY(words[1], reader.get<std::uint64_t>());
    }
  }
  return !present;
}

}  // namespace eventflux::runtime
