#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"
#include "eventflux/time.hpp"

namespace eventflux {

/// A text that is never printed: explain, logs, status and manifest show `***`.
class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }

  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

/// A number of bytes, written '64KiB', '1MiB', '4GiB' or as a bare number.
struct ByteSize {
  std::uint64_t bytes = 0;
};

/// Reads and prints one type of parameter. Specialise for enums:
/// `template <> struct ParamCodec<Ack> : ChoiceCodec<Ack> { static constexpr Choices choices{…};
/// };`
template <class T>
struct ParamCodec;

Result<bool> parse_bool(std::string_view text);
Result<std::int64_t> parse_integer(std::string_view text);
Result<double> parse_real(std::string_view text);
Result<ByteSize> parse_size(std::string_view text);
/// Reads "a, b" or a JSON array of strings or objects (an object stays JSON text).
Result<std::vector<std::string>> parse_list(std::string_view text);
std::string size_text(ByteSize size);
/// Checks the form of a URL; nothing is reached. The text of an error never repeats the query,
/// which may hold a secret. Fails: EF0303.
Result<void> check_url(std::string_view text, const std::vector<std::string>& schemes);

template <class T, Result<T> (*parser)(std::string_view)>
struct ParsedCodec {
  static Result<T> parse(std::string_view text) { return parser(text); }

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<bool> : ParsedCodec<bool, parse_bool> {
  static constexpr std::string_view type = "bool";

  static std::string print(bool value) { return value ? "true" : "false"; }
};

template <>
struct ParamCodec<std::int64_t> : ParsedCodec<std::int64_t, parse_integer> {
  static constexpr std::string_view type = "int";

  static std::string print(std::int64_t value) { return std::to_string(value); }
};

template <>
struct ParamCodec<double> : ParsedCodec<double, parse_real> {
  static constexpr std::string_view type = "number";

  static std::string print(double value) { return std::to_string(value); }
};

template <>
struct ParamCodec<Duration> : ParsedCodec<Duration, parse_duration> {
  static constexpr std::string_view type = "duration";

  static std::string print(Duration value) { return to_text(value); }
};

template <>
struct ParamCodec<ByteSize> : ParsedCodec<ByteSize, parse_size> {
  static constexpr std::string_view type = "size";

  static std::string print(ByteSize value) { return size_text(value); }
};

template <>
struct ParamCodec<std::vector<std::string>> : ParsedCodec<std::vector<std::string>, parse_list> {
  static constexpr std::string_view type = "list";
  static std::string print(const std::vector<std::string>& value);
};

template <>
struct ParamCodec<std::string> {
  static constexpr std::string_view type = "text";

  static Result<std::string> parse(std::string_view text) { return std::string(text); }

  static std::string print(const std::string& value) { return value; }

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<Secret> {
  static constexpr std::string_view type = "text";

  static Result<Secret> parse(std::string_view text) { return Secret(std::string(text)); }

  static std::string print(const Secret& value) { return value.empty() ? "" : "***"; }

  static std::vector<std::string> names() { return {}; }
};

template <class T>
struct ParamCodec<std::optional<T>> {
  static constexpr std::string_view type = ParamCodec<T>::type;

  static Result<std::optional<T>> parse(std::string_view text) {
    EF_TRY(auto value, ParamCodec<T>::parse(text));
    return std::optional<T>(std::move(value));
  }

  static std::string print(const std::optional<T>& value) {
    return value ? ParamCodec<T>::print(*value) : "";
  }

  static std::vector<std::string> names() { return ParamCodec<T>::names(); }
};

Error unknown_choice(std::string_view text, const std::vector<std::string>& names);

/// A codec for an enum whose enumerators are 0, 1, 2 … in the order of `Derived::choices`, a
/// constexpr array of their names.
template <class E, class Derived>
struct ChoiceCodec {
  static constexpr std::string_view type = "choice";

  static Result<E> parse(std::string_view text) {
    for (std::size_t i = 0; i < std::size(Derived::choices); ++i)
      if (text == Derived::choices[i]) return static_cast<E>(i);
    return unknown_choice(text, names());
  }

  static std::string print(E value) {
    return std::string(Derived::choices[static_cast<std::size_t>(value)]);
  }

  static std::vector<std::string> names() {
    return {std::begin(Derived::choices), std::end(Derived::choices)};
  }
};

}  // namespace eventflux
