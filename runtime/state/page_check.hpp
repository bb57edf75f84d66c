#pragma once

#include <cstdint>
#include <string>

#include "eventflux/error.hpp"

namespace eventflux::runtime {

/// Checks the pages of an LMDB file without LMDB, which trusts them: it would follow a damaged page
/// number out of the file, or for ever in a circle. Checked are both meta pages, and from the newer
/// one every page of the free list and of all trees: its own number, its kind and bounds, the order
/// of its keys and that they lie between those of the page above, equal depth of all leaves, and
/// that no page is used twice or both used and free.
/// Returns what is wrong, empty when nothing is. Fails: EF0704 the file cannot be read.
/// Shape: the format of LMDB 0.9, data version 1, 64 bit, little-endian; values are not looked at.
Result<std::string> check_pages(const std::string& path);

}  // namespace eventflux::runtime
