#include "key_table.hpp"

#include <algorithm>
#include <array>

namespace eventflux::mappers::json {
namespace {

// A key is compared without a look at how much payload is left, so it must be shorter than the
// readable bytes behind a payload.
constexpr std::size_t key_bytes_max = 60;
// Keys with one head stand in a row, which must stay short whatever a peer sends.
constexpr unsigned learned_max = 64;
constexpr std::size_t keys_max = 4096;
// With few taken slots nearly every key is found at once, which a processor can predict.
constexpr std::size_t slots_first = 64;
constexpr std::size_t slots_per_key = 8;

}  // namespace

void KeyTable::add(std::string_view name, std::uint32_t value) {
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
  if (plain) insert(std::string(name) + '"', value);
}

void KeyTable::learn(std::string_view quoted, std::uint32_t value) {
  if (learned_ == learned_max) return;
  ++learned_;
  insert(quoted, value);
}

void KeyTable::insert(std::string_view quoted, std::uint32_t value) {
  if (quoted.size() > key_bytes_max || keys_.size() == keys_max) return;
  std::array<char, head_bytes> head{};
  std::memcpy(head.data(), quoted.data(), std::min(quoted.size(), head_bytes));
  keys_.push_back({head_of(head.data()), std::string(quoted), value});
  if (keys_.size() * slots_per_key <= slots_.size())
    return place(static_cast<std::uint16_t>(keys_.size() - 1));
  slots_.assign(std::max(slots_first, slots_.size() * 2), empty);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots_.size()));
  for (std::uint16_t key = 0; key < keys_.size(); ++key)
    place(key);
}

void KeyTable::place(std::uint16_t key) {
  std::size_t slot = slot_of(keys_[key].head);
  while (slots_[slot] != empty)
    slot = next(slot);
  slots_[slot] = key;
}

}  // namespace eventflux::mappers::json
