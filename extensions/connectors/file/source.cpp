// Rotation is seen by identity: when a path names another file than the one that is open, the open
// one is read to its end first. Invariant: a path has at most one open file.
#include "source.hpp"

namespace eventflux::connectors::file {
namespace {

Error position_lost(const std::string& path, const std::string& why) {
  return {Code::position_lost, "the position in '" + path + "' is lost: " + why,
          "bring the file back, or start with another --state directory"};
}

}  // namespace

FileSource::FileSource(SourceOptions options, Context& context)
    : options_(std::move(options)),
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
    for (auto& [path, tail] : tails_) {
      EF_TRY(const bool read, follow(path, tail, out));
      any = any || read;
    }
    if (any) continue;
    if (options_.when_done == WhenDone::end && !out.stopping()) return finish(out);
    EF_CHECK(out.idle());
    out.pause(options_.poll_interval);
  }
  return {};
}

Result<void> FileSource::finish(Emitter& out) {
  for (auto& [path, tail] : tails_) {
    EF_TRY(const bool read, tail->drain(out, Tail::final));
    if (read) EF_CHECK(out.idle());
  }
  return Error{Code::end_of_input, "'" + options_.path + "' was read to its end"};
}

// A bounded run and require.exists need a file at once; everything else waits for one.
Result<void> FileSource::find_files(Emitter& out) {
  std::vector<std::string> paths{options_.path};
  if (pattern_) {
    EF_TRY(paths, files_.glob(options_.path));
  }
  for (const std::string& path : paths) {
    if (tails_.contains(path)) continue;
    EF_TRY(const auto stat, files_.stat(path));
    if (!stat || known_.contains({stat->device, stat->inode})) continue;
    EF_TRY(tails_[path], open_new(path, *stat, out));
  }
  const bool needed = options_.require_exists || options_.when_done == WhenDone::end;
  if (first_look_ && tails_.empty() && needed)
    return Error{Code::file_failed, "no file '" + options_.path + "'"};
  first_look_ = false;
  return {};
}

std::string FileSource::partition(const std::string& path) const {
  return pattern_ ? path : "";
}

Result<bool> FileSource::follow(const std::string& path, std::unique_ptr<FileTail>& tail,
                                Emitter& out) {
  EF_TRY(const bool any, tail->drain(out, Tail::open));
  if (any) return true;
  EF_TRY(const auto stat, files_.stat(path));
  if (!stat) return false;
  const Position& old = tail->position();
  if (stat->device == old.device && stat->inode == old.inode) {
    EF_CHECK(tail->check_size());
    return false;
  }
  EF_TRY(const bool rest, tail->drain(out, Tail::final));
  std::ignore = rest;
  EF_TRY(tail,
         open_at(path, path,
                 {.device = stat->device, .inode = stat->inode, .generation = old.generation + 1}));
  return true;
}

Result<std::unique_ptr<FileTail>> FileSource::open_at(const std::string& path,
                                                      const std::string& name,
                                                      const Position& position) {
  EF_TRY(auto file, files_.open(name, OpenMode::read));
  known_.emplace(position.device, position.inode);
  return std::make_unique<FileTail>(options_, std::move(file), partition(path), position);
}

Result<std::unique_ptr<FileTail>> FileSource::open_new(const std::string& path,
                                                       const FileStat& stat, Emitter& out) {
  if (const auto cursor = out.resume(partition(path))) return resume(path, stat, *cursor);
  Position position{.device = stat.device, .inode = stat.inode};
  const bool at_end = options_.start_position == StartPosition::end && first_look_;
  if (!at_end || stat.size == 0) return open_at(path, path, position);
  position.offset = stat.size;
  EF_TRY(auto tail, open_at(path, path, position));
  EF_TRY(const auto file, files_.open(path, OpenMode::read));
  char last = 0;
  EF_TRY(const std::size_t read, file->read(stat.size - 1, {&last, 1}));
  if (read == 1 && last != '\n' && options_.framing == Framing::lines) tail->begin_inside_line();
  return tail;
}

// The file of a cursor may have been renamed by a rotation meanwhile, or copied with its content.
Result<std::unique_ptr<FileTail>> FileSource::resume(const std::string& path, const FileStat& stat,
                                                     const Cursor& cursor) {
  auto position = parse_position(cursor.position);
  if (!position) return position_lost(path, "the stored cursor cannot be read");
  std::string name = path;
  if (stat.device != position->device || stat.inode != position->inode) {
    EF_TRY(const auto siblings, files_.glob(path + "*"));
    for (const std::string& sibling : siblings) {
      EF_TRY(const auto other, files_.stat(sibling));
      if (other && other->device == position->device && other->inode == position->inode)
        name = sibling;
    }
    if (name == path) {
      position->device = stat.device;
      position->inode = stat.inode;
    }
  }
  EF_TRY(const auto file, files_.open(name, OpenMode::read));
  EF_TRY(const std::uint64_t crc, head_crc(*file, position->head_size));
  EF_TRY(const FileStat found, file->stat());
  if (found.size < position->offset) return position_lost(path, "the file has become shorter");
  if (crc != position->head_crc) return position_lost(path, "it begins with other bytes");
  return open_at(path, name, *position);
}

}  // namespace eventflux::connectors::file
