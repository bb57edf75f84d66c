#pragma once

#include <array>
#include <string_view>

#include "eventflux/batch.hpp"

namespace eventflux::runtime {

/// Text that entries of a table keep, given back one by one and used again for text of the same
/// size class: multiples of 16 bytes up to 1 KiB, then powers of two.
class TextPool {
 public:
  /// Returns `text` with its bytes in this pool, unless they fit inline.
  Text store(std::string_view text);
  /// Gives back what store() returned.
  void release(const Text& text);
  void clear();

  std::size_t bytes() const { return arena_.bytes(); }

 private:
  static constexpr std::size_t step = 16;
  static constexpr std::size_t small_classes = 64;
  static constexpr std::size_t large_classes = 24;

  static std::size_t class_of(std::size_t size);
  static std::size_t class_bytes(std::size_t size_class);

  Arena arena_;
  std::array<char*, small_classes + large_classes> free_{};  // each begins with the next one
};

}  // namespace eventflux::runtime
