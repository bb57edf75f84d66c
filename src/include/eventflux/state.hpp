#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "eventflux/error.hpp"

namespace eventflux {

/// Whether the bytes of a state may be moved to another address: it is trivially copyable, or says
/// so with `static constexpr bool relocatable = true`. A unique_ptr may, a std::string may not.
template <class S>
concept Relocatable = std::is_trivially_copyable_v<S> || requires {
  requires S::relocatable;
};

/// Appends the state of an operator or extension to a snapshot, field by field.
/// Shape: little-endian, no field names; SnapshotReader reads the same fields in the same order.
class SnapshotWriter {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>

  void put(const T& value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }

  void put_text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  template <class T>
  requires std::is_trivially_copyable_v<T>

  void put_all(std::span<const T> values) {
    put(static_cast<std::uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }

  void put_bytes(std::string_view bytes) { bytes_.append(bytes); }

  /// Overwrites what put() wrote at byte `at`.
  template <class T>
  requires std::is_trivially_copyable_v<T>

  void put_at(std::size_t at, const T& value) {
    std::char_traits<char>::copy(bytes_.data() + at, reinterpret_cast<const char*>(&value),
                                 sizeof value);
  }

  const std::string& bytes() const { return bytes_; }

  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what SnapshotWriter wrote.
/// Fails: EF0702 once the bytes end too early; every later call fails too.
class SnapshotReader {
 public:
  explicit SnapshotReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>

  requires(std::is_trivially_copyable_v<T> && !std::is_enum_v<T>) Result<T> get() {
    if (bytes_.size() < sizeof(T)) return damaged();
    if constexpr (std::is_same_v<T, bool>) {  // No other byte may be looked at as one.
      if (static_cast<unsigned char>(bytes_[0]) > 1) return damaged();
    }
    T value;
    std::char_traits<char>::copy(reinterpret_cast<char*>(&value), bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }

  /// Reads an enumerator. Shape: the values of E are 0 … `last`. Fails: EF0702 for another one.
  template <class E>

  requires std::is_enum_v<E>

      Result<E> get_up_to(E last) {
    auto value = get<std::underlying_type_t<E>>();
    if (!value.ok()) return std::move(value).error();
    if (*value > static_cast<std::underlying_type_t<E>>(last)) return damaged();
    return static_cast<E>(*value);
  }

  /// Owns: the text lives as long as the snapshot's bytes.
  Result<std::string_view> get_text();
  Result<std::string_view> get_bytes(std::size_t count);

  template <class Vector>
  Result<void> get_all(Vector& values) {
    using T = typename Vector::value_type;
    EF_TRY(const auto count, get<std::uint64_t>());
    if (count > bytes_.size() / sizeof(T)) return damaged();
    EF_TRY(const std::string_view raw, get_bytes(count * sizeof(T)));
    values.resize(count);
    std::char_traits<char>::copy(reinterpret_cast<char*>(values.data()), raw.data(), raw.size());
    return {};
  }

  bool at_end() const { return bytes_.empty(); }

 private:
  Error damaged();

  std::string_view bytes_;
};

}  // namespace eventflux
