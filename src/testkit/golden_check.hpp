#pragma once

#include "testkit/golden_file.hpp"

namespace eventflux::testkit {

/// Checks that a block and its arguments are ones that exist.
/// Fails: EF0807 with what was found and what is allowed, without the place.
Result<void> check_block(const GoldenBlock& block);

/// Checks the header of a file. Fails: EF0807.
Result<void> check_header(const GoldenFile& file);

}  // namespace eventflux::testkit
