// Both digests take blocks of 64 bytes; the last one or two hold a set bit, zeros and the length.
#include "digest.hpp"

#include <bit>
#include <cmath>
#include <cstring>

namespace eventflux::functions::conversion {
namespace {

constexpr std::size_t block_size = 64;

enum class Order : std::uint8_t { little, big };

using Block = std::array<std::uint32_t, 16>;

Block load_block(const std::uint8_t* bytes, Order order) {
  Block block{};
  for (std::size_t i = 0; i < block_size; ++i) {
    const std::size_t byte = order == Order::little ? i % 4 : 3 - i % 4;
    block[i / 4] |= std::uint32_t{bytes[i]} << (byte * 8);
  }
  return block;
}

template <class Digest>
void digest(std::string_view text, Order order, Digest&& take) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t left = text.size();
  for (; left >= block_size; left -= block_size, bytes += block_size)
    take(load_block(bytes, order));
  std::array<std::uint8_t, 2 * block_size> last{};
  if (left > 0) std::memcpy(last.data(), bytes, left);
  last[left] = 0x80;
  const std::size_t size = left + 9 <= block_size ? block_size : 2 * block_size;
  const std::uint64_t bits = std::uint64_t{text.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::size_t at = order == Order::little ? size - 8 + i : size - 1 - i;
    last[at] = static_cast<std::uint8_t>(bits >> (i * 8));
  }
  for (std::size_t at = 0; at < size; at += block_size)
    take(load_block(last.data() + at, order));
}

template <std::size_t N>
std::array<std::uint8_t, N * 4> store(const std::array<std::uint32_t, N>& words, Order order) {
  std::array<std::uint8_t, N * 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t byte = order == Order::little ? i % 4 : 3 - i % 4;
    bytes[i] = static_cast<std::uint8_t>(words[i / 4] >> (byte * 8));
  }
  return bytes;
}

// RFC 1321: floor(2^32 · |sin(i + 1)|).
std::array<std::uint32_t, 64> md5_constants() {
  std::array<std::uint32_t, 64> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<std::uint32_t>(std::fabs(std::sin(static_cast<double>(i + 1))) * 0x1p32);
  return table;
}

void md5_block(std::array<std::uint32_t, 4>& state, const Block& block) {
  static const std::array<std::uint32_t, 64> constants = md5_constants();
  constexpr std::array<std::array<int, 4>, 4> shifts{
      {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
  auto [a, b, c, d] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::size_t round = i / 16;
    const std::array<std::uint32_t, 4> mixed{(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d,
                                             c ^ (b | ~d)};
    const std::array<std::size_t, 4> place{i, 5 * i + 1, 3 * i + 5, 7 * i};
    const std::uint32_t sum = a + mixed[round] + constants[i] + block[place[round] % 16];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, shifts[round][i % 4]);
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

// FIPS 180-4, 4.2.2: the first 32 bits of the fractions of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> sha256_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void sha256_block(std::array<std::uint32_t, 8>& state, const Block& block) {
  std::array<std::uint32_t, 64> schedule{};
  std::copy(block.begin(), block.end(), schedule.begin());
  for (std::size_t i = 16; i < schedule.size(); ++i) {
    const std::uint32_t w15 = schedule[i - 15];
    const std::uint32_t w2 = schedule[i - 2];
    schedule[i] = schedule[i - 16] + (std::rotr(w15, 7) ^ std::rotr(w15, 18) ^ (w15 >> 3U)) +
                  schedule[i - 7] + (std::rotr(w2, 17) ^ std::rotr(w2, 19) ^ (w2 >> 10U));
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                ((e & f) ^ (~e & g)) + sha256_constants[i] + schedule[i];
    const std::uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i)
    state[i] += added[i];
}

}  // namespace

std::array<std::uint8_t, 16> md5(std::string_view text) {
  std::array<std::uint32_t, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  digest(text, Order::little, [&](const Block& block) { md5_block(state, block); });
  return store(state, Order::little);
}

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint32_t, 8> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  digest(text, Order::big, [&](const Block& block) { sha256_block(state, block); });
  return store(state, Order::big);
}

}  // namespace eventflux::functions::conversion
