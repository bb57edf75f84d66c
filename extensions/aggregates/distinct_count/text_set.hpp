#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/state.hpp"

namespace eventflux::aggregates::distinct_count {

/// Distinct texts that never leave, one after another in one piece of memory.
/// Shape: may be moved as bytes.
class TextSet {
 public:
  static constexpr bool relocatable = true;

  TextSet() = default;

  TextSet(const TextSet& other)
      : body_(other.body_ ? std::make_unique<Body>(*other.body_) : nullptr) {}

  TextSet& operator=(TextSet other) {
    body_ = std::move(other.body_);
    return *this;
  }

  TextSet(TextSet&&) noexcept = default;
  ~TextSet() = default;

  std::uint64_t size() const { return body_ ? body_->count : 0; }

  void insert(std::string_view text) {
    if (!body_) body_ = std::make_unique<Body>();
    if ((body_->count + 1) * 3 > body_->places.size() * 2) body_->grow();
    const std::uint64_t hash = std::hash<std::string_view>()(text);
    std::uint64_t& place = body_->find(hash, text);
    if (place != 0) return;
    const auto length = static_cast<std::uint32_t>(text.size());
    place = (hash & ~offset_mask) | (body_->bytes.size() + 1);
    body_->bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
    body_->bytes.append(text);
    ++body_->count;
  }

  template <class Visit>
  void for_each(Visit visit) const {
    if (!body_) return;
    for (std::size_t at = 0; at < body_->bytes.size();) {
      const std::string_view text = body_->text(at);
      visit(text);
      at += sizeof(std::uint32_t) + text.size();
    }
  }

  void save(SnapshotWriter& writer) const {
    writer.put(size());
    for_each([&](std::string_view text) { writer.put_text(text); });
  }

  Result<void> load(SnapshotReader& reader) {
    EF_TRY(const auto count, reader.get<std::uint64_t>());
    for (std::uint64_t i = 0; i < count; ++i) {
      EF_TRY(const std::string_view text, reader.get_text());
      insert(text);
    }
    return {};
  }

 private:
  // A place is 24 bits of the hash over one more than where the text begins; 0 is free.
  static constexpr std::uint64_t offset_mask = (std::uint64_t{1} << 40U) - 1;

  struct Body {
    std::vector<std::uint64_t> places{};
    std::string bytes{};
    std::uint64_t count = 0;

    std::string_view text(std::size_t at) const {
      std::uint32_t length = 0;
      bytes.copy(reinterpret_cast<char*>(&length), sizeof length, at);
      return std::string_view(bytes).substr(at + sizeof length, length);
    }

    std::uint64_t& find(std::uint64_t hash, std::string_view wanted) {
      const std::size_t mask = places.size() - 1;
      for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        std::uint64_t& place = places[at];
        if (place == 0) return place;
        if (((place ^ hash) & ~offset_mask) == 0 && text((place & offset_mask) - 1) == wanted)
          return place;
      }
    }

    void grow() {
      const std::vector<std::uint64_t> old = std::move(places);
      places.assign(old.empty() ? 8 : old.size() * 2, 0);
      for (const std::uint64_t place : old) {
        if (place == 0) continue;
        const std::string_view moved = text((place & offset_mask) - 1);
        find(std::hash<std::string_view>()(moved), moved) = place;
      }
    }
  };

  std::unique_ptr<Body> body_;
};

}  // namespace eventflux::aggregates::distinct_count
