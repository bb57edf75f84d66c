#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eventflux/context.hpp"

#include "position.hpp"

namespace eventflux::connectors::file {

/// A file that was opened to be read, under the name that it had then.
struct OpenedFile {
  std::string name{};
  FileStat stat{};
  std::unique_ptr<File> file{};
  bool compressed = false;
};

/// Opens a file. Nothing when there is none. Fails: EF0510.
Result<std::unique_ptr<OpenedFile>> open_readable(FileSystem& files, const std::string& name,
                                                  FileCompression compression);

/// Returns whether `name` is one that a rotation gives to the file `path`: "log.1", "log-20261130",
/// "log.2026-11-30T10.gz", "app-2026-11-30.3.log" for app.log.
bool is_rotated_name(const std::string& path, const std::string& name);

/// Opens the rotated files of a path, oldest first: by their time, then by their name, in which a
/// higher number is older and a later date newer. A compressed one whose original is still there is
/// left out, and so is what cannot be opened. Fails: EF0510 when the folder cannot be listed.
Result<std::vector<OpenedFile>> open_rotated(FileSystem& files, const std::string& path,
                                             FileCompression compression);

}  // namespace eventflux::connectors::file
