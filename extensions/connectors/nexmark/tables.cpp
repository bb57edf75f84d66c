#include "tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace eventflux::connectors::nexmark {
namespace {

constexpr double scale = 1048576.0;  // prices start at multiples of 2^-20, alike with every libm

/// What 16 random bits, scaled to 0 … 337, stand for: the special one for 26 of them.
constexpr std::size_t scaled_count = 338;

constexpr std::array<char, scaled_count> make_letters_of_text(char special) {
  std::array<char, scaled_count> letters{};
  for (std::size_t i = 0; i < scaled_count; ++i)
    letters[i] = i < 26 ? special : static_cast<char>('a' + i % 26);
  return letters;
}

constexpr auto with_blanks = make_letters_of_text(' ');
constexpr auto with_underscores = make_letters_of_text('_');

std::string make_url(Draws& draws) {
  std::string url = "https://www.nexmark.com/";
  std::array<char, 8> folder{};
  for (int i = 0; i < 3; ++i) {
    url.append(folder.data(), draw_text(draws, 5, '_', folder.data()));
    url += '/';
  }
  return url + "item.htm?query=1";
}

std::int64_t channel_id(std::uint32_t channel, Compat compat) {
  std::uint32_t reversed = 0;
  for (unsigned bit = 0; bit < 32; ++bit)
    reversed |= ((channel >> bit) & 1U) << (31U - bit);
  const std::int64_t id = static_cast<std::int32_t>(reversed);
  // The least 32-bit number has no absolute value in 32 bits.
  const bool overflows = compat == Compat::flink && reversed == 0x80000000U;
  return id < 0 && !overflows ? -id : id;
}

}  // namespace

std::size_t draw_text(Draws& draws, std::size_t max, char special, char* out) {
  const auto& letters = special == ' ' ? with_blanks : with_underscores;
  std::size_t length = 3 + draws.below(max - 3);
  for (std::size_t i = 0; i < length; i += 4) {
    std::uint64_t bits = draws.draw();
    for (std::size_t k = i; k < i + 4; ++k) {
      out[k] = letters[((bits & 0xFFFFU) * scaled_count) >> 16U];
      bits >>= 16U;
    }
  }
  if (special != ' ') return length;
  std::size_t blanks = 0;
  while (blanks < length && out[blanks] == ' ')
    ++blanks;
  while (length > blanks && out[length - 1] == ' ')
    --length;
  length -= blanks;
  std::memmove(out, out + blanks, length);
  return length;
}

Tables::Tables(std::uint64_t seed, Compat compat) {
  for (std::size_t i = 0; i < prices_.size(); ++i) {
    const double exponent = 6.0 * static_cast<double>(i) / 4096;
    prices_[i] = std::floor(100 * std::pow(10.0, exponent) * scale + 0.5) / scale;
  }
  make_channels(seed, compat);
  make_letters(seed);
}

void Tables::make_channels(std::uint64_t seed, Compat compat) {
  constexpr std::array<const char*, hot_channels> hot{"Google", "Facebook", "Baidu", "Apple"};
  Draws draws(seed, Purpose::channels, 0);
  urls_.reserve(hot_channels + cached_channels);  // texts stay where they are
  const auto add = [&](const std::string& name, std::string url) {
    urls_.push_back(std::move(url));
    channels_.push_back({Text(name), Text(urls_.back())});  // names are short and held inline
  };
  for (const char* name : hot)
    add(name, make_url(draws));
  for (std::uint32_t i = 0; i < cached_channels; ++i) {
    std::string url = make_url(draws);
    if (draws.below(10) > 0) url += "&channel_id=" + std::to_string(channel_id(i, compat));
    add("channel-" + std::to_string(i), std::move(url));
  }
}

void Tables::make_letters(std::uint64_t seed) {
  Draws draws(seed, Purpose::letters, 0);
  letters_.reserve(letter_count);
  while (letters_.size() < letter_count) {
    std::uint64_t bits = draws.draw();
    for (int i = 0; i < 4; ++i) {
      letters_ += static_cast<char>('a' + (((bits & 0xFFFFU) * 26U) >> 16U));
      bits >>= 16U;
    }
  }
}

}  // namespace eventflux::connectors::nexmark
