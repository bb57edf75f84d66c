#include "base/compress.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <zlib.h>
#include <zstd.h>

// Output grows by one chunk at a time, and the caps are looked at behind each: whatever the input
// claims, at most one chunk is written above a cap.

namespace eventflux::base {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 10U;
// A few bytes of any format may stand for more than their 200-fold; this much never hurts.
constexpr std::uint64_t always_allowed_bytes = chunk_bytes;
// The longest mark, that of zstd.
constexpr std::size_t mark_bytes = 4;

Error damaged(std::string_view format, std::string_view reason) {
  return {Code::undecodable, "payload is not " + std::string(format) + ": " + std::string(reason)};
}

bool is_zlib_header(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const unsigned first = static_cast<unsigned char>(bytes[0]);
  const unsigned second = static_cast<unsigned char>(bytes[1]);
  return (first & 0x0FU) == Z_DEFLATED && first >> 4U <= 7 && (first * 256 + second) % 31 == 0;
}

Compression compression_of(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Compression::gzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  if (bytes.starts_with('\x78') && is_zlib_header(bytes)) return Compression::zlib;
  return Compression::none;
}

/// Counts what goes in and out, and owns the place where output is written.
class Output {
 public:
  explicit Output(const DecompressLimits& limits) : limits_(limits) {}

  void count_input(std::size_t bytes) { in_ += bytes; }

  /// Returns room for one chunk behind what `out` holds.
  char* room(std::string& out) {
    used_ = out.size();
    out.resize(used_ + chunk_bytes);
    return out.data() + used_;
  }

  Result<void> keep(std::string& out, std::size_t bytes) {
    out.resize(used_ + bytes);
    out_ += bytes;
    if (out_ > limits_.bytes_max) {
      return Error{Code::too_large, "decompressed payload is larger than allowed: " +
                                        std::to_string(limits_.bytes_max) + " bytes"};
    }
    if (limits_.ratio_max != 0 && out_ > always_allowed_bytes && out_ / limits_.ratio_max >= in_) {
      return Error{Code::too_large, "payload grows more than " + std::to_string(limits_.ratio_max) +
                                        "-fold when decompressed"};
    }
    return {};
  }

 private:
  DecompressLimits limits_;
  std::uint64_t in_ = 0;
  std::uint64_t out_ = 0;
  std::size_t used_ = 0;
};

class Codec {
 public:
  virtual ~Codec() = default;
  virtual Result<void> feed(std::string_view bytes, std::string& out, Output& output) = 0;
  virtual Result<void> finish() = 0;
};

class PlainCodec final : public Codec {
 public:
  Result<void> feed(std::string_view bytes, std::string& out, Output& output) override {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), chunk_bytes))) {
      const std::string_view part = bytes.substr(0, chunk_bytes);
      part.copy(output.room(out), part.size());
      EF_CHECK(output.keep(out, part.size()));
    }
    return {};
  }

  Result<void> finish() override { return {}; }
};

int window_bits(Compression compression) {
  // zlib's own encoding: 16 more for gzip, negative for no header.
  if (compression == Compression::gzip) return MAX_WBITS + 16;
  return compression == Compression::zlib ? MAX_WBITS : -MAX_WBITS;
}

class ZlibCodec final : public Codec {
 public:
  explicit ZlibCodec(Compression compression) : gzip_(compression == Compression::gzip) {
    ready_ = inflateInit2(&stream_, window_bits(compression)) == Z_OK;
  }

  ZlibCodec(const ZlibCodec&) = delete;
  ZlibCodec& operator=(const ZlibCodec&) = delete;

  ~ZlibCodec() override {
    if (ready_) inflateEnd(&stream_);
  }

  Result<void> feed(std::string_view bytes, std::string& out, Output& output) override;

  Result<void> finish() override {
    if (!ended_) return damaged(name(), "it ends too early");
    return {};
  }

 private:
  std::string_view name() const { return gzip_ ? "gzip" : "deflate"; }

  Result<void> inflate_chunk(std::string& out, Output& output);

  z_stream stream_{};
  bool gzip_;
  bool ready_ = false;
  bool ended_ = false;
};

Result<void> ZlibCodec::feed(std::string_view bytes, std::string& out, Output& output) {
  if (!ready_) return Error{Code::app_failed, "no memory to decompress"};
  std::string input(bytes);  // zlib's pointer is not const
  stream_.next_in = reinterpret_cast<Bytef*>(input.data());
  stream_.avail_in = static_cast<uInt>(input.size());
  do {
    if (ended_ && stream_.avail_in > 0) {
      if (!gzip_ || inflateReset(&stream_) != Z_OK) return damaged(name(), "bytes behind its end");
      ended_ = false;
    }
    EF_CHECK(inflate_chunk(out, output));
  } while (stream_.avail_in > 0 || stream_.avail_out == 0);
  return {};
}

Result<void> ZlibCodec::inflate_chunk(std::string& out, Output& output) {
  stream_.next_out = reinterpret_cast<Bytef*>(output.room(out));
  stream_.avail_out = static_cast<uInt>(chunk_bytes);
  const int state = ended_ ? Z_STREAM_END : inflate(&stream_, Z_NO_FLUSH);
  EF_CHECK(output.keep(out, chunk_bytes - stream_.avail_out));
  if (state == Z_NEED_DICT) return damaged(name(), "it needs a dictionary");
  if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
    return damaged(name(), stream_.msg == nullptr ? "damaged" : stream_.msg);
  ended_ = state == Z_STREAM_END;
  return {};
}

class ZstdCodec final : public Codec {
 public:
  explicit ZstdCodec(int window_log_max) : stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, window_log_max);
  }

  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;

  ~ZstdCodec() override { ZSTD_freeDStream(stream_); }

  Result<void> feed(std::string_view bytes, std::string& out, Output& output) override;

  Result<void> finish() override {
    if (wanted_ != 0) return damaged("zstd", "it ends too early");
    return {};
  }

 private:
  ZSTD_DStream* stream_;
  std::size_t wanted_ = 1;  // what zstd still expects; zero between frames
};

Result<void> ZstdCodec::feed(std::string_view bytes, std::string& out, Output& output) {
  if (stream_ == nullptr) return Error{Code::app_failed, "no memory to decompress"};
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  bool full = false;
  while (input.pos < input.size || full) {
    ZSTD_outBuffer part{output.room(out), chunk_bytes, 0};
    const std::size_t before = input.pos;
    wanted_ = ZSTD_decompressStream(stream_, &part, &input);
    const bool failed = ZSTD_isError(wanted_) != 0;
    EF_CHECK(output.keep(out, failed ? 0 : part.pos));
    if (failed) return damaged("zstd", ZSTD_getErrorName(wanted_));
    full = part.pos == part.size && wanted_ != 0;
    if (input.pos == before && part.pos == 0) break;
  }
  return {};
}

std::unique_ptr<Codec> make_codec(Compression compression, std::string_view first,
                                  int window_log_max) {
  if (compression == Compression::automatic) compression = compression_of(first);
  if (compression == Compression::deflate && is_zlib_header(first)) compression = Compression::zlib;
  if (compression == Compression::none) return std::make_unique<PlainCodec>();
  if (compression == Compression::zstd) return std::make_unique<ZstdCodec>(window_log_max);
  return std::make_unique<ZlibCodec>(compression);
}

}  // namespace

struct Decompressor::State {
  Compression compression;
  int window_log_max;
  Output output;
  std::string first{};  // held back until there are enough bytes to tell the format
  std::unique_ptr<Codec> codec{};
  std::optional<Error> failed{};

  Result<void> pass(std::string_view bytes, std::string& out) {
    if (!codec) codec = make_codec(compression, bytes, window_log_max);
    auto fed = codec->feed(bytes, out, output);
    if (!fed.ok()) failed = fed.error();
    return fed;
  }
};

Decompressor::Decompressor(Compression compression, DecompressLimits limits)
    : state_(std::make_unique<State>(State{compression, limits.window_log_max, Output(limits)})) {}

Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

Result<void> Decompressor::feed(std::string_view bytes, std::string& out) {
  State& state = *state_;
  if (state.failed) return *state.failed;
  state.output.count_input(bytes.size());
  if (state.codec) return state.pass(bytes, out);
  if (state.first.size() + bytes.size() < mark_bytes) {
    state.first.append(bytes);
    return {};
  }
  if (state.first.empty()) return state.pass(bytes, out);
  state.first.append(bytes);
  return state.pass(std::exchange(state.first, {}), out);
}

Result<void> Decompressor::finish(std::string& out) {
  State& state = *state_;
  if (state.failed) return *state.failed;
  if (!state.codec) EF_CHECK(state.pass(std::exchange(state.first, {}), out));
  return state.codec->finish();
}

Result<void> decompress(Compression compression, std::string_view bytes, std::uint64_t bytes_max,
                        std::string& out) {
  out.clear();
  Decompressor decompressor(compression, {.bytes_max = bytes_max});
  EF_CHECK(decompressor.feed(bytes, out));
  return decompressor.finish(out);
}

}  // namespace eventflux::base
