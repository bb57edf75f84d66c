#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "eventflux/source.hpp"

#include "tail.hpp"

namespace eventflux::connectors::file {

/// Reads files that grow and rotate, one partition per path.
class FileSource final : public Source {
 public:
  FileSource(SourceOptions options, Context& context);

  Result<void> run(Emitter& out) override;

  void stop() noexcept override { stopping_ = true; }

  Result<void> probe() override;

 private:
  using FileId = std::pair<std::uint64_t, std::uint64_t>;

  Result<void> find_files(Emitter& out);
  Result<bool> follow(const std::string& path, std::unique_ptr<FileTail>& tail, Emitter& out);
  Result<std::unique_ptr<FileTail>> open_new(const std::string& path, const FileStat& stat,
                                             Emitter& out);
  /// Opens the file called `name`, which `path` is or was.
  Result<std::unique_ptr<FileTail>> open_at(const std::string& path, const std::string& name,
                                            const Position& position);
  Result<std::unique_ptr<FileTail>> resume(const std::string& path, const FileStat& stat,
                                           const Cursor& cursor);
  Result<void> finish(Emitter& out);
  std::string partition(const std::string& path) const;

  SourceOptions options_;
  FileSystem& files_;
  bool pattern_;
  std::map<std::string, std::unique_ptr<FileTail>> tails_{};
  std::set<FileId> known_{};  ///< Files that have been opened; a new name of one is no new file.
  bool first_look_ = true;
  std::atomic<bool> stopping_{false};
};

}  // namespace eventflux::connectors::file
