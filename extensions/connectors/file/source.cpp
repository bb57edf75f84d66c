#include "source.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace eventflux::connectors::file {

FileSource::FileSource(SourceOptions options, Context& context)
    : options_(std::move(options)),
      context_(context),
      files_(context.files),
      pattern_(options_.path.find_first_of("*?[") != std::string::npos) {}

Result<void> FileSource::probe() {
  EF_TRY(const auto paths, files_.glob(options_.path));
  if (paths.empty()) return Error{Code::file_failed, "no file '" + options_.path + "'"};
  return {};
}

Result<void> FileSource::run(Emitter& out) {
  while (!out.stopping() && !stopping_) {
    EF_CHECK(find_files(out));
    bool any = false;
    for (auto& [path, followed] : paths_) {
      EF_TRY(const bool read, followed->follow(out));
      any = any || read;
      // A file that was read to its end does not hold event time back for the others.
      if (pattern_ && !read) out.set_partition(path, PartitionState::caught_up);
    }
    if (any) continue;
    if (options_.when_done == WhenDone::end && !out.stopping()) return finish(out);
    EF_CHECK(out.idle());
    out.pause(options_.poll_interval);
  }
  return {};
}

Result<void> FileSource::finish(Emitter& out) {
  for (auto& [path, followed] : paths_) {
    EF_TRY(const bool read, followed->finish(out));
    if (read) EF_CHECK(out.idle());
    if (pattern_) out.set_partition(path, PartitionState::ended);
  }
  return Error{Code::end_of_input, "'" + options_.path + "' was read to its end"};
}

/// With a pattern, a new name may be that of a file which is or was read under another one.
Result<bool> FileSource::is_known(const std::string& path) {
  if (!pattern_) return false;
  EF_TRY(const auto opened, open_readable(files_, path, options_.compression));
  if (opened == nullptr) return true;
  const bool open = std::any_of(paths_.begin(), paths_.end(), [&](const auto& followed) {
    return followed.second->has(opened->stat);
  });
  if (open) return true;
  return finished_.contains(*opened);
}

// A bounded run and require.exists need a file at once; everything else waits for one.
Result<void> FileSource::find_files(Emitter& out) {
  std::vector<std::string> names{options_.path};
  if (pattern_) {
    EF_TRY(names, files_.glob(options_.path));
  }
  const StartPosition start = first_look_ ? options_.start_position : StartPosition::beginning;
  for (const std::string& name : names) {
    if (paths_.contains(name)) continue;
    EF_TRY(const bool known, is_known(name));
    if (known) continue;
    auto followed = std::make_unique<FollowedPath>(options_, context_, finished_, name,
                                                   pattern_ ? name : std::string());
    EF_TRY(const bool found, followed->begin(out, start));
    if (!found && pattern_) continue;
    paths_[name] = std::move(followed);
    // All that are there are declared before the first row: the last file may hold the oldest.
    if (pattern_) out.set_partition(name, PartitionState::reading);
  }
  const bool needed = options_.require_exists || options_.when_done == WhenDone::end;
  const bool missing =
      paths_.empty() || (!pattern_ && first_look_ && !paths_.begin()->second->reading());
  if (first_look_ && missing && needed)
    return Error{Code::file_failed, "no file '" + options_.path + "'"};
  if (missing && pattern_ && !std::exchange(said_missing_, true)) {
    context_.log.write(LogLevel::info, "source=" + context_.name + " waits for a file that fits '" +
                                           options_.path + "'");
  }
  first_look_ = false;
  return {};
}

}  // namespace eventflux::connectors::file
