#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "eventflux/error.hpp"

namespace eventflux::base {

/// How bytes were made smaller. `automatic` looks at their first bytes and passes on what has the
/// mark of no format. `deflate` takes the raw form and the zlib form, as HTTP's senders mix them.
enum class Compression : std::uint8_t { none, automatic, gzip, zlib, deflate, zstd };

/// What compressed bytes may cost. The defaults are for payloads of strangers.
struct DecompressLimits {
  std::uint64_t bytes_max = ~std::uint64_t{0};  ///< Of the whole output.
  std::uint64_t ratio_max = 200;                ///< Of output to input; 0 sets no limit.
  int window_log_max = 24;  ///< Of memory that a zstd frame asks for: 16 MiB, as much as a payload.
};

/// Makes compressed bytes large again, piece by piece, within a cap.
/// Shape: members of gzip and frames of zstd may follow each other.
class Decompressor {
 public:
  Decompressor(Compression compression, DecompressLimits limits);
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;
  ~Decompressor();

  /// Appends to `out` what `bytes` yield. Fails: EF0601 damaged, EF0605 above a limit; `out` then
  /// holds a part, and every later call fails too.
  Result<void> feed(std::string_view bytes, std::string& out);
  /// Says that there is no more input. Fails: EF0601 when the input ends too early.
  Result<void> finish(std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Replaces `out` with the decompressed `bytes`. Fails: like Decompressor.
Result<void> decompress(Compression compression, std::string_view bytes, std::uint64_t bytes_max,
                        std::string& out);

}  // namespace eventflux::base
