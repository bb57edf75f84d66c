#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventflux/extension.hpp"

#include "testkit/golden_file.hpp"
#include "testkit/run_mode.hpp"

namespace eventflux::testkit {

/// What the blocks of a golden file gave in one mode.
/// Shape: `actual` is parallel to the blocks of the file.
struct GoldenRun {
  bool skipped = false;  ///< The file opted out of this mode.
  std::vector<std::vector<std::string>> actual;
  std::optional<std::size_t> first_difference;  ///< Of the blocks.

  bool passed() const { return !first_difference; }
};

/// Runs a golden file in one mode. What a directive complains of is its output.
GoldenRun run_golden(const GoldenFile& file, const RunMode& mode, const Registry& registry);

}  // namespace eventflux::testkit
