#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace eventflux::bench::hand {
namespace {

/// A buffer for lines of JSON; the caller knows that a line fits.
class LineBuffer {
 public:
  explicit LineBuffer(std::size_t bytes) : bytes_(bytes), end_(bytes_.data()) {}

  LineBuffer& text(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
    return *this;
  }

  template <class Number>
  LineBuffer& number(Number value) {
    end_ = std::to_chars(end_, end_ + 32, value).ptr;
    return *this;
  }

  /// A whole real is written with its point, as the engine does.
  LineBuffer& real(double value) {
    number(value);
    return value == std::trunc(value) ? text(".0") : *this;
  }

  std::string_view view() const {
    return {bytes_.data(), static_cast<std::size_t>(end_ - bytes_.data())};
  }

  void clear() { end_ = bytes_.data(); }

 private:
  std::vector<char> bytes_;
  char* end_;
};

}  // namespace
}  // namespace eventflux::bench::hand
