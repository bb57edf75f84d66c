#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventflux/extension.hpp"

#include "testkit/golden_file.hpp"
#include "testkit/run_mode.hpp"

namespace eventflux::testkit {

/// A block that could not be carried out: no stream of that name, a row that does not fit it, a
/// checkpoint that cannot be restored.
struct BlockFailure {
  std::size_t line = 0;  ///< Of the file, from 1: the row at fault, or the head of its block.
  Error error;
};

/// What the blocks of a golden file gave in one mode.
/// Shape: `actual` is parallel to the blocks of the file, up to the one that failed, if one did.
struct GoldenRun {
  bool skipped = false;  ///< The file opted out of this mode.
  std::vector<std::vector<std::string>> actual;
  std::optional<std::size_t> first_difference;  ///< Of the blocks.

  std::optional<BlockFailure> failure;  ///< Ended the run; no expected text can stand for it.

  bool passed() const { return !first_difference && !failure; }
};

/// Runs a golden file in one mode, up to the first block that cannot be carried out.
GoldenRun run_golden(const GoldenFile& file, const RunMode& mode, const Registry& registry);

}  // namespace eventflux::testkit
