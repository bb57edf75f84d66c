#include "cli/terminal.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/exit_code.hpp"

namespace eventflux::cli {
namespace {

std::atomic<bool>& closed_flag() {
  static std::atomic<bool> closed{false};
  return closed;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool wants_colour() {
  // The environment is read at start, before any thread could change it.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* none = std::getenv("NO_COLOR");
  return errors_are_terminal() && none == nullptr;
}

}  // namespace

void print_data(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text)) closed_flag() = true;
}

void print_error(std::string_view text) {
  write_all(STDERR_FILENO, text);
}

bool output_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool errors_are_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

bool output_closed() {
  return closed_flag();
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
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Code::unknown_target, "cannot read '" + path + "'", "check the path"};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int report(const Error& error) {
  print_error("error[" + code_text(error.code) + "]: " + error.message + "\n");
  if (!error.help.empty()) print_error("  = help: " + error.help + "\n");
  return exit_code(error);
}

void report(const std::vector<syntax::Diagnostic>& diagnostics, const std::string& file,
            const std::string& text, bool json) {
  const syntax::SourceText source(file, text);
  for (const syntax::Diagnostic& diagnostic : diagnostics) {
    if (json) {
      print_data(render_json(diagnostic, source) + "\n");
    } else {
      print_error(render_text(diagnostic, source,
                              wants_colour() ? syntax::Colour::on : syntax::Colour::off) +
                  "\n");
    }
  }
}

}  // namespace eventflux::cli
