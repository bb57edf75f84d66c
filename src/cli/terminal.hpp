#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/context.hpp"
#include "eventflux/program.hpp"

namespace eventflux::cli {

/// Standard output holds data, standard error talk; nothing else prints. Both erase the status line
/// first. Thread: any; one call is written whole.
void print_data(std::string_view text);
void print_error(std::string_view text);

/// Shows one line on standard error, in the place of the last one, until anything else is printed.
/// Empty text removes it.
void show_status(std::string_view line);
/// Returns whether the status line is still there.
bool status_is_shown();

bool output_is_terminal();
bool errors_are_terminal();
/// Returns how many characters a line of the terminal behind standard output holds; 0: it is not
/// one.
std::size_t output_columns();

/// Returns whether nothing more can be written to standard output: its reader has gone, or
/// output_failure() says why.
bool output_closed();
/// Returns why writing to standard output failed; nothing when its reader has gone, which is how
/// `eventflux … | head` ends. Fails: EF0510.
Result<void> output_failure();

/// The console connector's way out. Thread: any.
class StandardOutput final : public Output {
 public:
  void write(const void* writer, std::string_view text) override;
  bool wrote_last(const void* writer) const override;

  bool terminal() const override { return output_is_terminal(); }

  std::size_t columns() const override { return output_columns(); }

 private:
  mutable std::mutex mutex_;
  const void* last_ = nullptr;  // guarded by mutex_
};

/// Reads a file whole. Fails: EF0806.
Result<std::string> read_file(const std::string& path);

/// Prints an error without a place in a text, and returns its exit status.
int report(const Error& error);
/// Prints an error of the command line, and returns exit status 2.
int report_usage(const Error& error);
/// Prints what was found in a program: for people on standard error, or as data one JSON object per
/// line.
void report(const std::vector<Diagnostic>& diagnostics, bool json);
/// Returns how a program is compiled whose diagnostics report() prints.
ProgramOptions program_options(const std::string& file);

}  // namespace eventflux::cli
