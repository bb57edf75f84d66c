#include "eventflux/time_zone.hpp"

#include <chrono>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include "eventflux/row_text.hpp"

namespace eventflux {
namespace {

using Seconds = cctz::time_point<cctz::seconds>;

struct WholeSeconds {
  cctz::seconds count;
  Duration rest;  // at least zero, less than a second
};

WholeSeconds split_seconds(Timestamp time) {
  const auto whole = std::chrono::floor<cctz::seconds>(Duration(time.us));
  return {whole, Duration(time.us) - whole};
}

Timestamp to_timestamp(Seconds point, Duration rest) {
  const Duration whole = point.time_since_epoch();
  return {(whole + rest).count()};
}

// The library would also read files by their path, and the zone that the environment names.
bool is_zone_name(std::string_view name) {
  return !name.empty() && name != "localtime" && name.front() != '/' && name.front() != ':' &&
         name.find("..") == std::string_view::npos && !name.starts_with("file:");
}

}  // namespace

struct TimeZone::Rules {
  cctz::time_zone zone;
};

Result<TimeZone> TimeZone::find(std::string_view name) {
  Rules rules;
  const std::string text(name);
  if (!is_zone_name(name) || !cctz::load_time_zone(text, &rules.zone)) {
    return Error{Code::invalid_value, "'" + text.substr(0, 64) + "' is not a time zone",
                 "write it like Europe/Berlin or UTC"};
  }
  return TimeZone(text, std::make_shared<const Rules>(rules));
}

Duration TimeZone::offset(Timestamp time) const {
  const Seconds point(split_seconds(time).count);
  return std::chrono::seconds(rules_->zone.lookup(point).offset);
}

Timestamp TimeZone::from_local(Timestamp local) const {
  const auto [whole, rest] = split_seconds(local);
  const cctz::civil_second shown = cctz::civil_second(1970, 1, 1) + whole.count();
  const auto found = rules_->zone.lookup(shown);
  if (found.kind == cctz::time_zone::civil_lookup::SKIPPED)
    return to_timestamp(found.trans, Duration(0));
  return to_timestamp(found.pre, rest);
}

Timestamp to_time(const ParsedDate& date, const TimeZone* zone) {
  return date.zoned || zone == nullptr ? date.time : zone->from_local(date.time);
}

Result<TimeZone> ParamCodec<TimeZone>::parse(std::string_view text) {
  return TimeZone::find(text);
}

}  // namespace eventflux
