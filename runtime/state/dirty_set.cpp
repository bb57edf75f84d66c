#include "runtime/state/dirty_set.hpp"

#include <numeric>

namespace eventflux::runtime {

std::uint64_t DirtySet::count() const {
  std::uint64_t sum = 0;
  for (const std::uint32_t page : dirty_pages_)
    sum += std::accumulate(page_marks(page), page_marks(page) + page_entries, 0U);
  return sum;
}

void DirtySet::clear() {
  for (const std::uint32_t page : dirty_pages_) {
    std::fill_n(page_marks(page), page_entries, std::uint8_t{0});
    is_dirty_[page] = 0;
  }
  dirty_pages_.clear();
}

void DirtySet::grow(std::uint32_t size) {
  constexpr std::uint32_t chunk_pages = ChunkedBytes::chunk_elements / page_entries;
  std::uint32_t pages = (size + page_entries - 1) / page_entries;
  if (pages > chunk_pages) pages = (pages + chunk_pages - 1) / chunk_pages * chunk_pages;
  marks_.reserve(pages * page_entries);
  is_dirty_.resize(pages);
}

}  // namespace eventflux::runtime
