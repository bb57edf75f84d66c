#include "runtime/operators/group_index.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "runtime/operators/kept_rows.hpp"

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
  if constexpr (std::is_floating_point_v<Stored>)
    return real_bits(static_cast<double>(value));
  else
    return value;
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
    default:
      return column.at<std::int64_t>(row);
  }
}

/// Appends a key so that equal keys give equal bytes and different keys different ones.
void append_key(const Column& column, std::uint32_t row, std::string& out) {
  if (column.is_null(row)) {
    out.push_back('\0');
    return;
  }
  out.push_back('\1');
  if (is_text(column.type)) {
    const std::string_view text = column.at<Text>(row).view();
    const auto size = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out.append(text);
  } else {
    const std::int64_t number = number_at(column, row);
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
}

}  // namespace

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
  if (keys.size() == 1) strategy_ = is_text(keys[0]) ? Strategy::text : Strategy::number;
  if (keys.size() > 1) strategy_ = Strategy::several;
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
    default:
      return resolve_stored<std::int64_t>(key, rows, groups);
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

void GroupIndex::resolve_several(std::span<const Column> keys, Selection rows,
                                 std::uint32_t* groups) {
  for_each_row(rows, [&](std::uint32_t row) {
    scratch_.clear();
    for (const Column& key : keys)
      append_key(key, row, scratch_);
    if (const auto found = texts_.find(Text(scratch_)); found != texts_.end()) {
      groups[row] = found->second;
      return;
    }
    const Text stored = arena_.store(scratch_);
    groups[row] = add(keys, row);
    texts_.emplace(stored, groups[row]);
  });
}

void GroupIndex::clear() {
  for (ColumnBuilder& builder : builders_)
    builder.truncate(0);
  arena_.reset();
  numbers_.clear();
  texts_.clear();
  null_.reset();
  size_ = 0;
}

void GroupIndex::save(std::uint32_t group, SnapshotWriter& writer) const {
  for (const ColumnBuilder& builder : builders_)
    save_cell(builder.column(), group, writer);
}

Result<void> GroupIndex::load(SnapshotReader& reader) {
  const std::uint32_t group = size_++;
  for (ColumnBuilder& builder : builders_)
    EF_CHECK(load_cell(builder, reader));
  if (strategy_ == Strategy::several) {
    scratch_.clear();
    for (const ColumnBuilder& builder : builders_)
      append_key(builder.column(), group, scratch_);
    texts_.emplace(arena_.store(scratch_), group);
  } else if (strategy_ != Strategy::none) {
    const Column key = builders_[0].column();
    if (key.is_null(group))
      null_ = group;
    else if (strategy_ == Strategy::number)
      numbers_.emplace(number_at(key, group), group);
    else
      texts_.emplace(key.at<Text>(group), group);
  }
  return {};
}

}  // namespace eventflux::runtime
