#include <optional>

#include "eventflux/time_zone.hpp"

#include "time_functions.hpp"

namespace eventflux::functions::time {
namespace {

// The last zone of a thread is remembered: a query uses one, and finding it takes a lock.
Result<const TimeZone*> find_zone(std::string_view name) {
  thread_local std::optional<TimeZone> last;
  if (!last || last->name() != name) {
    auto found = TimeZone::find(name);
    if (!found.ok()) {
      Error error = std::move(found).error();
      error.code = Code::wrong_type;
      return error;
    }
    last = *std::move(found);
  }
  return &*last;
}

}  // namespace

Result<void> check_zone(std::string_view zone) {
  EF_CHECK(find_zone(zone));
  return {};
}

Result<Duration> zone_offset(std::string_view zone, Timestamp time) {
  EF_TRY(const TimeZone* found, find_zone(zone));
  return found->offset(time);
}

Result<Timestamp> from_local(std::string_view zone, Timestamp local) {
  EF_TRY(const TimeZone* found, find_zone(zone));
  return found->from_local(local);
}

}  // namespace eventflux::functions::time
