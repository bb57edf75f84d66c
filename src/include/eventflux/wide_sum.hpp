#pragma once

#include <cstdint>
#include <optional>

#include "eventflux/decimal.hpp"

namespace eventflux {

/// A sum of unscaled DECIMALs in 192 bits: one that left 38 digits and came back is right again.
/// Shape: high × 2^128 + low, in two's complement.
class WideSum {
 public:
  void add(Int128 value) {
    const auto bits = static_cast<Bits>(value);
    const std::int64_t carry = __builtin_add_overflow(low_, bits, &low_) ? 1 : 0;
    high_ += carry - (value < 0 ? 1 : 0);
  }

  void add(const WideSum& other) {
    const std::int64_t carry = __builtin_add_overflow(low_, other.low_, &low_) ? 1 : 0;
    high_ += other.high_ + carry;
  }

  /// Returns the sum; nothing when it has more than 38 digits.
  std::optional<Int128> number() const {
    const auto value = static_cast<Int128>(low_);
    if (high_ != (value < 0 ? -1 : 0) || value >= limit || value <= -limit) return std::nullopt;
    return value;
  }

  double real() const { return static_cast<double>(high_) * 0x1p128 + static_cast<double>(low_); }

 private:
  __extension__ using Bits = unsigned __int128;
  static constexpr Int128 limit = Int128{10'000'000'000'000'000'000U} * 10'000'000'000'000'000'000U;

  Bits low_ = 0;
  std::int64_t high_ = 0;
  [[maybe_unused]] std::int64_t unused_ = 0;  // to the next 16 bytes
};

/// The exact sum of whole numbers, and of how many: one that left the range of BIGINT and came back
/// is right again. State of sum() and avg().
struct WholeSum {
  __extension__ using Wide = __int128;
  static constexpr bool shared = true;

  // Two halves: a number of 16 bytes would have to stand at 16.
  std::uint64_t low = 0;
  std::int64_t high = 0;
  std::int64_t values = 0;

  Wide total() const { return static_cast<Wide>(high) << 64U | low; }

  void add(std::int64_t value) {
    add_total(value);
    ++values;
  }

  void remove(std::int64_t value) {
    add_total(-static_cast<Wide>(value));
    --values;
  }

  void merge(const WholeSum& other) {
    add_total(other.total());
    values += other.values;
  }

 private:
  void add_total(Wide value) {
    const Wide sum = total() + value;
    low = static_cast<std::uint64_t>(sum);
    high = static_cast<std::int64_t>(sum >> 64U);
  }
};

/// The sum of doubles, and of how many. State of sum() and avg().
struct RealSum {
  static constexpr bool shared = true;

  double total = 0;
  std::int64_t values = 0;

  void add(double value) {
    total += value;
    ++values;
  }

  void merge(const RealSum& other) {
    total += other.total;
    values += other.values;
  }
};

}  // namespace eventflux
