#pragma once

#include <cstdint>
#include <string>

#include "eventflux/error.hpp"

namespace eventflux::runtime {

/// Whether a directory holds a store.
enum class StorePresence : std::uint8_t {
  none,
  unmarked,  ///< A file, and no FORMAT that says what it is: its making may have been interrupted.
  marked,
};

/// The directory of an app's store: who owns it, and whether there has been a store.
/// Invariant: one process owns it from make_and_lock() until this object goes.
class StoreDirectory {
 public:
  explicit StoreDirectory(std::string path) : path_(std::move(path)) {}

  ~StoreDirectory();
  StoreDirectory(const StoreDirectory&) = delete;
  StoreDirectory& operator=(const StoreDirectory&) = delete;

  const std::string& path() const { return path_; }

  std::string store_file() const { return path_ + "/store.mdb"; }

  /// Fails: EF0701 another process owns it, EF0704.
  Result<void> make_and_lock();
  /// Owns the directory when nobody else does; returns whether it does now.
  bool try_lock();
  /// Fails: EF0702 when there was a store and is no longer, EF0705 one of another format.
  Result<StorePresence> find_store() const;
  /// Remembers that there is a store from now on: without this mark a missing or empty file is a
  /// first start. Fails: EF0704.
  Result<void> mark();
  /// Returns whether less than 1 MiB is free.
  bool is_full() const;

  Error damaged(const std::string& what) const;
  /// Says what could not be done, with the reason of an errno; EF0703 when the disk is full.
  Error failed(int code, const std::string& doing) const;

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace eventflux::runtime
