#pragma once

#include <array>

#include "eventflux/extension.hpp"

#include "events.hpp"

namespace eventflux {
namespace connectors::nexmark {

enum class Pace : std::uint8_t { max, event_time };

struct Options {
  std::int64_t rate = 100'000;
  Timestamp base{1'436'918'400'000'000};
  std::int64_t events = 0;
  std::int64_t seed = 1;
  Pace pace = Pace::max;
  std::int64_t disorder = 1;
  std::int64_t batch = batch_rows_target;
  Compat compat = Compat::none;
};

}  // namespace connectors::nexmark

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
