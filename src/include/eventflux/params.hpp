#pragma once

#include <concepts>
#include <functional>
#include <map>
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

/// Values by the part of the name behind a prefix: `headers.X-Key='v'` is {"X-Key", "v"}.
using ParamMap = std::map<std::string, std::string>;

/// A parameter as written. Shape: `name` without the extension's prefix; variables are replaced.
struct ParamValue {
  std::string name;
  std::string text;
  Span span{};
};

using ParamValues = std::vector<ParamValue>;

/// What is known of a parameter; help, manifest, completion and checks are made from it.
struct ParamInfo {
  std::string name;
  std::string type;  ///< "text", "bool", "int", "duration", "size", "list", "url", "a|b"
  std::string text;
  std::string fallback;  ///< As printed; empty when there is none.
  std::string example;
  bool required = false;
  bool secret = false;
  bool prefix = false;  ///< `name` ends in '.' and takes any rest: "headers."
  std::vector<std::string> choices;
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

template <class T, Result<T> (*Parse)(std::string_view)>
struct ParsedCodec {
  static Result<T> parse(std::string_view text) { return Parse(text); }

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

/// One parameter of an extension whose options are `Options`.
template <class Options>
struct Param {
  ParamInfo info;
  std::function<Result<void>(Options&, const ParamValue&)> set;

  Param required(std::string example) && {
    info.required = true;
    info.example = std::move(example);
    info.fallback.clear();
    return std::move(*this);
  }

  Param example(std::string text) && {
    info.example = std::move(text);
    return std::move(*this);
  }

  Param secret() && {
    info.secret = true;
    return std::move(*this);
  }
};

/// Declares a parameter once: its type is the member's, its default the member's initializer.
template <class Options, class T>
Param<Options> param(std::string name, T Options::*member, std::string text) {
  using Codec = ParamCodec<T>;
  Param<Options> made;
  made.info = {.name = std::move(name),
               .type = std::string(Codec::type),
               .text = std::move(text),
               .fallback = Codec::print(Options{}.*member),
               .example = {},
               .secret = std::same_as<T, Secret> || std::same_as<T, std::optional<Secret>>,
               .choices = Codec::names()};
  made.set = [member](Options& options, const ParamValue& value) -> Result<void> {
    EF_TRY(options.*member, Codec::parse(value.text));
    return {};
  };
  return made;
}

/// Declares a family of parameters, for example "headers.".
template <class Options>
Param<Options> param(std::string prefix, ParamMap Options::*member, std::string text) {
  Param<Options> made;
  made.info = {.name = std::move(prefix),
               .type = "text",
               .text = std::move(text),
               .fallback = {},
               .example = {},
               .prefix = true,
               .choices = {}};
  made.set = [member, size = made.info.name.size()](Options& options,
                                                    const ParamValue& value) -> Result<void> {
    (options.*member)[value.name.substr(size)] = value.text;
    return {};
  };
  return made;
}

template <class Options>
using ParamSpec = std::vector<Param<Options>>;

/// Checks names and presence against what is declared.
/// Fails: EF0301 with "did you mean", EF0312; the span is that of the value, or empty.
Result<void> check_params(std::string_view extension, const std::vector<ParamInfo>& infos,
                          const ParamValues& values);
Error bad_param(const ParamValue& value, const ParamInfo& info, const Error& cause);

/// Reads options. Fails: EF0301, EF0312, EF0303 with the position of the value.
template <class Options>
Result<Options> parse_params(std::string_view extension, const ParamSpec<Options>& spec,
                             const ParamValues& values) {
  std::vector<ParamInfo> infos;
  for (const auto& entry : spec)
    infos.push_back(entry.info);
  EF_CHECK(check_params(extension, infos, values));
  Options options{};
  for (const ParamValue& value : values)
    for (const auto& entry : spec) {
      if (entry.info.prefix ? !value.name.starts_with(entry.info.name)
                            : value.name != entry.info.name)
        continue;
      if (auto set = entry.set(options, value); !set.ok())
        return bad_param(value, entry.info, set.error());
    }
  return options;
}

}  // namespace eventflux
