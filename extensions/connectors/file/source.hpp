#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "eventflux/source.hpp"

#include "path.hpp"

namespace eventflux::connectors::file {

/// Reads files that grow and rotate, one partition per path.
class FileSource final : public Source {
 public:
  FileSource(SourceOptions options, Context& context);

  Result<void> run(Emitter& out) override;

  void stop() noexcept override { stopping_ = true; }

  Result<void> probe() override;

 private:
  Result<void> find_files(Emitter& out);
  Result<bool> is_known(const std::string& path);
  Result<void> finish(Emitter& out);

  SourceOptions options_;
  Context& context_;
  FileSystem& files_;
  bool pattern_;
  FinishedFiles finished_{};
  std::map<std::string, std::unique_ptr<FollowedPath>> paths_{};
  bool first_look_ = true;
  bool said_missing_ = false;
  std::atomic<bool> stopping_{false};
};

}  // namespace eventflux::connectors::file
