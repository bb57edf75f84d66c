#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "eventflux/error.hpp"

#include "options.hpp"

namespace eventflux::connectors::file {

/// One payload at the front of a buffer. Shape: `begin` ≤ `end` ≤ `next`, all from its start.
struct Frame {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t next = 0;  ///< Where the frame behind it begins.
};

/// Whether more bytes may follow those that are there.
enum class Tail : std::uint8_t { open, final };

/// Cuts bytes into payloads.
class Framer {
 public:
  Framer(Framing framing, std::string delimiter);

  /// Returns the first frame of `bytes`, of which the first `searched` hold no delimiter; nothing
  /// when it is not complete.
  std::optional<Frame> next(std::string_view bytes, std::size_t searched, Tail tail) const;
  /// Returns how many bytes from the front hold no delimiter, for the next search.
  std::size_t searched(std::string_view bytes) const;
  /// Returns the size that a frame of length32 announces; nothing when it is not there yet.
  std::optional<std::size_t> announced(std::string_view bytes) const;
  /// Returns the bytes up to and with the first delimiter; nothing when there is none.
  std::optional<std::size_t> skip(std::string_view bytes) const;
  /// Returns the size of a frame without its end; `ended`: the bytes have one.
  std::size_t content_size(std::string_view bytes, bool ended) const;

 private:
  Framing framing_;
  std::string delimiter_;
};

}  // namespace eventflux::connectors::file
