#include "tests/bench/micro/messages.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "eventflux/context.hpp"

namespace eventflux::bench {
namespace {

constexpr std::int64_t first_ms = 1'672'515'782'000;
constexpr std::uint32_t messages_per_ms = 10;

}  // namespace

Messages::Messages(std::uint32_t count, std::uint32_t symbols) : next_ms_(first_ms) {
  Rng rng(symbols);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::array<char, 200> line{};
    const auto symbol = static_cast<unsigned>(rng.below(symbols));
    // Neither number ends in a nought but for the price's padding, so that there is one shortest
    // way to write it.
    const std::uint64_t cents = 2'000'000 + rng.below(790'000) * 10 + 1 + rng.below(9);
    const std::uint64_t lots = 1'000'000'000 + rng.below(899'999'999) * 10 + 1 + rng.below(9);
    const int size = std::snprintf(
        line.data(), line.size(),
        R"({"e":"trade","E":%lld,"s":"X%05uUSDT","t":%010llu,"p":"%llu.%02llu000000",)"
        R"("q":"%llu.%08llu","T":0000000000000,"m":%s,"M":true})",
        static_cast<long long>(first_ms), symbol, 3'412'000'000ULL + i,
        static_cast<unsigned long long>(cents / 100), static_cast<unsigned long long>(cents % 100),
        static_cast<unsigned long long>(lots / 100'000'000),
        static_cast<unsigned long long>(lots % 100'000'000), rng.below(2) == 0 ? "true" : "false");
    begins_.push_back(text_.size());
    text_.append(line.data(), static_cast<std::size_t>(size));
    times_.push_back(text_.find("\"T\":", begins_.back()) + 4);
  }
  text_.append(spare, '\0');
  restamp();
}

void Messages::restamp() {
  for (std::uint32_t i = 0; i < size(); ++i) {
    char* digits = text_.data() + times_[i];
    std::to_chars(digits, digits + 13, next_ms_);
    if (i % messages_per_ms == messages_per_ms - 1) ++next_ms_;
  }
}

}  // namespace eventflux::bench
