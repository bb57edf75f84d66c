#include "tests/bench/micro/messages.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "eventflux/context.hpp"

namespace eventflux::bench {
namespace {

constexpr std::int64_t first_ms = 1'672'515'782'000;
constexpr std::uint32_t messages_per_ms = 10;

template <class... Parts>
std::string print(const char* format, Parts... parts) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), format, parts...);
  return {text.data(), static_cast<std::size_t>(size)};
}

/// Makes the fields of one trade, in the order of Binance; `T` is written later.
std::array<std::string, 9> make_fields(Rng& rng, std::uint32_t number, std::uint32_t symbols) {
  using Whole = unsigned long long;
  const auto symbol = static_cast<unsigned>(rng.below(symbols));
  // Neither number ends in a nought but for the price's padding, so that there is one shortest
  // way to write it.
  const Whole cents = 2'000'000 + rng.below(790'000) * 10 + 1 + rng.below(9);
  const Whole lots = 1'000'000'000 + rng.below(899'999'999) * 10 + 1 + rng.below(9);
  return {R"("e":"trade")",
          print(R"("E":%lld)", static_cast<long long>(first_ms)),
          print(R"("s":"X%05uUSDT")", symbol),
          print(R"("t":%010llu)", Whole{3'412'000'000} + number),
          print(R"("p":"%llu.%02llu000000")", cents / 100, cents % 100),
          print(R"("q":"%llu.%08llu")", lots / 100'000'000, lots % 100'000'000),
          R"("T":0000000000000)",
          rng.below(2) == 0 ? R"("m":true)" : R"("m":false)",
          R"("M":true)"};
}

void shuffle(std::array<std::string, 9>& fields, Rng& rng) {
  for (std::size_t left = fields.size(); left > 1; --left)
    std::swap(fields[left - 1], fields[rng.below(left)]);
}

}  // namespace

Messages::Messages(std::uint32_t count, std::uint32_t symbols, FieldOrder order)
    : next_ms_(first_ms) {
  Rng rng(symbols);
  Rng shuffler(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::array<std::string, 9> fields = make_fields(rng, i, symbols);
    if (order == FieldOrder::any) shuffle(fields, shuffler);
    begins_.push_back(text_.size());
    for (const std::string& field : fields)
      text_.append(&field == fields.data() ? "{" : ",").append(field);
    text_.push_back('}');
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
