#pragma once

#include <cstdint>
#include <string>

namespace eventflux::runtime {

/// A part of a program that owns stored state: a window, an aggregation, the cursor of a resource.
struct PlanPart {
  std::string id;    ///< Key of its state.
  std::string name;  ///< As people know it: the query, the resource.
  std::string text;  ///< All that the state depends on, line by line.
  /// When the part was found to be missing from the program; zero: it is part of it. Units: µs.
  std::int64_t orphaned_us = 0;

  bool operator==(const PlanPart&) const = default;
};

}  // namespace eventflux::runtime
