#pragma once

#include "runtime/state/store_directory.hpp"

namespace eventflux::runtime {

/// What a verified store turned out to be.
enum class StoreCondition : std::uint8_t {
  unused,  ///< Whole, and nothing was ever committed.
  used,    ///< Whole, and holds all that its manifest lists.
};

/// Checks a store before anybody opens it for writing: its pages (check_pages()), every checksum,
/// and that it holds what its manifest lists. It runs in a child process, so that damage that ends
/// the reader, or never lets it end, ends the child and not the app. Writes nothing.
/// Shape: the caller holds the directory's lock. Blocks: about a second per gigabyte.
/// Fails: EF0702 damaged, EF0704 cannot be read or no process can be started.
Result<StoreCondition> verify_store(const StoreDirectory& directory);

}  // namespace eventflux::runtime
