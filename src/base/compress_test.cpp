#include "base/compress.hpp"

#include <string>

#include <doctest/doctest.h>

namespace eventflux::base {
namespace {

using namespace std::string_literals;

// "hello hello hello hello" as gzip, zlib and zstd wrote it.
const std::string plain = "hello hello hello hello";
const std::string gzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01\xe3\x51\x3d"
    "\x8d\x17\x00\x00\x00"s;
const std::string zlib = "\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01\x68\x03\x08\xb1"s;
const std::string raw = zlib.substr(2, zlib.size() - 6);
const std::string zstd =
    "\x28\xb5\x2f\xfd\x00\x58\x65\x00\x00\x30\x68\x65\x6c\x6c\x6f\x20\x01\x00\x99\x4b\x11"s;

std::string out_of(Compression compression, std::string_view bytes) {
  std::string out;
  REQUIRE(decompress(compression, bytes, 1 << 20, out).ok());
  return out;
}

Code failure_of(Compression compression, std::string_view bytes, std::uint64_t bytes_max) {
  std::string out;
  const auto result = decompress(compression, bytes, bytes_max, out);
  REQUIRE_FALSE(result.ok());
  return result.error().code;
}

/// A raw deflate stream of zeros, without its end: behind the head, one byte stands for 1,032.
std::string bomb() {
  return "\xed\xc1\x01\x01\x00\x00\x00\x82\x20\xff\xaf\x6e\x48\x40\x01"s +
         std::string(100'000, '\0');
}

TEST_CASE("every format is read under its own name") {
  CHECK(out_of(Compression::gzip, gzip) == plain);
  CHECK(out_of(Compression::zlib, zlib) == plain);
  CHECK(out_of(Compression::deflate, raw) == plain);
  CHECK(out_of(Compression::deflate, zlib) == plain);
  CHECK(out_of(Compression::zstd, zstd) == plain);
  CHECK(out_of(Compression::none, gzip) == gzip);
}

TEST_CASE("automatic finds the format by its first bytes and leaves the rest alone") {
  CHECK(out_of(Compression::automatic, gzip) == plain);
  CHECK(out_of(Compression::automatic, zlib) == plain);
  CHECK(out_of(Compression::automatic, zstd) == plain);
  CHECK(out_of(Compression::automatic, "x") == "x");
  CHECK(out_of(Compression::automatic, "") == "");
  CHECK(out_of(Compression::automatic, "{\"a\":1}") == "{\"a\":1}");
}

TEST_CASE("single bytes yield the same as one piece") {
  Decompressor decompressor(Compression::automatic, {.bytes_max = 1000});
  std::string out;
  for (const char byte : gzip)
    REQUIRE(decompressor.feed({&byte, 1}, out).ok());
  REQUIRE(decompressor.finish(out).ok());
  CHECK(out == plain);
}

TEST_CASE("members of gzip and frames of zstd follow each other") {
  CHECK(out_of(Compression::zstd, zstd + zstd) == plain + plain);
  CHECK(out_of(Compression::gzip, gzip + gzip) == plain + plain);
}

TEST_CASE("output above the cap is refused, EF0605") {
  CHECK(failure_of(Compression::gzip, gzip, plain.size() - 1) == Code::too_large);
  CHECK(failure_of(Compression::none, "abc", 2) == Code::too_large);
}

TEST_CASE("a bomb is refused by its ratio long before the cap, EF0605") {
  std::string out;
  const auto result = decompress(Compression::deflate, bomb(), 1U << 30U, out);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == Code::too_large);
  CHECK(out.size() < 201 * bomb().size());
}

TEST_CASE("damaged and short input is refused, EF0601") {
  std::string flipped = gzip;
  flipped[14] = static_cast<char>(flipped[14] ^ 0x55);
  CHECK(failure_of(Compression::gzip, flipped, 1000) == Code::undecodable);
  CHECK(failure_of(Compression::gzip, gzip.substr(0, 20), 1000) == Code::undecodable);
  CHECK(failure_of(Compression::zlib, zlib + "tail", 1000) == Code::undecodable);
  CHECK(failure_of(Compression::zstd, zstd.substr(0, 12), 1000) == Code::undecodable);
  CHECK(failure_of(Compression::zstd, "no zstd at all", 1000) == Code::undecodable);
  CHECK(failure_of(Compression::gzip, "", 1000) == Code::undecodable);
}

}  // namespace
}  // namespace eventflux::base
