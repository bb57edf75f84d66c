#include "runtime/state/store_directory.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "runtime/state/stored_value.hpp"

namespace eventflux::runtime {

StoreDirectory::~StoreDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Error StoreDirectory::damaged(const std::string& what) const {
  return {
      Code::store_damaged, "store in " + path_ + " is damaged: " + what,
      "nothing was changed; restore a copy of the directory, or give another --state directory"};
}

Error StoreDirectory::failed(int code, const std::string& doing) const {
  if (code == ENOSPC) {
    return {Code::store_full, "disk full: cannot " + doing + " in " + path_,
            "free space; the app goes on by itself"};
  }
  if (code == EACCES || code == EPERM) {
    return {Code::store_denied, "no permission to " + doing + " in " + path_,
            "run as the user that owns the directory, or give another --state directory"};
  }
  return {Code::store_failed,
          "cannot " + doing + " in " + path_ + ": " + std::generic_category().message(code)};
}

bool StoreDirectory::is_full() const {
  struct statvfs space {};

  return ::statvfs(path_.c_str(), &space) == 0 && space.f_bavail * space.f_frsize < (1U << 20U);
}

Result<void> StoreDirectory::make_and_lock() {
  std::error_code ignored;
  std::filesystem::create_directories(path_, ignored);
  ::chmod(path_.c_str(), 0700);
  lock_ = ::open((path_ + "/LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return failed(errno, "open LOCK");
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> owner{};
    const auto size = ::pread(lock_, owner.data(), owner.size() - 1, 0);
    return Error{Code::store_locked,
                 "store in " + path_ + " is in use by process " +
                     std::string(owner.data(), size > 0 ? static_cast<std::size_t>(size) : 0),
                 "stop that process, or give another --state directory"};
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, pid.data(), pid.size(), 0) < 0)
    return failed(errno, "write LOCK");
  return {};
}

bool StoreDirectory::try_lock() {
  lock_ = ::open((path_ + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) == 0) return true;
  if (lock_ >= 0) ::close(std::exchange(lock_, -1));
  return false;
}

Result<StorePresence> StoreDirectory::find_store() const {
  std::error_code ignored;
  const bool exists = std::filesystem::exists(store_file(), ignored) &&
                      std::filesystem::file_size(store_file(), ignored) != 0;
  std::ifstream file(path_ + "/FORMAT");
  if (!file) return exists ? StorePresence::unmarked : StorePresence::none;
  std::string format;
  std::getline(file, format);
  if (format != std::to_string(format_major)) {
    return Error{Code::plan_incompatible,
                 "the store in " + path_ + " has format '" + format +
                     "', this program reads and writes " + std::to_string(format_major),
                 "run the eventflux that wrote it, or give another --state directory"};
  }
  if (!exists) return damaged("store.mdb is missing or empty");
  return StorePresence::marked;
}

/// The mark is whole or not there, and survives a power cut as the store does.
Result<void> StoreDirectory::mark() {
  const std::string made = path_ + "/FORMAT.new";
  const int file = ::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed(errno, "write FORMAT");
  const std::string text = std::to_string(format_major) + "\n";
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int code = errno;
  ::close(file);
  if (!written) return failed(code, "write FORMAT");
  if (::rename(made.c_str(), (path_ + "/FORMAT").c_str()) != 0)
    return failed(errno, "write FORMAT");
  const int directory = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && ::fsync(directory) == 0;
  const int sync_code = errno;
  if (directory >= 0) ::close(directory);
  if (!synced) return failed(sync_code, "write FORMAT");
  return {};
}

}  // namespace eventflux::runtime
