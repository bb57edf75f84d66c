#include "runtime/state/store_verifier.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include "runtime/state/page_check.hpp"
#include "runtime/state/store_contents.hpp"

namespace eventflux::runtime {
namespace {

// The first character of what the child reports; the rest is the text of the error.
enum Verdict : char { is_unused = 'u', is_used = 'k', is_damaged = 'd', cannot_read = 'f' };

Result<StoreCondition> check_contents(const StoreDirectory& directory, std::uint64_t file_size) {
  LmdbEnvironment::Options options{
      .bytes_max = file_size, .read_only = true, .lockless = true, .create = true};
  {
    // A crash in the very first commit leaves pages that no transaction refers to.
    EF_TRY(const auto first_look, LmdbEnvironment::open(directory, options));
    if (!first_look->has_committed()) return StoreCondition::unused;
  }
  options.create = false;
  EF_TRY(const auto environment, LmdbEnvironment::open(directory, options));
  EF_TRY(auto txn, environment->read());
  EF_TRY(StoreContents contents, StoreContents::open(txn, directory));
  Checkpoint checkpoint;
  std::unordered_map<std::string, WrittenEntry> written;
  EF_CHECK(contents.read_states(checkpoint));
  EF_CHECK(contents.read_cursors(checkpoint, written));
  EF_CHECK(contents.read_dead_letters(
      [](std::string_view, const DeadLetter&) -> Result<void> { return {}; }));
  EF_CHECK(contents.read_gaps([](const StoredGap&) {}));
  return contents.manifest().epoch == 0 ? StoreCondition::unused : StoreCondition::used;
}

std::string report_of(const StoreDirectory& directory, std::uint64_t file_size) {
  const auto pages = check_pages(directory.store_file());
  if (!pages.ok()) return std::string(1, cannot_read) + pages.error().message;
  if (!pages->empty()) return std::string(1, is_damaged) + *pages;
  const auto contents = check_contents(directory, file_size);
  if (contents.ok()) return {*contents == StoreCondition::unused ? is_unused : is_used};
  const bool damaged = contents.error().code == Code::store_damaged;
  return std::string(1, damaged ? is_damaged : cannot_read) + contents.error().message;
}

/// What a crash of the child says is told by the parent: no core file, no handler of the host; and
/// a walk that never ends is ended by the system.
void limit_child(std::uint64_t file_size) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU})
    std::signal(signal, SIG_DFL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const rlim_t seconds = 10 + file_size / (20U << 20U);
  const rlimit processor{seconds, seconds};
  ::setrlimit(RLIMIT_CPU, &processor);
}

std::string read_all(int pipe) {
  std::string all;
  std::array<char, 4096> part{};
  for (;;) {
    const auto size = ::read(pipe, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return all;
    all.append(part.data(), static_cast<std::size_t>(size));
  }
}

void write_all(int pipe, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(pipe, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

Result<std::string> run_child(const StoreDirectory& directory, std::uint64_t file_size) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return directory.failed(errno, "verify the store");
  // No other thread of the host exists in the child, which uses nothing of theirs.
  const pid_t child = ::fork();
  if (child < 0) {
    const int code = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return directory.failed(code, "verify the store");
  }
  if (child == 0) {
    ::close(ends[0]);
    limit_child(file_size);
    write_all(ends[1], report_of(directory, file_size));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string report = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (report.empty()) report = std::string(1, is_damaged) + "it cannot be read to its end";
  return report;
}

}  // namespace

Result<StoreCondition> verify_store(const StoreDirectory& directory) {
  std::error_code failed;
  const auto file_size = std::filesystem::file_size(directory.store_file(), failed);
  if (failed) return directory.failed(failed.value(), "read store.mdb");
  EF_TRY(const std::string report, run_child(directory, file_size));
  const std::string text = report.substr(1);
  switch (report.front()) {
    case is_unused:
      return StoreCondition::unused;
    case is_used:
      return StoreCondition::used;
    case cannot_read:
      return Error{Code::store_failed, text};
    default: {
      // An error of the child's own names the directory already.
      const std::string prefix = directory.damaged("").message;
      return directory.damaged(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
    }
  }
}

}  // namespace eventflux::runtime
