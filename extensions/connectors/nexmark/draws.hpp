#pragma once

#include <cstdint>

namespace eventflux::connectors::nexmark {

/// What random numbers are drawn for; each purpose has its own sequence.
enum class Purpose : std::uint8_t { events, channels, letters };

/// The random numbers of one event: they depend on the seed, the purpose and the number n only.
/// Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
class Draws {
 public:
  Draws(std::uint64_t seed, Purpose purpose, std::uint64_t n) : Draws(key(seed, purpose), n) {}

  /// `key` is that of a seed and a purpose.
  Draws(std::uint64_t key, std::uint64_t n) : state_(finish(key + n * golden)) {}

  static std::uint64_t key(std::uint64_t seed, Purpose purpose) {
    return finish(seed + golden * (static_cast<std::uint64_t>(purpose) + 1));
  }

  std::uint64_t draw() {
    state_ += golden;
    return finish(state_);
  }

  /// Returns a number in [0, bound).
  std::uint64_t below(std::uint64_t bound) { return high(draw(), bound); }

  /// Draws only if `wanted`, and returns any number otherwise: half of these are a surprise to the
  /// processor, so there is no branch.
  std::uint64_t below_if(bool wanted, std::uint64_t bound) {
    state_ += wanted ? golden : 0;
    return high(finish(state_), bound);
  }

 private:
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ULL;

  static std::uint64_t finish(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  static std::uint64_t high(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(a) * b) >> 64U);
  }

  std::uint64_t state_;
};

}  // namespace eventflux::connectors::nexmark
