#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eventflux::bench {

enum class FieldOrder : std::uint8_t {
  fixed,  ///< As Binance sends them: one shape.
  any,    ///< Another in each message, so that none is like one before.
};

/// Trades as Binance sends them, 138 bytes each, one behind the other.
/// Shape: 64 readable bytes follow the last one. `T` rises by 1 ms every 10 messages; restamp()
/// moves all of them on, as a stream would.
class Messages {
 public:
  Messages(std::uint32_t count, std::uint32_t symbols, FieldOrder order = FieldOrder::fixed);

  std::uint32_t size() const { return static_cast<std::uint32_t>(begins_.size()); }

  std::uint64_t bytes() const { return text_.size() - spare; }

  std::span<char> operator[](std::uint32_t i) { return {text_.data() + begins_[i], length_of(i)}; }

  /// Writes the times of the next round into all messages.
  void restamp();

 private:
  static constexpr std::size_t spare = 64;

  std::size_t length_of(std::uint32_t i) const {
    return (i + 1 == begins_.size() ? text_.size() - spare : begins_[i + 1]) - begins_[i];
  }

  std::string text_;
  std::vector<std::size_t> begins_;
  std::vector<std::size_t> times_;  ///< Where the digits of T begin.
  std::int64_t next_ms_;
};

/// The message as a stream declares it: 7 of its 9 fields.
inline constexpr std::string_view message_columns =
    "E TIMESTAMP, s STRING, t BIGINT, p DOUBLE, q DOUBLE, T TIMESTAMP, m BOOLEAN";

}  // namespace eventflux::bench
