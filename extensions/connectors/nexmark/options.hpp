#pragma once

#include <array>
#include <limits>

#include "eventflux/extension.hpp"

#include "events.hpp"

namespace eventflux {
namespace connectors::nexmark {

enum class Pace : std::uint8_t { max, event_time };

/// A whole number with bounds.
template <std::int64_t least, std::int64_t most = std::numeric_limits<std::int64_t>::max()>
struct Whole {
  std::int64_t value = least;
};

/// A number of places that can be mixed.
struct Disorder {
  std::int64_t places = 1;
};

struct Options {
  Whole<1> rate{100'000};
  Timestamp base{1'436'918'400'000'000};
  Whole<0> events{0};
  std::int64_t seed = 1;
  Pace pace = Pace::max;
  Disorder disorder{};
  Whole<1, batch_rows_target> batch{batch_rows_target};
  Compat compat = Compat::none;
};

}  // namespace connectors::nexmark

template <std::int64_t least, std::int64_t most>
struct ParamCodec<connectors::nexmark::Whole<least, most>> {
  using Value = connectors::nexmark::Whole<least, most>;
  static constexpr std::string_view type = "int";

  static Result<Value> parse(std::string_view text) {
    EF_TRY(const std::int64_t value, parse_integer(text));
    if (value < least) {
      return Error{Code::invalid_value, "'" + std::string(text) + "' is too small",
                   "at least " + std::to_string(least)};
    }
    if (value > most) {
      return Error{Code::invalid_value, "'" + std::string(text) + "' is too large",
                   "at most " + std::to_string(most)};
    }
    return Value{value};
  }

  static std::string print(Value whole) { return std::to_string(whole.value); }

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<connectors::nexmark::Disorder> {
  static constexpr std::string_view type = "int";

  static Result<connectors::nexmark::Disorder> parse(std::string_view text) {
    using connectors::nexmark::mixing;
    EF_TRY(const auto whole, ParamCodec<connectors::nexmark::Whole<1>>::parse(text));
    if (whole.value % static_cast<std::int64_t>(mixing) != 0)
      return connectors::nexmark::Disorder{whole.value};
    return Error{Code::invalid_value, "'" + std::string(text) + "' places cannot be mixed",
                 "any number that is no multiple of " + std::to_string(mixing)};
  }

  static std::string print(connectors::nexmark::Disorder value) {
    return std::to_string(value.places);
  }

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<connectors::nexmark::Pace>
    : ChoiceCodec<connectors::nexmark::Pace, ParamCodec<connectors::nexmark::Pace>> {
  static constexpr std::array<std::string_view, 2> choices{"max", "event_time"};
};

template <>
struct ParamCodec<connectors::nexmark::Compat>
    : ChoiceCodec<connectors::nexmark::Compat, ParamCodec<connectors::nexmark::Compat>> {
  static constexpr std::array<std::string_view, 2> choices{"none", "flink"};
};

template <>
struct ParamCodec<Timestamp> : ParsedCodec<Timestamp, parse_timestamp> {
  static constexpr std::string_view type = "time";

  static std::string print(Timestamp value) { return to_text(value); }
};

}  // namespace eventflux
