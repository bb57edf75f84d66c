#include "shape_cache.hpp"

#include <algorithm>

#include "words.hpp"

namespace eventflux::mappers::json {
namespace {

// Trust rises by one with a payload that follows and falls by two with one that does not, so shapes
// are tried as long as two of three payloads follow: a refusal costs less than a success saves.
constexpr std::int32_t trust_first = 32;
constexpr std::int32_t trust_after_nap = 8;
constexpr std::int32_t trust_max = 128;
constexpr std::int32_t trust_loss = 2;
constexpr std::uint32_t nap_first = 64;
constexpr std::uint32_t nap_max = 16'384;
constexpr std::uint32_t learning_gap_max = 1024;

/// Returns a number for payloads that are as long and begin alike.
std::size_t guess_slot(std::string_view payload) {
  const auto length = static_cast<std::uint64_t>(std::bit_width(payload.size()));
  const std::uint64_t begin = load_word(payload.data()) ^ load_word(payload.data() + 8) * 31;
  return static_cast<std::size_t>(((begin + length) * 0x9E3779B97F4A7C15ULL) >> 58U);
}

}  // namespace

std::optional<std::uint32_t> ShapeCache::read(std::string_view payload, const RowTarget& target) {
  if (asleep_ > 0) {
    --asleep_;
    return std::nullopt;
  }
  ++payloads_;
  slot_ = guess_slot(payload);
  const std::size_t guess = guesses_[slot_];
  if (guess < known_.size())
    if (const auto rows = try_shape(guess, payload, target)) return rows;
  for (std::size_t index = 0; index < known_.size(); ++index) {
    if (index == guess) continue;
    if (const auto rows = try_shape(index, payload, target)) return rows;
  }
  refused();
  return std::nullopt;
}

std::optional<std::uint32_t> ShapeCache::try_shape(std::size_t index, std::string_view payload,
                                                   const RowTarget& target) {
  Known& known = known_[index];
  const ShapeOutcome outcome = follow(known.shape, payload, target);
  if (!outcome.followed) {
    if (outcome.touched) target.rows.truncate(target.rows.rows());
    return std::nullopt;
  }
  guesses_[slot_] = static_cast<std::uint8_t>(index);
  known.followed = payloads_;
  trust_ = std::min(trust_ + 1, trust_max);
  nap_ = 0;
  return outcome.rows;
}

void ShapeCache::refused() {
  trust_ -= trust_loss;
  if (trust_ >= 0) return;
  if (payloads_ > 1) {
    nap_ = std::clamp(nap_ * 2, nap_first, nap_max);
    asleep_ = nap_;
  }
  trust_ = nap_ == 0 ? trust_first : trust_after_nap;
}

bool ShapeCache::wants_shape() {
  if (asleep_ > 0) return false;
  if (until_learning_ == 0) return true;
  --until_learning_;
  return false;
}

void ShapeCache::learned(std::optional<Shape> shape) {
  const bool known = shape && std::any_of(known_.begin(), known_.end(), [&](const Known& other) {
                       return other.shape == *shape;
                     });
  if (!shape || known) {
    // What was refused is not the payload's shape but something in it: learning does not help.
    learning_gap_ = std::min(learning_gap_ * 2, learning_gap_max);
    until_learning_ = learning_gap_;
    return;
  }
  learning_gap_ = 1;
  std::size_t index = known_.size();
  if (index < shapes_max) {
    known_.emplace_back();
  } else {
    const auto oldest = std::min_element(
        known_.begin(), known_.end(),
        [](const Known& left, const Known& right) { return left.followed < right.followed; });
    index = static_cast<std::size_t>(oldest - known_.begin());
  }
  known_[index] = {*std::move(shape), payloads_};
  guesses_[slot_] = static_cast<std::uint8_t>(index);
}

}  // namespace eventflux::mappers::json
