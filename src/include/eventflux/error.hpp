#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace eventflux {

/// Names every failure of the product; the list with its texts is `errors.def`.
enum class Code : std::uint16_t {
// NOLINTNEXTLINE(bugprone-macro-parentheses): an enumerator takes none
#define EF_ERROR(number, name, text) name = number,
#include "eventflux/errors.def"
#undef EF_ERROR
};

/// Returns the printed form of a code, for example "EF0203".
std::string code_text(Code code);
/// Returns the short name of a code, for example "unknown_column".
std::string_view code_name(Code code);
/// Returns the meaning of a code in a few words.
std::string_view code_meaning(Code code);

/// A place in a program's text.
/// Units: byte offsets from its start; `end` is one past the last byte. Empty means unknown.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool empty() const { return begin == end; }

  bool operator==(const Span&) const = default;
};

/// What the other side of a failed connection lets know about the next attempt.
struct RetryAdvice {
  std::chrono::seconds after{0};  ///< It asked not to be called earlier; zero: it asked nothing.
  bool lasting = false;           ///< The same attempt fails until somebody changes something.
};

/// What went wrong, where, and what to do next.
/// Shape: `message` and `help` are lower case, without a full stop; `help` may be empty.
struct [[nodiscard]] Error {
  Code code;
  std::string message;
  std::string help{};
  Span span{};
  RetryAdvice retry{};  ///< Of a connection that could not be made.
};

/// Returns "EF0203: unknown column 'x'" with the help in brackets, on one line.
std::string to_text(const Error& error);

/// Thrown by Result::value(), for hosts that like exceptions; nothing in the product throws it.
class Exception : public std::exception {
 public:
  explicit Exception(Error error);

  const char* what() const noexcept override { return text_.c_str(); }

  const Error& error() const { return error_; }

 private:
  Error error_;
  std::string text_;
};

[[noreturn]] void throw_error(Error error);

/// The value of a successful call, or the Error of a failed one.
template <class T = void>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` must read as such
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): `return error;` must read as such
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }

  explicit operator bool() const { return ok(); }

  /// Returns the error. Fails: undefined when ok().
  const Error& error() const& { return *std::get_if<1>(&state_); }

  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

  /// Returns the value, or throws Exception.
  T& value() & {
    if (!ok()) throw_error(error());
    return *std::get_if<0>(&state_);
  }

  T&& value() && {
    if (!ok()) throw_error(error());
    return std::move(*std::get_if<0>(&state_));
  }

  /// Access without a check. Fails: undefined when not ok().
  T& operator*() & { return *std::get_if<0>(&state_); }

  const T& operator*() const& { return *std::get_if<0>(&state_); }

  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }

  T* operator->() { return std::get_if<0>(&state_); }

  const T* operator->() const { return std::get_if<0>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  // Not defaulted: `return {};` would then zero the whole place of an error on every success.
  Result() : error_(std::nullopt) {}

  // NOLINTNEXTLINE(google-explicit-constructor): `return error;` must read as such
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }

  explicit operator bool() const { return ok(); }

  const Error& error() const& { return *error_; }

  Error&& error() && { return std::move(*error_); }

  void value() const {
    if (!ok()) throw_error(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace eventflux

#define EF_CONCAT_INNER(a, b) a##b
#define EF_CONCAT(a, b) EF_CONCAT_INNER(a, b)

/// `EF_TRY(auto plan, bind(ast));` unwraps a Result or returns its error.
#define EF_TRY(declaration, expression)                                                           \
  auto EF_CONCAT(result_, __LINE__) = (expression);                                               \
  if (!EF_CONCAT(result_, __LINE__).ok()) return std::move(EF_CONCAT(result_, __LINE__)).error(); \
  /* A declaration takes none. NOLINTNEXTLINE(bugprone-macro-parentheses) */                      \
  declaration = *std::move(EF_CONCAT(result_, __LINE__))

/// `EF_CHECK(sink.flush());` returns the error of a Result, if it has one.
#define EF_CHECK(expression)                                              \
  do {                                                                    \
    auto ef_check_result = (expression);                                  \
    if (!ef_check_result.ok()) return std::move(ef_check_result).error(); \
  } while (false)
