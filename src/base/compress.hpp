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

/// Makes compressed bytes large again, piece by piece, within a cap.
/// Shape: members of gzip and frames of zstd may follow each other.
class Decompressor {
 public:
  /// `bytes_max` caps the whole output.
  Decompressor(Compression compression, std::uint64_t bytes_max);
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;
  ~Decompressor();

  /// Appends to `out` what `bytes` yield. Fails: EF0601 damaged, EF0605 above the cap or more than
  /// 200 times the input; `out` then holds a part, and every later call fails too.
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
