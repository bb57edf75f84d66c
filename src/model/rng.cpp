#include "eventflux/context.hpp"
#include "eventflux/function.hpp"

namespace eventflux {
namespace {

// SplitMix64: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ULL;

}  // namespace

std::uint64_t Rng::next() {
  state_ += golden;
  return mix(state_);
}

std::uint64_t Rng::below(std::uint64_t bound) {
  // The high half of a 128-bit product; its bias is below 2^-40 for bounds that occur here.
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64U);
}

double Rng::unit() {
  return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

std::uint64_t FunctionCall::random(std::uint32_t row) const {
  const std::uint64_t position = first_sequence + (origin == nullptr ? row : origin[row]);
  return mix(mix(seed + golden * (position + 1)) + (origin == nullptr ? 0 : row));
}

}  // namespace eventflux
