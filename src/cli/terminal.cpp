#include "cli/terminal.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <system_error>
#include <unistd.h>

#include <sys/ioctl.h>

#include "base/text.hpp"
#include "cli/exit_code.hpp"

namespace eventflux::cli {
namespace {

/// What the process has on its terminal.
struct Screen {
  std::mutex data_mutex;  // taken first
  std::mutex mutex;
  bool status_shown = false;         // guarded by mutex
  std::atomic<int> output_error{0};  // errno of the first write that failed
};

Screen& screen() {
  static Screen one;
  return one;
}

constexpr std::string_view erase_line = "\r\x1b[K";

/// Returns 0, or the errno of what failed.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// The caller holds the mutex.
void erase_status(Screen& on) {
  if (on.status_shown) write_all(STDERR_FILENO, erase_line);
  on.status_shown = false;
}

bool wants_colour() {
  // The environment is read at start, before any thread could change it.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* none = std::getenv("NO_COLOR");
  return errors_are_terminal() && none == nullptr;
}

}  // namespace

void print_data(std::string_view text) {
  Screen& on = screen();
  const std::lock_guard data_lock(on.data_mutex);
  if (on.output_error != 0 || text.empty()) return;
  // Data that does not go to the terminal leaves the status line alone, and a reader that is slow
  // does not hold up the log.
  std::unique_lock lock(on.mutex, std::defer_lock);
  if (output_is_terminal()) {
    lock.lock();
    erase_status(on);
  }
  on.output_error = write_all(STDOUT_FILENO, text);
}

void print_error(std::string_view text) {
  Screen& on = screen();
  const std::lock_guard lock(on.mutex);
  erase_status(on);
  write_all(STDERR_FILENO, text);
}

void show_status(std::string_view line) {
  Screen& on = screen();
  const std::lock_guard lock(on.mutex);
  erase_status(on);
  if (line.empty()) return;
  write_all(STDERR_FILENO, line);
  on.status_shown = true;
}

bool status_is_shown() {
  Screen& on = screen();
  const std::lock_guard lock(on.mutex);
  return on.status_shown;
}

bool output_is_terminal() {
  static const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  return terminal;
}

bool errors_are_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

std::size_t output_columns() {
  struct winsize size {};

  return output_is_terminal() && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool output_closed() {
  return screen().output_error != 0;
}

Result<void> output_failure() {
  const int reason = screen().output_error;
  if (reason == 0 || reason == EPIPE) return {};
  return Error{Code::file_failed,
               "cannot write standard output: " + std::generic_category().message(reason)};
}

void StandardOutput::write(const void* writer, std::string_view text) {
  const std::lock_guard lock(mutex_);
  last_ = writer;
  print_data(text);
}

bool StandardOutput::wrote_last(const void* writer) const {
  const std::lock_guard lock(mutex_);
  return last_ == writer;
}

Result<std::string> read_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, ignored))
    return Error{Code::unknown_target, "cannot read '" + path + "'", "check the path"};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int report(const Error& error) {
  print_error("error[" + code_text(error.code) + "]: " + error.message + "\n");
  if (!error.help.empty()) print_error("  = help: " + error.help + "\n");
  return exit_code(error);
}

int report_usage(const Error& error) {
  report(error);
  return exit_usage;
}

void report(const std::vector<Diagnostic>& diagnostics, bool json) {
  for (const Diagnostic& diagnostic : diagnostics) {
    if (json) {
      print_data(diagnostic.json + "\n");
    } else {
      print_error(diagnostic.text + "\n");
    }
  }
}

ProgramOptions program_options(const std::string& file) {
  return {.file = file, .colour = wants_colour()};
}

}  // namespace eventflux::cli
