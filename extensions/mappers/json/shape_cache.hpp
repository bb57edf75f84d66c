#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "shape.hpp"

namespace eventflux::mappers::json {

/// The shapes of recent payloads. Shape: at most 8; the least recently followed one makes room.
/// Traffic without recurring shapes is noticed, and then hardly costs anything.
class ShapeCache {
 public:
  /// Appends the values of a payload that follows a known shape, and returns its rows; otherwise
  /// nothing, and the builder is as before.
  std::optional<std::uint32_t> read(std::string_view payload, const RowTarget& target);

  /// Returns whether the payload that was just refused is worth learning from.
  bool wants_shape();
  /// Remembers a shape, or that there was none to be learned.
  void learned(std::optional<Shape> shape);

 private:
  struct Known {
    Shape shape{};
    std::uint64_t followed = 0;  ///< When it was followed last, in payloads.
  };

  static constexpr std::size_t shapes_max = 8;
  static constexpr std::size_t guesses_max = 64;

  std::optional<std::uint32_t> try_shape(std::size_t index, std::string_view payload,
                                         const RowTarget& target);
  void refused();

  std::vector<Known> known_{};
  std::array<std::uint8_t, guesses_max> guesses_{};  ///< By length class and first 16 bytes.
  std::size_t slot_ = 0;                             ///< The guess of the payload at hand.
  std::uint64_t payloads_ = 0;
  std::int32_t trust_ = 0;
  std::uint32_t asleep_ = 0;          ///< Payloads that pass before shapes are tried again.
  std::uint32_t nap_ = 0;             ///< How long the last sleep was.
  std::uint32_t until_learning_ = 0;  ///< Refused payloads that pass before one is learned from.
  std::uint32_t learning_gap_ = 1;
};

}  // namespace eventflux::mappers::json
