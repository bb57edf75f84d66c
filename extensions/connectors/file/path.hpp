#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tail.hpp"

namespace eventflux::connectors::file {

/// Files that were read to their end and closed, for as long as their names may turn up again.
class FinishedFiles {
 public:
  void add(const Position& position);
  /// Returns whether a file is one of them and holds no more than was read. Fails: EF0510.
  Result<bool> contains(OpenedFile& opened) const;

 private:
  std::deque<Position> positions_{};
};

/// Reads what a path names, one file after the other: the files that a rotation has renamed before
/// the one that is there now. The files that wait are open, so that no later renaming hides them.
class FollowedPath {
 public:
  FollowedPath(const SourceOptions& options, Context& context, FinishedFiles& finished,
               std::string path, std::string partition);

  /// Finds where to begin: at the stored position, or as `start` says. Returns whether there is
  /// anything to read. Fails: EF0510, EF0551 under on_lost_position='fail'.
  Result<bool> begin(Emitter& out, StartPosition start);

  /// Reads on. Returns whether anything was read or a next file begun. Fails: as begin(), and as
  /// FileTail::drain().
  Result<bool> follow(Emitter& out);

  /// Emits what no delimiter ends. Returns whether there was any.
  Result<bool> finish(Emitter& out);

  bool reading() const { return tail_ != nullptr; }

  /// Returns whether a file is open here.
  bool has(const FileStat& stat) const;

 private:
  Result<void> read_from(OpenedFile file, Position position);
  Result<void> begin_new(OpenedFile file, std::uint64_t generation, StartPosition start);
  Result<bool> resume(Emitter& out, const Cursor& cursor);
  Result<bool> resume_in(std::unique_ptr<OpenedFile> current, Position position, Emitter& out);
  Result<bool> lose(std::unique_ptr<OpenedFile> current, std::vector<OpenedFile> rotated,
                    const Position& position, const std::string& reason, Emitter& out);
  Result<void> queue_after(std::int64_t modified_us, std::vector<OpenedFile> rotated,
                           std::unique_ptr<OpenedFile> current);
  Result<bool> is_next(OpenedFile& opened, std::int64_t modified_us);
  Result<void> look_for_rotation();
  Result<bool> go_on_in_copy(Emitter& out);
  Result<bool> begin_next(Emitter& out);
  Result<bool> wait_over();
  void watch_left(Emitter& out);
  Result<bool> reopen(Emitter& out);
  Result<void> let_go_if_removed();
  std::uint64_t next_generation() const;
  void say(LogLevel level, const std::string& text);

  const SourceOptions& options_;
  Context& context_;
  FileSystem& files_;
  FinishedFiles& finished_;
  std::string path_;
  std::string partition_;
  std::unique_ptr<FileTail> tail_{};
  std::deque<OpenedFile> next_{};             ///< Files behind tail_, oldest first.
  std::optional<Timestamp> quiet_since_{};    ///< Of a renamed tail_, by the steady clock.
  std::optional<Timestamp> missing_since_{};  ///< Of the path.
  std::optional<Position> ended_{};           ///< Of a removed file that was let go.
  OpenedFile left_{};                         ///< The last file that was read to its end.
  std::uint64_t left_end_ = 0;
  Timestamp left_at_{};
  bool said_missing_ = false;
};

}  // namespace eventflux::connectors::file
