#include "runtime/operators/group_index.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/assert.hpp"
#include "runtime/operators/row_codec.hpp"

namespace eventflux::runtime {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

constexpr std::uint64_t seed_a = 0xA0761D6478BD642FULL;
constexpr std::uint64_t seed_b = 0xE7037ED1A0B428DBULL;

std::uint64_t hash_bytes(std::string_view text) {
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

std::int64_t real_bits(double value) {
  if (std::isnan(value))
    return std::bit_cast<std::int64_t>(std::numeric_limits<double>::quiet_NaN());
  return std::bit_cast<std::int64_t>(value == 0.0 ? 0.0 : value);
}

template <class Stored>
std::int64_t number_of(Stored value) {
  if constexpr (std::is_floating_point_v<Stored>) {
    return real_bits(static_cast<double>(value));
  } else {
    return value;
  }
}

std::int64_t number_at(const Column& column, std::uint32_t row) {
  switch (column.type) {
    case Type::boolean:
      return number_of(column.at<std::uint8_t>(row));
    case Type::int32:
      return number_of(column.at<std::int32_t>(row));
    case Type::float32:
      return number_of(column.at<float>(row));
    case Type::float64:
      return number_of(column.at<double>(row));
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return column.at<std::int64_t>(row);
    case Type::decimal:
    case Type::string:
    case Type::bytes:
    case Type::json:
      break;
  }
  EF_ASSERT(!"a key of 16 bytes is not a number of 8");
  return 0;
}

/// Returns the octets by which keys of 16 bytes are told apart; `place` holds those of a DECIMAL.
Text text_of(const Column& column, std::uint32_t row, std::array<char, sizeof(Int128)>& place) {
  if (is_stored_as_text(column.type)) return column.at<Text>(row);
  std::memcpy(place.data(), column.data<Int128>() + column.index(row), place.size());
  return Text({place.data(), place.size()});
}

/// Whether a key is kept as text: it does not fit 8 bytes.
bool is_wide(Type type) {
  return is_stored_as_text(type) || type == Type::decimal;
}

/// Appends a key so that equal keys give equal bytes and different keys different ones.
void append_key(const Column& column, std::uint32_t row, std::string& out) {
  if (column.is_null(row)) {
    out.push_back('\0');
    return;
  }
  out.push_back('\1');
  if (is_wide(column.type)) {
    std::array<char, sizeof(Int128)> place;
    const Text octets = text_of(column, row, place);
    const std::string_view text = octets.view();
    const auto size = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out.append(text);
  } else {
    const std::int64_t number = number_at(column, row);
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
}

constexpr std::uint32_t pairs_at_once = 64;

/// Writes the values of one column into the halves of pairs.
/// Invariant: what is written of a NULL is not written of any value.
struct PairHalves {
  std::array<KeyPair, pairs_at_once>& pairs;
  std::uint64_t& too_long;  // a bit per pair: its text does not fit
  std::size_t first_word = 0;
  const Column& column;
  Selection rows;
  std::uint32_t first = 0;  // in `rows`
  std::uint32_t count = 0;

  template <class Write>
  void for_each_value(Write write_value) const {
    constexpr std::uint64_t null_mark = ~std::uint64_t{0};  // no text is that long
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t row = rows[first + i];
      std::uint64_t* const half = pairs[i].words.data() + first_word;
      if (column.is_null(row)) {
        half[0] = half[1] = null_mark;
      } else {
        write_value(i, row, half);
      }
    }
  }

  void write_texts() const {
    for_each_value([&](std::uint32_t i, std::uint32_t row, std::uint64_t* half) {
      const Text& text = column.at<Text>(row);
      if (!text.is_inline()) too_long |= std::uint64_t{1} << i;
      std::memcpy(half, &text, sizeof text);
    });
  }

  // A DECIMAL has 127 bits, so that with the first one turned it is never the mark of NULL.
  void write_decimals() const {
    for_each_value([&](std::uint32_t, std::uint32_t row, std::uint64_t* half) {
      std::memcpy(half, column.data<Int128>() + column.index(row), sizeof(Int128));
      half[1] ^= std::uint64_t{1} << 63U;
    });
  }

  template <class Stored>
  void write_numbers() const {
    for_each_value([&](std::uint32_t, std::uint32_t row, std::uint64_t* half) {
      half[0] = static_cast<std::uint64_t>(number_of(column.at<Stored>(row)));
      half[1] = 0;
    });
  }

  void write() const {
    switch (column.type) {
      case Type::string:
      case Type::bytes:
      case Type::json:
        return write_texts();
      case Type::decimal:
        return write_decimals();
      case Type::boolean:
        return write_numbers<std::uint8_t>();
      case Type::int32:
        return write_numbers<std::int32_t>();
      case Type::float32:
        return write_numbers<float>();
      case Type::float64:
        return write_numbers<double>();
      case Type::int64:
      case Type::timestamp:
      case Type::duration:
        return write_numbers<std::int64_t>();
    }
  }
};

}  // namespace

std::size_t KeyPairHash::operator()(const KeyPair& pair) const noexcept {
  const auto& words = pair.words;
  return fold_multiply(words[0] ^ seed_a, words[1] ^ seed_b) ^
         fold_multiply(words[2] ^ seed_b, words[3] ^ seed_a);
}

std::size_t TextHash::operator()(const Text& text) const noexcept {
  if (!text.is_inline()) return hash_bytes(text.view());
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::memcpy(&a, &text, 8);
  std::memcpy(&b, &text.rest, 8);
  return fold_multiply(a ^ seed_a, b ^ seed_b);
}

std::size_t NumberHash::operator()(std::int64_t number) const noexcept {
  return fold_multiply(static_cast<std::uint64_t>(number) ^ seed_a, seed_b);
}

GroupIndex::GroupIndex(std::vector<Type> keys) {
  for (const Type type : keys)
    builders_.emplace_back(type, &arena_);
  if (keys.size() == 1) strategy_ = is_wide(keys[0]) ? Strategy::text : Strategy::number;
  if (keys.size() > 1) strategy_ = keys.size() == 2 ? Strategy::pair : Strategy::several;
}

std::uint32_t GroupIndex::add(std::span<const Column> keys, std::uint32_t row) {
  for (std::size_t i = 0; i < builders_.size(); ++i)
    builders_[i].append_from(keys[i], row);
  return size_++;
}

std::uint32_t GroupIndex::null_group(const Column& key, std::uint32_t row) {
  if (!null_) null_ = add({&key, 1}, row);
  return *null_;
}

void GroupIndex::resolve(std::span<const Column> keys, Selection rows, std::uint32_t* groups) {
  switch (strategy_) {
    case Strategy::none:
      if (rows.count != 0) size_ = 1;
      for_each_row(rows, [&](std::uint32_t row) { groups[row] = 0; });
      return;
    case Strategy::number:
      return resolve_numbers(keys[0], rows, groups);
    case Strategy::text:
      return resolve_texts(keys[0], rows, groups);
    case Strategy::pair:
      return resolve_pairs(keys, rows, groups);
    case Strategy::several:
      return resolve_several(keys, rows, groups);
  }
}

void GroupIndex::resolve_numbers(const Column& key, Selection rows, std::uint32_t* groups) {
  switch (key.type) {
    case Type::boolean:
      return resolve_stored<std::uint8_t>(key, rows, groups);
    case Type::int32:
      return resolve_stored<std::int32_t>(key, rows, groups);
    case Type::float32:
      return resolve_stored<float>(key, rows, groups);
    case Type::float64:
      return resolve_stored<double>(key, rows, groups);
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return resolve_stored<std::int64_t>(key, rows, groups);
    case Type::decimal:
    case Type::string:
    case Type::bytes:
    case Type::json:
      return resolve_texts(key, rows, groups);
  }
}

template <class Stored>
void GroupIndex::resolve_stored(const Column& key, Selection rows, std::uint32_t* groups) {
  for_each_row(
      rows, [&](std::uint32_t row) __attribute__((always_inline)) {
        if (key.is_null(row)) {
          groups[row] = null_group(key, row);
          return;
        }
        const std::int64_t number = number_of(key.at<Stored>(row));
        const auto found = numbers_.find(number);
        if (found != numbers_.end()) [[likely]] {
          groups[row] = found->second;
          return;
        }
        groups[row] = add({&key, 1}, row);
        numbers_.emplace(number, groups[row]);
      });
}

void GroupIndex::resolve_texts(const Column& key, Selection rows, std::uint32_t* groups) {
  if (key.type == Type::decimal) return resolve_decimals(key, rows, groups);
  for_each_row(
      rows, [&](std::uint32_t row) __attribute__((always_inline)) {
        if (key.is_null(row)) {
          groups[row] = null_group(key, row);
          return;
        }
        const Text& text = key.at<Text>(row);
        if (const auto found = texts_.find(text); found != texts_.end()) {
          groups[row] = found->second;
          return;
        }
        groups[row] = add({&key, 1}, row);
        texts_.emplace(builders_[0].column().at<Text>(groups[row]), groups[row]);
      });
}

void GroupIndex::resolve_decimals(const Column& key, Selection rows, std::uint32_t* groups) {
  std::array<char, sizeof(Int128)> place;
  for_each_row(rows, [&](std::uint32_t row) {
    if (key.is_null(row)) {
      groups[row] = null_group(key, row);
      return;
    }
    const Text text = text_of(key, row, place);
    if (const auto found = texts_.find(text); found != texts_.end()) {
      groups[row] = found->second;
      return;
    }
    groups[row] = add({&key, 1}, row);
    texts_.emplace(arena_.store(text.view()), groups[row]);
  });
}

// A key with a long text equals no key without one, so each kind has a map of its own.
void GroupIndex::resolve_pairs(std::span<const Column> keys, Selection rows,
                               std::uint32_t* groups) {
  std::array<KeyPair, pairs_at_once> pairs;
  for (std::uint32_t first = 0; first < rows.count; first += pairs_at_once) {
    const std::uint32_t count = std::min(rows.count - first, pairs_at_once);
    std::uint64_t too_long = 0;
    for (std::size_t k = 0; k < 2; ++k)
      PairHalves{pairs, too_long, 2 * k, keys[k], rows, first, count}.write();
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t row = rows[first + i];
      const bool whole = ((too_long >> i) & 1U) != 0;
      groups[row] = whole ? resolve_bytes(keys, row) : resolve_pair(pairs[i], keys, row);
    }
  }
}

std::uint32_t GroupIndex::resolve_pair(const KeyPair& pair, std::span<const Column> keys,
                                       std::uint32_t row) {
  const auto [found, added] = pairs_.try_emplace(pair, size_);
  if (added) add(keys, row);
  return found->second;
}

void GroupIndex::resolve_several(std::span<const Column> keys, Selection rows,
                                 std::uint32_t* groups) {
  for_each_row(rows, [&](std::uint32_t row) { groups[row] = resolve_bytes(keys, row); });
}

std::uint32_t GroupIndex::resolve_bytes(std::span<const Column> keys, std::uint32_t row) {
  scratch_.clear();
  for (const Column& key : keys)
    append_key(key, row, scratch_);
  if (const auto found = texts_.find(Text(scratch_)); found != texts_.end()) return found->second;
  const std::uint32_t group = add(keys, row);
  texts_.emplace(arena_.store(scratch_), group);
  return group;
}

void GroupIndex::clear() {
  for (ColumnBuilder& builder : builders_)
    builder.truncate(0);
  arena_.reset();
  numbers_.clear();
  texts_.clear();
  pairs_.clear();
  null_.reset();
  size_ = 0;
}

void GroupIndex::save(std::uint32_t group, SnapshotWriter& writer) const {
  for (const ColumnBuilder& builder : builders_)
    save_cell(builder.column(), group, writer);
}

/// Makes a loaded key of several columns known.
void GroupIndex::enter(std::uint32_t group) {
  std::array<KeyPair, pairs_at_once> pairs;
  std::uint64_t too_long = strategy_ == Strategy::pair ? 0 : 1;
  for (std::size_t k = 0; k < 2; ++k) {
    const Column key = builders_[k].column();
    PairHalves{pairs, too_long, 2 * k, key, {nullptr, group + 1}, group, 1}.write();
  }
  if (too_long == 0) {
    pairs_.emplace(pairs[0], group);
    return;
  }
  scratch_.clear();
  for (const ColumnBuilder& builder : builders_)
    append_key(builder.column(), group, scratch_);
  texts_.emplace(arena_.store(scratch_), group);
}

Result<void> GroupIndex::load(SnapshotReader& reader) {
  const std::uint32_t group = size_++;
  for (ColumnBuilder& builder : builders_)
    EF_CHECK(load_cell(builder, reader));
  if (strategy_ == Strategy::pair || strategy_ == Strategy::several) {
    enter(group);
  } else if (strategy_ != Strategy::none) {
    const Column key = builders_[0].column();
    if (key.is_null(group)) {
      null_ = group;
    } else if (strategy_ == Strategy::number) {
      numbers_.emplace(number_at(key, group), group);
    } else {
      std::array<char, sizeof(Int128)> place;
      const Text text = text_of(key, group, place);
      texts_.emplace(key.type == Type::decimal ? arena_.store(text.view()) : text, group);
    }
  }
  return {};
}

}  // namespace eventflux::runtime
