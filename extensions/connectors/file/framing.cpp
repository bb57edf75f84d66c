#include "framing.hpp"

namespace eventflux::connectors::file {
namespace {

constexpr std::size_t length_bytes = 4;

}  // namespace

Framer::Framer(Framing framing, std::string delimiter)
    : framing_(framing), delimiter_(framing == Framing::lines ? "\n" : std::move(delimiter)) {}

std::optional<std::size_t> Framer::announced(std::string_view bytes) const {
  if (framing_ != Framing::length32 || bytes.size() < length_bytes) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    size = size << 8U | static_cast<unsigned char>(bytes[i]);
  return size;
}

std::optional<Frame> Framer::next(std::string_view bytes, std::size_t searched, Tail tail) const {
  if (framing_ == Framing::length32) {
    const auto size = announced(bytes);
    if (!size || bytes.size() - length_bytes < *size) return std::nullopt;
    return Frame{length_bytes, length_bytes + *size, length_bytes + *size};
  }
  std::size_t end = std::string_view::npos;
  if (framing_ != Framing::whole) end = bytes.find(delimiter_, searched);
  std::size_t next = end + delimiter_.size();
  if (end == std::string_view::npos) {
    if (tail == Tail::open || bytes.empty()) return std::nullopt;
    end = bytes.size();
    next = end;
  }
  if (framing_ == Framing::lines && end > 0 && bytes[end - 1] == '\r') --end;
  return Frame{0, end, next};
}

std::size_t Framer::searched(std::string_view bytes) const {
  if (framing_ == Framing::length32 || bytes.size() < delimiter_.size()) return 0;
  return bytes.size() - delimiter_.size() + 1;
}

std::size_t Framer::content_size(std::string_view bytes, bool ended) const {
  std::size_t size = bytes.size() - (ended ? delimiter_.size() : 0);
  if (framing_ == Framing::lines && size > 0 && bytes[size - 1] == '\r') --size;
  return size;
}

std::optional<std::size_t> Framer::skip(std::string_view bytes) const {
  const std::size_t end = delimiter_.empty() ? std::string_view::npos : bytes.find(delimiter_);
  if (end == std::string_view::npos) return std::nullopt;
  return end + delimiter_.size();
}

}  // namespace eventflux::connectors::file
