#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "eventflux/batch.hpp"

#include "draws.hpp"

namespace eventflux::connectors::nexmark {

/// Whether two oddities of the first implementation are kept: bidders 1000 too high, and one
/// channel id below zero.
enum class Compat : std::uint8_t { none, flink };

struct Channel {
  Text name;
  Text url;
};

/// What events are put together from: all that depends on the seed and not on the event.
/// Owns: the text that rows borrow.
class Tables {
 public:
  static constexpr std::uint64_t hot_channels = 4;
  static constexpr std::uint64_t cached_channels = 10'000;

  Tables(std::uint64_t seed, Compat compat);

  /// Draws a price in cents, log-uniform over 100 … 10^8.
  std::int64_t price(Draws& draws) const {
    constexpr double step = 0.003372927382315497;  // 6 ln 10 / 4096
    const std::uint64_t bits = draws.draw();
    const auto mantissa = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << 52U) - 1));
    const double z = static_cast<double>(mantissa) * 0x1p-52 * step;
    const double price = prices_[bits >> 52U] * (1.0 + z * (1.0 + z * (0.5 + z / 6.0)));
    return static_cast<std::int64_t>(std::floor(price + 0.5));
  }

  /// Draws letters so that `used` bytes and they come to about `average`.
  std::string_view extra(Draws& draws, std::size_t used, std::size_t average) const {
    if (used > average) return {};
    const std::size_t wanted = average - used;
    const auto spread =
        static_cast<std::size_t>(std::floor(0.2 * static_cast<double>(wanted) + 0.5));
    const std::size_t length =
        wanted - spread + (spread == 0 ? 0 : static_cast<std::size_t>(draws.below(2 * spread)));
    if (length == 0) return {};
    return {letters_.data() + draws.below(letter_count - length), length};
  }

  /// Shape: the hot ones, then the cache.
  const Channel& channel(std::uint64_t index) const { return channels_[index]; }

 private:
  static constexpr std::size_t letter_count = std::size_t{1} << 20U;

  void make_channels(std::uint64_t seed, Compat compat);
  void make_letters(std::uint64_t seed);

  std::array<double, 4096> prices_{};
  std::vector<std::string> urls_;
  std::vector<Channel> channels_;
  std::string letters_;
};

/// Draws a text of 3 … max - 1 letters, one in 13 of them `special`, a blank or '_', and writes it
/// to `out`, where up to three more bytes are overwritten.
/// Returns its length; blanks at its ends are cut off.
std::size_t draw_text(Draws& draws, std::size_t max, char special, char* out);

}  // namespace eventflux::connectors::nexmark
