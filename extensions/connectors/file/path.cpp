// Invariant: next_.back(), or tail_ when nothing waits, is the newest file that this path is known
// to have been.
#include "path.hpp"

#include <algorithm>
#include <utility>

namespace eventflux::connectors::file {
namespace {

// How long a file that was left is looked at: what is written to it then is lost, and said.
constexpr Duration left_watched = std::chrono::minutes(1);
// How long the file of a name that is gone is kept open without news.
constexpr Duration removed_kept = std::chrono::minutes(1);
constexpr std::size_t finished_max = 1000;

std::string bytes_text(const std::string& name, std::uint64_t from) {
  return "'" + name + "' from byte " + std::to_string(from);
}

/// Returns where reading begins when all that is there is left out, and whether that is inside a
/// line.
Result<std::pair<std::uint64_t, bool>> end_of(OpenedFile& opened, Framing framing) {
  std::uint64_t end = opened.stat.size;
  if (opened.compressed) {
    std::vector<char> block(std::size_t{64} * 1024);
    for (end = 0;;) {
      EF_TRY(const std::size_t read, opened.file->read(end, block));
      end += read;
      if (read < block.size()) break;
    }
  }
  if (end == 0 || framing != Framing::lines) return std::pair{end, false};
  char last = 0;
  EF_TRY(const std::size_t read, opened.file->read(end - 1, {&last, 1}));
  return std::pair{end, read == 1 && last != '\n'};
}

}  // namespace

void FinishedFiles::add(const Position& position) {
  positions_.push_back(position);
  if (positions_.size() > finished_max) positions_.pop_front();
}

Result<bool> FinishedFiles::contains(OpenedFile& opened) const {
  for (const Position& position : positions_) {
    if (!same_file(position, opened.stat)) continue;
    EF_TRY(const bool same, holds_what_was_read(*opened.file, position));
    if (same) return true;
  }
  return false;
}

FollowedPath::FollowedPath(const SourceOptions& options, Context& context, FinishedFiles& finished,
                           std::string path, std::string partition)
    : options_(options),
      context_(context),
      files_(context.files),
      finished_(finished),
      path_(std::move(path)),
      partition_(std::move(partition)) {}

void FollowedPath::say(LogLevel level, const std::string& text) {
  context_.log.write(level, "source=" + context_.name + " " + text);
}

bool FollowedPath::has(const FileStat& stat) const {
  const auto is_it = [&](const FileStat& other) {
    return other.device == stat.device && other.inode == stat.inode;
  };
  return (tail_ != nullptr && is_it(tail_->stat())) ||
         (left_.file != nullptr && is_it(left_.stat)) ||
         std::any_of(next_.begin(), next_.end(),
                     [&](const OpenedFile& opened) { return is_it(opened.stat); });
}

Result<void> FollowedPath::read_from(OpenedFile file, Position position) {
  tail_ = std::make_unique<FileTail>(options_, std::move(file), partition_, position);
  quiet_since_.reset();
  missing_since_.reset();
  ended_.reset();
  return tail_->prepare();
}

Result<void> FollowedPath::begin_new(OpenedFile file, std::uint64_t generation,
                                     StartPosition start) {
  Position position{.generation = generation};
  if (start == StartPosition::beginning) return read_from(std::move(file), position);
  EF_TRY(const auto end, end_of(file, options_.framing));
  position.offset = end.first;
  EF_CHECK(read_from(std::move(file), position));
  if (end.second) tail_->begin_inside_line();
  return {};
}

Result<bool> FollowedPath::begin(Emitter& out, StartPosition start) {
  if (const auto cursor = out.resume(partition_)) {
    EF_TRY(const bool found, resume(out, *cursor));
    if (found) return true;
  } else {
    EF_TRY(auto current, open_readable(files_, path_, options_.compression));
    if (current != nullptr) {
      EF_CHECK(begin_new(std::move(*current), 0, start));
      return true;
    }
  }
  if (!std::exchange(said_missing_, true)) say(LogLevel::info, "waits for file '" + path_ + "'");
  return false;
}

// The file of a cursor may have been renamed by a rotation meanwhile, or copied with its content.
Result<bool> FollowedPath::resume(Emitter& out, const Cursor& cursor) {
  EF_TRY(auto current, open_readable(files_, path_, options_.compression));
  auto position = parse_position(cursor.position);
  if (position) return resume_in(std::move(current), *position, out);
  if (current == nullptr) return false;
  return lose(std::move(current), {}, {.generation = cursor.order >> generation_shift},
              "the stored cursor cannot be read", out);
}

Result<bool> FollowedPath::resume_in(std::unique_ptr<OpenedFile> current, Position position,
                                     Emitter& out) {
  if (current != nullptr && same_file(position, current->stat)) {
    EF_TRY(const bool same, holds_what_was_read(*current->file, position));
    if (same) {
      EF_CHECK(read_from(std::move(*current), position));
      return true;
    }
  }
  EF_TRY(auto rotated, open_rotated(files_, path_, options_.compression));
  // By identity first: a copy may lack what was written to the original later.
  for (const bool by_identity : {true, false}) {
    if (!by_identity && current != nullptr && !same_file(position, current->stat)) {
      EF_TRY(const bool same, holds_what_was_read(*current->file, position));
      if (same) {
        say(LogLevel::warn,
            "'" + path_ + "' is another file that begins with what was read: goes on at byte " +
                std::to_string(position.offset));
        EF_CHECK(read_from(std::move(*current), position));
        return true;
      }
    }
    for (std::size_t i = rotated.size(); i-- > 0;) {
      if (by_identity && !same_file(position, rotated[i].stat)) continue;
      if (!by_identity && position.offset == 0) continue;
      const auto same = holds_what_was_read(*rotated[i].file, position);
      if (!same.ok() || !*same) continue;
      const std::int64_t modified = rotated[i].stat.modified_us;
      OpenedFile found = std::move(rotated[i]);
      rotated.erase(rotated.begin() + static_cast<std::ptrdiff_t>(i));
      EF_CHECK(read_from(std::move(found), position));
      EF_CHECK(queue_after(modified, std::move(rotated), std::move(current)));
      return true;
    }
  }
  if (current == nullptr) return false;
  const bool same_name = same_file(position, current->stat);
  return lose(std::move(current), std::move(rotated), position,
              same_name ? "the file holds other bytes than those that were read"
                        : "the file that was read is gone",
              out);
}

/// Goes on where on_lost_position says, behind a gap.
Result<bool> FollowedPath::lose(std::unique_ptr<OpenedFile> current,
                                std::vector<OpenedFile> rotated, const Position& position,
                                const std::string& reason, Emitter& out) {
  const std::string where = bytes_text(path_, position.offset);
  if (options_.on_lost_position == LostPosition::fail) {
    return Error{Code::position_lost, "the position in " + where + " is lost: " + reason,
                 "bring the file back, or write on_lost_position = 'earliest' or 'latest'"};
  }
  const bool latest = options_.on_lost_position == LostPosition::latest;
  out.gap({partition_, where + " on", reason + (latest ? "; all up to its end is left out" : "")});
  const std::uint64_t generation = position.generation + 1;
  if (latest) {
    EF_CHECK(begin_new(std::move(*current), generation, StartPosition::end));
    return true;
  }
  tail_.reset();
  left_ = {};
  if (position.modified_us != 0) {
    EF_CHECK(queue_after(static_cast<std::int64_t>(position.modified_us) + 1, std::move(rotated),
                         std::move(current)));
  } else {
    next_.push_back(std::move(*current));
  }
  OpenedFile first = std::move(next_.front());
  next_.pop_front();
  EF_CHECK(begin_new(std::move(first), generation, StartPosition::beginning));
  return true;
}

/// Queues the rotated files that are not older than `modified_us`, and what the path names now.
Result<void> FollowedPath::queue_after(std::int64_t modified_us, std::vector<OpenedFile> rotated,
                                       std::unique_ptr<OpenedFile> current) {
  for (OpenedFile& opened : rotated) {
    if (current != nullptr && opened.stat.device == current->stat.device &&
        opened.stat.inode == current->stat.inode)
      continue;
    EF_TRY(const bool next, is_next(opened, modified_us));
    if (next) next_.push_back(std::move(opened));
  }
  if (current != nullptr && !has(current->stat)) next_.push_back(std::move(*current));
  return {};
}

/// A copy of the file that is read, as compressing leaves it, is not another file.
Result<bool> FollowedPath::is_next(OpenedFile& opened, std::int64_t modified_us) {
  if (opened.stat.modified_us < modified_us || has(opened.stat)) return false;
  EF_TRY(const bool finished, finished_.contains(opened));
  if (finished) return false;
  const Position* read = ended_ ? &*ended_ : nullptr;
  if (tail_ != nullptr) read = &tail_->position();
  if (read == nullptr || read->offset == 0) return true;
  EF_TRY(const bool copy, holds_what_was_read(*opened.file, *read));
  return !copy;
}

Result<void> FollowedPath::look_for_rotation() {
  EF_TRY(const auto stat, files_.stat(path_));
  if (!stat) {
    if (!missing_since_) missing_since_ = context_.clock.steady();
    return {};
  }
  missing_since_.reset();
  const FileStat newest = next_.empty() ? tail_->stat() : next_.back().stat;
  if (stat->device == newest.device && stat->inode == newest.inode) return {};
  EF_TRY(auto current, open_readable(files_, path_, options_.compression));
  if (current == nullptr || has(current->stat)) return {};
  std::int64_t modified_us = newest.modified_us;
  if (next_.empty()) {
    EF_TRY(const FileStat now, tail_->look());
    modified_us = now.modified_us;
  }
  EF_TRY(auto rotated, open_rotated(files_, path_, options_.compression));
  return queue_after(modified_us, std::move(rotated), std::move(current));
}

/// Where the file was truncated, a copy may hold the rest: that is how copytruncate rotates.
Result<bool> FollowedPath::go_on_in_copy(Emitter& out) {
  const Position position = tail_->position();
  EF_TRY(auto current, open_readable(files_, path_, options_.compression));
  if (current == nullptr) return false;
  tail_.reset();
  next_.clear();
  return resume_in(std::move(current), position, out);
}

Result<bool> FollowedPath::follow(Emitter& out) {
  watch_left(out);
  if (tail_ == nullptr) return ended_ ? reopen(out) : begin(out, StartPosition::beginning);
  EF_TRY(const bool any, tail_->drain(out, Tail::open));
  if (any) {
    quiet_since_.reset();
    return true;
  }
  EF_TRY(const bool replaced, tail_->replaced());
  if (replaced) return go_on_in_copy(out);
  EF_CHECK(look_for_rotation());
  if (next_.empty()) {
    EF_CHECK(let_go_if_removed());
    return false;
  }
  EF_TRY(const bool over, wait_over());
  return over ? begin_next(out) : false;
}

/// A writer may go on in the renamed file for a while: it is left when nothing has come for
/// rotate.wait.
Result<bool> FollowedPath::wait_over() {
  const Timestamp now = context_.clock.steady();
  if (!quiet_since_) quiet_since_ = now;
  return options_.when_done == WhenDone::end || now - *quiet_since_ >= options_.rotate_wait;
}

std::uint64_t FollowedPath::next_generation() const {
  return (ended_ ? ended_->generation : tail_->position().generation) + 1;
}

Result<bool> FollowedPath::begin_next(Emitter& out) {
  EF_TRY([[maybe_unused]] const bool rest, tail_->drain(out, Tail::final));
  if (out.stopping()) return true;
  const std::uint64_t generation = next_generation();
  finished_.add(tail_->position());
  left_end_ = tail_->read_end();
  left_at_ = context_.clock.steady();
  left_ = tail_->release();
  OpenedFile next = std::move(next_.front());
  next_.pop_front();
  EF_CHECK(begin_new(std::move(next), generation, StartPosition::beginning));
  return true;
}

void FollowedPath::watch_left(Emitter& out) {
  if (left_.file == nullptr) return;
  const auto stat = left_.file->stat();
  if (stat.ok() && !left_.compressed && stat->size > left_end_) {
    out.gap({partition_, bytes_text(left_.name, left_end_) + " to " + std::to_string(stat->size),
             "it was written after the file had been renamed and left; rotate.wait is " +
                 eventflux::to_text(options_.rotate_wait)});
    left_end_ = stat->size;
  }
  const bool over = context_.clock.steady() - left_at_ >= left_watched;
  if (over || !stat.ok() || stat->links == 0) left_ = {};
}

/// An open file takes up the disk even when its name is gone.
Result<void> FollowedPath::let_go_if_removed() {
  if (!missing_since_ || context_.clock.steady() - *missing_since_ < removed_kept) return {};
  EF_TRY(const FileStat stat, tail_->look());
  if (stat.links != 0 || tail_->read_end() != tail_->position().offset) return {};
  ended_ = tail_->position();
  tail_.reset();
  return {};
}

/// Goes on in the file that has come in place of one that was read to its end and removed.
Result<bool> FollowedPath::reopen(Emitter& out) {
  std::ignore = out;
  EF_TRY(auto current, open_readable(files_, path_, options_.compression));
  if (current == nullptr) return false;
  const Position ended = *ended_;
  left_ = {};
  EF_TRY(auto rotated, open_rotated(files_, path_, options_.compression));
  EF_CHECK(queue_after(static_cast<std::int64_t>(ended.modified_us), std::move(rotated),
                       std::move(current)));
  OpenedFile first = std::move(next_.front());
  next_.pop_front();
  EF_CHECK(begin_new(std::move(first), ended.generation + 1, StartPosition::beginning));
  return true;
}

Result<bool> FollowedPath::finish(Emitter& out) {
  if (tail_ == nullptr) return false;
  return tail_->drain(out, Tail::final);
}

}  // namespace eventflux::connectors::file
