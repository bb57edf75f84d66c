#include "runtime/delivery/payloads.hpp"

#include "base/compress.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::size_t spare_bytes = 64;  // parsers read past the payload

base::Compression compression_of(model::Decompress decompress) {
  switch (decompress) {
    case model::Decompress::none:
      return base::Compression::none;
    case model::Decompress::automatic:
      return base::Compression::automatic;
    case model::Decompress::gzip:
      return base::Compression::gzip;
    case model::Decompress::deflate:
      return base::Compression::deflate;
    case model::Decompress::zlib:
      return base::Compression::zlib;
    case model::Decompress::zstd:
      return base::Compression::zstd;
  }
  return base::Compression::none;
}

}  // namespace

Result<std::span<char>> Payloads::plain(std::span<char> payload) {
  if (payload.size() > bytes_max_) {
    return Error{Code::too_large,
                 "payload of " + std::to_string(payload.size()) + " bytes is too large",
                 "raise message.max.bytes"};
  }
  if (decompress_ == model::Decompress::none) return payload;
  inflated_.clear();
  EF_CHECK(base::decompress(compression_of(decompress_), {payload.data(), payload.size()},
                            bytes_max_, inflated_));
  const std::size_t size = inflated_.size();
  inflated_.resize(size + spare_bytes);
  return std::span<char>(inflated_.data(), size);
}

}  // namespace eventflux::runtime
