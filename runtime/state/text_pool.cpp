#include "runtime/state/text_pool.hpp"

#include <bit>
#include <cstring>

namespace eventflux::runtime {

std::size_t TextPool::class_of(std::size_t size) {
  if (size <= step * small_classes) return (size - 1) / step;
  return small_classes + std::bit_width((size - 1) / (step * small_classes)) - 1;
}

std::size_t TextPool::class_bytes(std::size_t size_class) {
  if (size_class < small_classes) return (size_class + 1) * step;
  return step * small_classes << (size_class - small_classes + 1);
}

Text TextPool::store(std::string_view text) {
  if (text.size() <= Text::inline_max) return Text(text);
  const std::size_t size_class = class_of(text.size());
  char*& free = free_[size_class];
  char* place = free;
  if (place != nullptr) {
    std::memcpy(&free, place, sizeof free);
  } else {
    place = arena_.allocate(class_bytes(size_class));
  }
  std::memcpy(place, text.data(), text.size());
  return Text({place, text.size()});
}

void TextPool::release(const Text& text) {
  if (text.is_inline()) return;
  char*& free = free_[class_of(text.length)];
  auto* const place = const_cast<char*>(text.data);
  std::memcpy(place, &free, sizeof free);
  free = place;
}

void TextPool::clear() {
  arena_.reset();
  free_.fill(nullptr);
}

}  // namespace eventflux::runtime
