#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventflux/error.hpp"

// The smallest parts of the syntax tree: places, names, and the holder of incomplete types.
namespace eventflux::syntax {

/// A span that takes no part in comparisons: trees are equal when they say the same.
struct Place : Span {
  bool operator==(const Place&) const { return true; }
};

/// Holds one T by value where T is not complete yet; copies and compares the T.
/// Shape: never empty, except when moved from.
template <class T>
class Box {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a Box reads as the value it holds
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}

  Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}

  Box(Box&& other) noexcept : value_(std::move(other.value_)) {}

  ~Box() = default;

  Box& operator=(const Box& other) {
    if (this != &other) value_ = std::make_unique<T>(*other.value_);
    return *this;
  }

  Box& operator=(Box&& other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }

  T& operator*() { return *value_; }

  const T& operator*() const { return *value_; }

  T* operator->() { return value_.get(); }

  const T* operator->() const { return value_.get(); }

  bool operator==(const Box& other) const { return *value_ == *other.value_; }

 private:
  std::unique_ptr<T> value_;
};

/// A name without its quotes; case is kept.
struct Name {
  std::string text;
  Place span{};
  bool operator==(const Name&) const = default;
};

/// What stands before a stream name: nothing, `#` (inside a partition) or `!` (faults of a stream).
enum class Sigil : std::uint8_t { none, inner, fault };

struct StreamName {
  Sigil sigil = Sigil::none;
  std::string text;
  Place span{};
  bool operator==(const StreamName&) const = default;
};

/// A type as written, for example DECIMAL(10, 2); the name is in upper case.
struct TypeName {
  std::string name;
  std::vector<std::int64_t> parameters{};
  Place span{};
  bool operator==(const TypeName&) const = default;
};

}  // namespace eventflux::syntax
