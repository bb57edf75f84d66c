#pragma once

#include "eventflux/context.hpp"

namespace eventflux::files {

/// The files of the machine. Only regular files are opened; new ones belong to their owner alone.
class PosixFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::optional<FileStat>> stat(const std::string& path) override;
  /// Renames, and makes the new name survive a power cut.
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> glob(const std::string& pattern) override;
};

}  // namespace eventflux::files
