#include "runtime/state/entry_store.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace eventflux::runtime {
namespace {

constexpr std::uint32_t chunk_entries = ChunkedBytes::chunk_elements;
constexpr std::uint32_t chunk_words = chunk_entries / 64;

}  // namespace

void EntryStore::remove(std::uint32_t entry) {
  const std::uint32_t chunk = entry / chunk_entries;
  if (chunk >= chunk_free_.size()) {
    chunk_free_.resize(chunk + 1);
    free_.resize(std::size_t{chunk + 1} * chunk_words);
  }
  free_[entry / 64] |= std::uint64_t{1} << (entry % 64);
  ++removed_;
  if (chunk_free_[chunk]++ == 0) {
    open_.push_back(chunk);
    std::push_heap(open_.begin(), open_.end(), std::greater());
  }
  if (chunk_free_[chunk] == chunk_entries && chunk != 0) places_.release(chunk);
}

std::uint32_t EntryStore::reuse() {
  const std::uint32_t chunk = open_.front();
  if (!places_.has_chunk(chunk)) places_.remake(chunk);
  std::uint32_t word = chunk * chunk_words;
  while (free_[word] == 0)
    ++word;
  const auto entry = word * 64 + static_cast<std::uint32_t>(std::countr_zero(free_[word]));
  free_[word] &= free_[word] - 1;
  --removed_;
  if (--chunk_free_[chunk] == 0) {
    std::pop_heap(open_.begin(), open_.end(), std::greater());
    open_.pop_back();
  }
  return entry;
}

void EntryStore::clear() {
  constexpr std::size_t kept_bytes = 1U << 20U;
  if (places_.bytes() > kept_bytes || removed_ != 0) places_.give_back();
  free_.clear();
  chunk_free_.clear();
  open_.clear();
  end_ = removed_ = 0;
}

void EntryStore::begin_restore(std::uint32_t end) {
  clear();
  places_.reserve_released(end);
  const std::uint32_t chunks = (end + chunk_entries - 1) / chunk_entries;
  free_.resize(std::size_t{chunks} * chunk_words);
  chunk_free_.assign(chunks, chunk_entries);
  for (std::uint32_t word = 0; word < end / 64; ++word)
    free_[word] = ~std::uint64_t{0};
  if (end % 64 != 0) free_[end / 64] = (std::uint64_t{1} << (end % 64)) - 1;
  if (end % chunk_entries != 0) chunk_free_.back() = end % chunk_entries;
  end_ = removed_ = end;
}

void EntryStore::restore(std::uint32_t entry) {
  const std::uint32_t chunk = entry / chunk_entries;
  if (!places_.has_chunk(chunk)) places_.remake(chunk);
  free_[entry / 64] &= ~(std::uint64_t{1} << (entry % 64));
  --chunk_free_[chunk];
  --removed_;
}

void EntryStore::end_restore() {
  for (std::uint32_t chunk = 0; chunk < chunk_free_.size(); ++chunk)
    if (chunk_free_[chunk] != 0) open_.push_back(chunk);
  if (!open_.empty()) return;
  free_ = {};
  chunk_free_ = {};
}

std::size_t EntryStore::bytes() const {
  return places_.bytes() + free_.capacity() * sizeof(std::uint64_t) +
         chunk_free_.capacity() * sizeof(std::uint16_t) + open_.capacity() * sizeof(std::uint32_t);
}

}  // namespace eventflux::runtime
