// A batch is appended whole or not at all: after a failed append the file is cut back to where the
// batch began. A file whose sync failed is not used again: it is opened anew and cut back to what
// is known to be on disk, because everything behind that comes again. Rolled files appear by rename
// and are never written again.
#include "sink.hpp"

#include <algorithm>
#include <vector>

namespace eventflux::connectors::file {
namespace {

constexpr std::size_t block_size = std::size_t{64} * 1024;
// A rotation that failed is not tried at every batch.
constexpr Duration rotation_pause = std::chrono::minutes(1);

Error not_open(const std::string& path) {
  return {Code::file_failed, "'" + path + "' is not open"};
}

}  // namespace

FileSink::FileSink(SinkOptions options, Context& context)
    : options_(std::move(options)),
      context_(context),
      files_(context.files),
      clock_(context.clock) {}

void FileSink::warn(const std::string& text) {
  context_.log.write(LogLevel::warn, "sink=" + context_.name + " " + text);
}

Result<void> FileSink::open(const Schema&) {
  const bool truncate = !options_.append && !opened_before_ && !context_.resumed;
  auto opened = open_file(truncate ? OpenMode::truncate : OpenMode::append);
  if (!opened.ok() && !opened_before_) return missing_folder(std::move(opened).error());
  if (opened.ok()) opened_before_ = true;
  return opened;
}

/// No second try makes a folder that is not there at the start.
Result<void> FileSink::missing_folder(Error error) {
  const std::size_t slash = options_.path.rfind('/');
  if (slash == std::string::npos || slash == 0) return error;
  const std::string folder = options_.path.substr(0, slash);
  EF_TRY(const auto stat, files_.stat(folder));
  if (stat) return error;
  return Error{Code::invalid_value,
               "there is no folder '" + folder + "' for path = '" + options_.path + "'",
               "make the folder, or write another path"};
}

Result<void> FileSink::open_file(OpenMode mode) {
  file_.reset();
  settled_ = false;
  EF_TRY(auto file, files_.open(options_.path, mode));
  EF_TRY(const FileStat stat, file->stat());
  file_ = std::move(file);
  if (auto cut = cut_back(stat); !cut.ok()) {
    file_.reset();
    return cut;
  }
  durable_ = {stat.device, stat.inode, size_};
  size_max_ = size_;
  opened_ = clock_.steady();
  synced_ = opened_;
  dirty_ = false;
  return {};
}

/// Rows behind what is on disk come again; half a line, whose row comes again too, must not run
/// into the next one. Bytes that cannot be ours stay.
Result<void> FileSink::cut_back(const FileStat& stat) {
  const bool ours = opened_before_ && stat.device == durable_.device &&
                    stat.inode == durable_.inode && stat.size >= durable_.size &&
                    stat.size <= size_max_;
  size_ = stat.size;
  if (!ours) return cut_torn_line();
  if (size_ == durable_.size) return {};
  EF_CHECK(file_->truncate(durable_.size));
  size_ = durable_.size;
  return {};
}

Result<void> FileSink::cut_torn_line() {
  if (size_ == 0) return {};
  EF_TRY(const std::uint64_t end, end_of_last_line());
  if (end == size_) return {};
  EF_CHECK(file_->truncate(end));
  warn("file='" + options_.path + "' cut_from=" + std::to_string(size_) +
       " cut_to=" + std::to_string(end) + " reason=\"the last line has no end\"");
  size_ = end;
  return {};
}

Result<std::uint64_t> FileSink::end_of_last_line() {
  EF_TRY(const auto file, files_.open(options_.path, OpenMode::read));
  std::vector<char> block(block_size);
  for (std::uint64_t end = size_; end > 0;) {
    const std::uint64_t begin = end > block_size ? end - block_size : 0;
    EF_TRY(const std::size_t read, file->read(begin, {block.data(), end - begin}));
    const std::string_view text(block.data(), read);
    if (const std::size_t at = text.rfind('\n'); at != std::string_view::npos)
      return begin + at + 1;
    end = begin;
  }
  return std::uint64_t{0};
}

/// Our file may have been moved away or removed: rows must not go on into a file that nobody finds.
/// Fails: the removed file held rows that are not written anywhere else.
Result<void> FileSink::follow_path() {
  EF_TRY(const auto stat, files_.stat(options_.path));
  if (stat && stat->device == durable_.device && stat->inode == durable_.inode) return {};
  EF_TRY(const FileStat own, file_->stat());
  if (own.links == 0 && dirty_) {
    file_.reset();
    return Error{Code::file_failed, "'" + options_.path + "' was removed while rows were written"};
  }
  if (own.links != 0) EF_CHECK(sync());
  warn("file='" + options_.path + "' was " + (own.links == 0 ? "removed" : "moved away") +
       ": goes on in a new one");
  file_.reset();
  settled_ = true;
  return {};
}

WriteResult FileSink::write(const OutputBatch& batch) {
  if (file_ != nullptr) {
    if (auto followed = follow_path(); !followed.ok())
      return WriteResult::failed(
          file_ == nullptr ? WriteStatus::disconnected : WriteStatus::retriable,
          std::move(followed).error());
  }
  if (file_ == nullptr) {
    if (!settled_) return WriteResult::failed(WriteStatus::disconnected, not_open(options_.path));
    if (auto opened = open_file(OpenMode::append); !opened.ok()) {
      settled_ = true;
      return WriteResult::failed(WriteStatus::retriable, std::move(opened).error());
    }
  }
  text_.clear();
  if (size_ == 0) text_ += batch.prologue;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    text_ += batch.row(i);
    text_ += '\n';
  }
  if (auto appended = file_->append(text_); !appended.ok()) {
    if (file_->truncate(size_).ok())
      return WriteResult::failed(WriteStatus::retriable, std::move(appended).error());
    size_max_ = size_ + text_.size();
    file_.reset();
    return WriteResult::failed(WriteStatus::disconnected, std::move(appended).error());
  }
  size_ += text_.size();
  size_max_ = size_;
  dirty_ = true;
  if (sync_due() || due()) {
    if (auto synced = sync(); !synced.ok())
      return WriteResult::failed(WriteStatus::disconnected, std::move(synced).error());
  }
  rotate_if_due();
  return WriteResult::accepted();
}

/// What is not on disk yet is written again after a crash, because no checkpoint covers it: syncing
/// each batch would only cost.
bool FileSink::sync_due() const {
  const Duration interval = options_.flush_interval;
  return interval > Duration::zero() && clock_.steady() - synced_ >= interval;
}

/// The system reports a failed sync once and forgets what it could not write: the open file is of
/// no use afterwards.
Result<void> FileSink::sync() {
  if (!dirty_) return {};
  if (auto synced = file_->sync(); !synced.ok()) {
    file_.reset();
    return synced;
  }
  dirty_ = false;
  durable_.size = size_;
  synced_ = clock_.steady();
  return {};
}

Result<void> FileSink::flush() {
  if (file_ == nullptr) return settled_ ? Result<void>() : not_open(options_.path);
  if (dirty_) EF_CHECK(follow_path());
  if (file_ == nullptr) return {};
  EF_CHECK(sync());
  rotate_if_due();
  return {};
}

bool FileSink::due() const {
  if (file_ == nullptr || size_ == 0 || clock_.steady() < rotate_not_before_) return false;
  const bool full = options_.rotate_size.bytes > 0 && size_ >= options_.rotate_size.bytes;
  const bool old =
      options_.rotate_interval.count() > 0 && clock_.steady() - opened_ >= options_.rotate_interval;
  return full || old;
}

/// A rotation that fails is no verdict on rows, which are in the file: the file grows on.
void FileSink::rotate_if_due() {
  if (dirty_ || !due()) return;
  const auto rotated = rotate();
  if (rotated.ok()) return;
  rotate_not_before_ = clock_.steady() + rotation_pause;
  warn(code_text(rotated.error().code) + " file='" + options_.path +
       "' cannot be rotated, rows go on into it: " + rotated.error().message);
}

Result<void> FileSink::rotate() {
  EF_TRY(const std::string name, rolled_name());
  EF_CHECK(files_.rename(options_.path, name));
  file_.reset();
  settled_ = true;
  auto opened = open_file(OpenMode::append);
  if (!opened.ok()) settled_ = true;
  return opened;
}

// The time of day in the name sorts; a number behind it keeps two in one second apart.
Result<std::string> FileSink::rolled_name() const {
  std::string stamp = to_text(Timestamp{clock_.now().us / 1'000'000 * 1'000'000});
  std::erase(stamp, '-');
  std::erase(stamp, ':');
  const std::string base = options_.path + "." + stamp;
  std::string name = base;
  for (int number = 1;; ++number) {
    EF_TRY(const auto stat, files_.stat(name));
    if (!stat) return name;
    name = base + "-" + std::to_string(number);
  }
}

}  // namespace eventflux::connectors::file
