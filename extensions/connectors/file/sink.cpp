// A batch is appended whole or not at all: after a failed append the file is cut back to where the
// batch began. Rolled files appear by rename and are never written again.
#include "sink.hpp"

#include <algorithm>
#include <array>

namespace eventflux::connectors::file {

FileSink::FileSink(SinkOptions options, Context& context)
    : options_(std::move(options)), files_(context.files), clock_(context.clock) {}

Result<void> FileSink::open(const Schema&) {
  const bool truncate = !options_.append && !opened_before_;
  EF_CHECK(open_file(truncate ? OpenMode::truncate : OpenMode::append));
  opened_before_ = true;
  return {};
}

Result<void> FileSink::open_file(OpenMode mode) {
  file_.reset();
  EF_TRY(file_, files_.open(options_.path, mode));
  EF_TRY(const FileStat stat, file_->stat());
  size_ = stat.size;
  if (size_ != 0) EF_CHECK(end_torn_line());
  opened_ = clock_.steady();
  synced_ = opened_;
  dirty_ = false;
  return {};
}

/// A crash may have left half a line, whose row comes again: it must not run into the next row.
Result<void> FileSink::end_torn_line() {
  EF_TRY(const auto file, files_.open(options_.path, OpenMode::read));
  std::array<char, 1> last{};
  EF_TRY(const std::size_t read, file->read(size_ - 1, last));
  if (read == 0 || last[0] == '\n') return {};
  EF_CHECK(file_->append("\n"));
  ++size_;
  return {};
}

WriteResult FileSink::write(const OutputBatch& batch) {
  if (file_ == nullptr) {
    if (auto opened = open_file(OpenMode::append); !opened.ok())
      return WriteResult::failed(Verdict::retriable, std::move(opened).error());
  }
  text_.clear();
  if (size_ == 0) text_ += batch.prologue;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    text_ += batch.row(i);
    text_ += '\n';
  }
  if (auto appended = file_->append(text_); !appended.ok()) {
    const bool undone = file_->truncate(size_).ok();
    file_.reset();
    return WriteResult::failed(undone ? Verdict::retriable : Verdict::unknown,
                               std::move(appended).error());
  }
  size_ += text_.size();
  dirty_ = true;
  if (auto flushed = sync_due() ? flush() : rotate_if_due(); !flushed.ok())
    return WriteResult::failed(Verdict::unknown, std::move(flushed).error());
  return WriteResult::accepted();
}

/// What is not on disk yet is written again after a crash, because no checkpoint covers it: syncing
/// each batch would only cost.
bool FileSink::sync_due() const {
  const Duration interval = options_.flush_interval;
  return interval > Duration::zero() && clock_.steady() - synced_ >= interval;
}

Result<void> FileSink::flush() {
  if (file_ != nullptr && dirty_) {
    EF_CHECK(file_->sync());
    dirty_ = false;
    synced_ = clock_.steady();
  }
  return rotate_if_due();
}

bool FileSink::due() const {
  if (file_ == nullptr || size_ == 0) return false;
  const bool full = options_.rotate_size.bytes > 0 && size_ >= options_.rotate_size.bytes;
  const bool old =
      options_.rotate_interval.count() > 0 && clock_.steady() - opened_ >= options_.rotate_interval;
  return full || old;
}

Result<void> FileSink::rotate_if_due() {
  if (!due()) return {};
  if (dirty_) EF_CHECK(file_->sync());
  EF_TRY(const std::string name, rolled_name());
  EF_CHECK(files_.rename(options_.path, name));
  return open_file(OpenMode::append);
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
