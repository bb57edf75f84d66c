#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "eventflux/time.hpp"

namespace eventflux {

/// A zone of the IANA time zone database, with the rules that hold after its last listed change.
/// Owns: nothing; zones live as long as the process. Thread: any.
class TimeZone {
 public:
  /// Fails: EF0303 an unknown name.
  static Result<TimeZone> find(std::string_view name);

  /// Returns how far the zone's clocks are ahead of UTC at a point in time.
  Duration offset(Timestamp time) const;
  /// Returns when the zone's clocks show `local`: of two such moments the earlier; where the clocks
  /// skip it, the moment they do.
  Timestamp from_local(Timestamp local) const;

  const std::string& name() const { return name_; }

 private:
  struct Rules;

  TimeZone(std::string name, std::shared_ptr<const Rules> rules)
      : name_(std::move(name)), rules_(std::move(rules)) {}

  std::string name_;
  std::shared_ptr<const Rules> rules_;
};

/// Returns the point in time of a date as a pattern found it: by its own offset, else in `zone`,
/// else in UTC.
Timestamp to_time(const ParsedDate& date, const TimeZone* zone);

}  // namespace eventflux
