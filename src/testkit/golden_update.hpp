#pragma once

#include <string>

#include "testkit/golden_run.hpp"

namespace eventflux::testkit {

/// Returns the text of a file with its expected side rewritten to what a run gave, and the cells
/// of its rows aligned. Blocks that passed keep their lines, `<ignore>` included.
/// Requires: a run in which no block failed.
std::string update_golden(const GoldenFile& file, const GoldenRun& run);

}  // namespace eventflux::testkit
