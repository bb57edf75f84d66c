#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/state.hpp"

#include "base/flat_map.hpp"

namespace eventflux::runtime {

/// Hash of text: two multiplications for what fits inline.
struct TextHash {
  // The name is what the hash table looks for.
  // NOLINTNEXTLINE(readability-identifier-naming)
  using is_avalanching = void;
  std::size_t operator()(const Text& text) const noexcept;
};

/// Hash of a number: one multiplication. Dense keys collide under the identity.
struct NumberHash {
  // NOLINTNEXTLINE(readability-identifier-naming): as above
  using is_avalanching = void;
  std::size_t operator()(std::int64_t number) const noexcept;
};

/// Two key values, NULL or not, in 16 bytes each: numbers, and text that fits inline.
struct KeyPair {
  std::array<std::uint64_t, 4> words{};

  bool operator==(const KeyPair&) const = default;
};

struct KeyPairHash {
  // The name is what the hash table looks for.
  // NOLINTNEXTLINE(readability-identifier-naming)
  using is_avalanching = void;
  std::size_t operator()(const KeyPair& pair) const noexcept;
};

/// Gives each distinct key the next dense number, in order of first appearance. NULL is a key of
/// its own; NaN equals NaN and 0.0 equals -0.0. Shape: without key columns every row is group 0.
class GroupIndex {
 public:
  explicit GroupIndex(std::vector<Type> keys);

  /// Writes groups[row] for every selected row; new keys get new numbers.
  void resolve(std::span<const Column> keys, Selection rows, std::uint32_t* groups);

  std::uint32_t size() const { return size_; }

  /// Returns the values of key column `key`, row g being that of group g.
  Column keys(std::size_t key) const { return builders_[key].column(); }

  std::size_t width() const { return builders_.size(); }

  void clear();

  /// Writes the key of a group.
  void save(std::uint32_t group, SnapshotWriter& writer) const;
  /// Adds the next group with a key that save() wrote.
  Result<void> load(SnapshotReader& reader);

 private:
  enum class Strategy : std::uint8_t { none, number, text, pair, several };

  void resolve_numbers(const Column& key, Selection rows, std::uint32_t* groups);
  template <class Stored>
  void resolve_stored(const Column& key, Selection rows, std::uint32_t* groups);
  void resolve_decimals(const Column& key, Selection rows, std::uint32_t* groups);
  void resolve_texts(const Column& key, Selection rows, std::uint32_t* groups);
  void resolve_pairs(std::span<const Column> keys, Selection rows, std::uint32_t* groups);
  void resolve_several(std::span<const Column> keys, Selection rows, std::uint32_t* groups);
  std::uint32_t resolve_pair(const KeyPair& pair, std::span<const Column> keys, std::uint32_t row);
  std::uint32_t resolve_bytes(std::span<const Column> keys, std::uint32_t row);
  void enter(std::uint32_t group);
  std::uint32_t add(std::span<const Column> keys, std::uint32_t row);
  std::uint32_t null_group(const Column& key, std::uint32_t row);

  Strategy strategy_ = Strategy::none;
  Arena arena_;
  std::vector<ColumnBuilder> builders_;
  base::FlatMap<std::int64_t, std::uint32_t, NumberHash> numbers_;
  base::FlatMap<Text, std::uint32_t, TextHash> texts_;
  base::FlatMap<KeyPair, std::uint32_t, KeyPairHash> pairs_;
  std::optional<std::uint32_t> null_;
  std::uint32_t size_ = 0;
  std::string scratch_;
};

}  // namespace eventflux::runtime
