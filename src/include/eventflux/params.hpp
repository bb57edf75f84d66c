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
  ParamInfo info;
  info.name = std::move(name);
  info.type = std::string(Codec::type);
  info.text = std::move(text);
  info.fallback = Codec::print(Options{}.*member);
  info.secret = std::same_as<T, Secret> || std::same_as<T, std::optional<Secret>>;
  info.choices = Codec::names();
  Param<Options> made;
  made.info = std::move(info);
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

/// Checks names and presence against what is declared.
/// Fails: EF0301 with "did you mean", EF0312, EF0313 what is given twice; the span is that of the
/// value, or empty.
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
  for (const ParamValue& value : values) {
    for (const auto& entry : spec) {
      if (entry.info.prefix ? !value.name.starts_with(entry.info.name)
                            : value.name != entry.info.name)
        continue;
      if (auto set = entry.set(options, value); !set.ok())
        return bad_param(value, entry.info, set.error());
    }
  }
  return options;
}

}  // namespace eventflux
