#pragma once

#include <string>

#include "eventflux/error.hpp"

namespace eventflux::runtime {

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
  /// Returns whether there is a store. Fails: EF0702 when there was one and is no longer, EF0705
  /// when another format wrote it, EF0706.
  Result<bool> has_store() const;
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
