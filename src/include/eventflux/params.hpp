#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"
#include "eventflux/param_codec.hpp"

namespace eventflux {

/// Values by the part of the name behind a prefix: `headers.X-Key='v'` is {"X-Key", "v"}.
using ParamMap = std::map<std::string, std::string>;

/// A parameter as written. Shape: `name` without the extension's prefix.
struct ParamValue {
  std::string name;
  std::string text;
  Span span{};        ///< Of the value.
  Span name_span{};   ///< Of the name; empty when that is not in the text.
  bool open = false;  ///< Holds a variable that is not known yet: it is given, and nothing more.
};

using ParamValues = std::vector<ParamValue>;

/// Reads a value and forgets it. Fails: with the reason why it cannot be used, behind the value in
/// quotes; the help never repeats the value, which may be secret.
using ParamCheck = std::function<Result<void>(const ParamValue&)>;

/// What a parameter acts only together with: one of several others.
struct ParamNeed {
  std::vector<std::string> names;
  std::string value{};  ///< That one of them has, by default too; "wss://…" is all that begin so.
  std::string choice{};  ///< The only value of the parameter itself that needs them; empty: any.
};

/// Returns what is needed: "heartbeat.send or heartbeat.expect", "framing='delimiter'".
std::string to_text(const ParamNeed& need);

/// What is known of a parameter; help, manifest, completion and checks are made from it.
struct ParamInfo {
  std::string name;
  std::string type;  ///< "text", "bool", "int", "duration", "size", "list", "url", "a|b"
  std::string text;
  std::string default_value;  ///< As printed; empty when there is none.
  std::string example;
  bool required = false;
  bool secret = false;
  bool prefix = false;  ///< `name` ends in '.' and takes any rest: "headers."
  std::vector<std::string> choices;
  std::optional<std::int64_t> least{};  ///< Of a number; microseconds, bytes.
  std::optional<std::int64_t> most{};
  std::vector<ParamNeed> needs{};       ///< All of them.
  std::vector<std::string> excludes{};  ///< Beside these it would have no effect.
  ParamCheck check{};
};

/// One parameter of an extension whose options are `Options`.
template <class Options>
struct Param {
  ParamInfo info;
  std::function<Result<void>(Options&, const ParamValue&)> set;

  /// It has to be given, and not empty.
  Param required(std::string example) && {
    info.required = true;
    info.example = std::move(example);
    info.default_value.clear();
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

  /// Bounds of a number, a size in bytes or a duration.
  Param at_least(std::int64_t least) && {
    info.least = least;
    return std::move(*this);
  }

  Param at_least(Duration least) && { return std::move(*this).at_least(least.count()); }

  Param at_most(std::int64_t most) && {
    info.most = most;
    return std::move(*this);
  }

  Param at_most(Duration most) && { return std::move(*this).at_most(most.count()); }

  /// It acts only beside another one that is given, or that has this value.
  Param needs(std::string name, std::string value = {}) && {
    info.needs.push_back({{std::move(name)}, std::move(value)});
    return std::move(*this);
  }

  Param needs_one_of(std::vector<std::string> names) && {
    info.needs.push_back({std::move(names)});
    return std::move(*this);
  }

  /// One of its values acts only beside another one, which is then required.
  Param choice_needs(std::string choice, std::string name) && {
    info.needs.push_back({{std::move(name)}, {}, std::move(choice)});
    return std::move(*this);
  }

  Param excludes(std::string name) && {
    info.excludes.push_back(std::move(name));
    return std::move(*this);
  }

  /// Refuses what the type alone would take. `check` sees values that can be read.
  Param valid(ParamCheck check) && {
    info.check = both(std::move(info.check), std::move(check));
    return std::move(*this);
  }

  /// The text is a URL with one of these schemes, or empty.
  Param url(std::vector<std::string> schemes) && {
    info.type = "url";
    return std::move(*this).valid([schemes = std::move(schemes)](const ParamValue& value) {
      return value.text.empty() ? Result<void>() : check_url(value.text, schemes);
    });
  }

 private:
  static ParamCheck both(ParamCheck first, ParamCheck second) {
    if (!first) return second;
    return [first = std::move(first),
            second = std::move(second)](const ParamValue& value) -> Result<void> {
      EF_CHECK(first(value));
      return second(value);
    };
  }
};

/// Declares a parameter once: its type is the member's, its default the member's initializer.
template <class Options, class T>
Param<Options> param(std::string name, T Options::*member, std::string text) {
  using Codec = ParamCodec<T>;
  ParamInfo info;
  info.name = std::move(name);
  info.type = std::string(Codec::type);
  info.text = std::move(text);
  info.default_value = Codec::print(Options{}.*member);
  info.secret = std::same_as<T, Secret> || std::same_as<T, std::optional<Secret>>;
  info.choices = Codec::names();
  Param<Options> made;
  made.info = std::move(info);
  made.info.check = [](const ParamValue& value) -> Result<void> {
    EF_CHECK(Codec::parse(value.text));
    return {};
  };
  made.set = [member](Options& options, const ParamValue& value) -> Result<void> {
    EF_TRY(options.*member, Codec::parse(value.text));
    return {};
  };
  return made;
}

/// Declares a family of parameters, for example "headers.".
template <class Options>
Param<Options> param(std::string prefix, ParamMap Options::*member, std::string text) {
  ParamInfo info;
  info.name = std::move(prefix);
  info.type = "text";
  info.text = std::move(text);
  info.prefix = true;
  Param<Options> made;
  made.info = std::move(info);
  made.set = [member, size = made.info.name.size()](Options& options,
                                                    const ParamValue& value) -> Result<void> {
    (options.*member)[value.name.substr(size)] = value.text;
    return {};
  };
  return made;
}

template <class Options>
using ParamSpec = std::vector<Param<Options>>;

template <class Options>
std::vector<ParamInfo> infos(const ParamSpec<Options>& spec) {
  std::vector<ParamInfo> all;
  for (const auto& entry : spec)
    all.push_back(entry.info);
  return all;
}

/// Returns a bound as values of the parameter are written.
std::string bound_text(const ParamInfo& info, std::int64_t bound);
/// Returns what limits the values of a parameter, in sentences: "At least 1. Needs open.wait.for."
std::string limits_text(const ParamInfo& info);

/// Returns the index of the parameter that a name means: its own, else that of the longest prefix.
std::optional<std::size_t> find_param(const std::vector<ParamInfo>& infos, std::string_view name);

/// Checks one value against its declaration. Fails: EF0303, or with the code of a check; the span
/// is that of the value.
Result<void> check_value(const ParamInfo& info, const ParamValue& value);

/// Checks parameters against what is declared: names, presence, values that are not open, and
/// whether those stand beside what they act with.
/// Fails: EF0301 with "did you mean", EF0312, EF0313 what is given twice or has no effect, and as
/// check_value(); the span is that of the name or the value, or empty.
Result<void> check_params(std::string_view extension, const std::vector<ParamInfo>& infos,
                          const ParamValues& values);

/// Reads options; what is open keeps its default. Fails: as check_params().
template <class Options>
Result<Options> parse_params(std::string_view extension, const ParamSpec<Options>& spec,
                             const ParamValues& values) {
  const std::vector<ParamInfo> known = infos(spec);
  EF_CHECK(check_params(extension, known, values));
  Options options{};
  for (const ParamValue& value : values)
    if (!value.open) EF_CHECK(spec[*find_param(known, value.name)].set(options, value));
  return options;
}

}  // namespace eventflux
