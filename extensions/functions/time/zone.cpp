// The only file that calls date-tz, which throws for a zone that does not exist.
#include <stdexcept>
#include <string>

#include <date/tz.h>

#include "time_functions.hpp"

namespace eventflux::functions::time {
namespace {

using Microseconds = std::chrono::microseconds;

Error unknown_zone(std::string_view name) {
  return {Code::wrong_type, "'" + std::string(name) + "' is no time zone",
          "write it like Europe/Berlin or UTC"};
}

// The last zone of a thread is remembered: a query uses one, and finding it is a search.
Result<const date::time_zone*> find_zone(std::string_view name) {
  thread_local std::string last_name;
  thread_local const date::time_zone* last = nullptr;
  if (last != nullptr && last_name == name) return last;
  try {
    last = date::locate_zone(std::string(name));
    last_name = name;
    return last;
  } catch (const std::runtime_error&) {
    return unknown_zone(name);
  }
}

}  // namespace

Result<void> check_zone(std::string_view zone) {
  EF_CHECK(find_zone(zone));
  return {};
}

Result<Duration> zone_offset(std::string_view zone, Timestamp time) {
  EF_TRY(const date::time_zone* found, find_zone(zone));
  const auto point =
      date::floor<std::chrono::seconds>(date::sys_time<Microseconds>(Microseconds(time.us)));
  return Duration(found->get_info(point).offset);
}

Result<Timestamp> from_local(std::string_view zone, Timestamp local) {
  EF_TRY(const date::time_zone* found, find_zone(zone));
  const auto shown =
      date::floor<std::chrono::seconds>(date::local_time<Microseconds>(Microseconds(local.us)));
  const date::local_info info = found->get_info(shown);
  if (info.result == date::local_info::nonexistent)
    return Timestamp{Microseconds(info.first.end.time_since_epoch()).count()};
  return local - Duration(info.first.offset);
}

}  // namespace eventflux::functions::time
