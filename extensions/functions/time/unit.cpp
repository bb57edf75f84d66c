#include <array>
#include <string>

#include "time_functions.hpp"

namespace eventflux::functions::time {
namespace {

struct Name {
  std::string_view text;
  Unit unit;
};

constexpr std::array names{
    Name{"us", Unit::microsecond}, Name{"microsecond", Unit::microsecond},
    Name{"ms", Unit::millisecond}, Name{"millisecond", Unit::millisecond},
    Name{"s", Unit::second},       Name{"sec", Unit::second},
    Name{"second", Unit::second},  Name{"m", Unit::minute},
    Name{"min", Unit::minute},     Name{"minute", Unit::minute},
    Name{"h", Unit::hour},         Name{"hour", Unit::hour},
    Name{"d", Unit::day},          Name{"day", Unit::day},
    Name{"w", Unit::week},         Name{"week", Unit::week},
    Name{"month", Unit::month},    Name{"quarter", Unit::quarter},
    Name{"year", Unit::year},
};

}  // namespace

std::optional<Unit> parse_unit(std::string_view name) {
  std::string folded;
  for (const char c : name)
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (int plural = 0; plural < 2; ++plural) {
    for (const Name& known : names)
      if (known.text == folded) return known.unit;
    if (folded.size() < 3 || folded.back() != 's') break;
    folded.pop_back();
  }
  return std::nullopt;
}

Error unknown_unit(std::string_view name) {
  return {Code::wrong_type, "'" + std::string(name) + "' is not a unit of time",
          "microsecond, millisecond, second, minute, hour, day, week, month, quarter, year"};
}

Result<Unit> find_unit(std::string_view name) {
  const auto unit = parse_unit(name);
  if (!unit) return unknown_unit(name);
  return *unit;
}

std::int64_t unit_us(Unit unit) {
  constexpr std::array<std::int64_t, 7> us{
      1, 1'000, 1'000'000, 60'000'000, 3'600'000'000, 86'400'000'000, 604'800'000'000};
  return unit <= Unit::week ? us[static_cast<std::size_t>(unit)] : 0;
}

std::int64_t unit_months(Unit unit) {
  if (unit <= Unit::week) return 0;
  return unit == Unit::month ? 1 : (unit == Unit::quarter ? 3 : 12);
}

}  // namespace eventflux::functions::time
