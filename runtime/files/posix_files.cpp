#include "runtime/files/posix_files.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <glob.h>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

namespace eventflux::files {
namespace {

Error file_error(const std::string& what, const std::string& path, int reason) {
  return {Code::file_failed,
          "cannot " + what + " '" + path + "': " + std::generic_category().message(reason)};
}

FileStat stat_of(const struct ::stat& status) {
  const auto& modified = status.st_mtim;
  return {.size = static_cast<std::uint64_t>(status.st_size),
          .device = static_cast<std::uint64_t>(status.st_dev),
          .inode = static_cast<std::uint64_t>(status.st_ino),
          .links = static_cast<std::uint64_t>(status.st_nlink),
          .modified_us = std::int64_t{modified.tv_sec} * 1'000'000 + modified.tv_nsec / 1000,
          .readable_by_others = (status.st_mode & S_IROTH) != 0};
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  ~PosixFile() override { ::close(descriptor_); }

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
  Result<void> append(std::string_view bytes) override;
  Result<void> sync() override;
  Result<void> truncate(std::uint64_t size) override;
  Result<FileStat> stat() override;

 private:
  int descriptor_;
  std::string path_;
};

Result<std::size_t> PosixFile::read(std::uint64_t offset, std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::pread(descriptor_, into.data() + done, into.size() - done,
                                static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("read", path_, errno);
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> PosixFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return file_error("write", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> PosixFile::sync() {
  if (::fdatasync(descriptor_) != 0) return file_error("sync", path_, errno);
  return {};
}

Result<void> PosixFile::truncate(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
    return file_error("truncate", path_, errno);
  return {};
}

Result<FileStat> PosixFile::stat() {
  struct ::stat status {};

  if (::fstat(descriptor_, &status) != 0) return file_error("look at", path_, errno);
  return stat_of(status);
}

int open_flags(OpenMode mode) {
  // O_NONBLOCK: opening a pipe that nobody writes would wait for ever.
  constexpr int always = O_CLOEXEC | O_NONBLOCK;
  if (mode == OpenMode::read) return always | O_RDONLY;
  const int write = always | O_RDWR | O_APPEND;
  return mode == OpenMode::truncate ? write | O_TRUNC : write;
}

// A new name is in the directory, not in the file: the directory has to be synced.
Result<void> sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return file_error("open", folder, errno);
  const int failed = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  if (failed != 0) return file_error("sync", folder, reason);
  return {};
}

}  // namespace

Result<std::unique_ptr<File>> PosixFiles::open(const std::string& path, OpenMode mode) {
  int descriptor = ::open(path.c_str(), open_flags(mode));
  const bool made = descriptor < 0 && errno == ENOENT && mode != OpenMode::read;
  if (made) descriptor = ::open(path.c_str(), open_flags(mode) | O_CREAT, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return file_error("open", path, errno);
  auto file = std::make_unique<PosixFile>(descriptor, path);

  struct ::stat status {};

  if (::fstat(descriptor, &status) != 0) return file_error("look at", path, errno);
  if (!S_ISREG(status.st_mode))
    return Error{Code::file_failed, "'" + path + "' is not a regular file"};
  if (made) EF_CHECK(sync_folder_of(path));
  return std::unique_ptr<File>(std::move(file));
}

Result<std::optional<FileStat>> PosixFiles::stat(const std::string& path) {
  struct ::stat status {};

  if (::stat(path.c_str(), &status) == 0) return std::optional(stat_of(status));
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileStat>();
  return file_error("look at", path, errno);
}

Result<void> PosixFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return file_error("rename", from, errno);
  return sync_folder_of(to);
}

Result<void> PosixFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return file_error("remove", path, errno);
  return {};
}

Result<std::vector<std::string>> PosixFiles::glob(const std::string& pattern) {
  ::glob_t found{};
  // Only the names of users, which GLOB_TILDE would resolve, are not safe in threads.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const int failed = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> paths;
  if (failed == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (failed != 0 && failed != GLOB_NOMATCH) return file_error("list", pattern, ENOMEM);
  // By bytes: the system's own order depends on the locale.
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace eventflux::files
