#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/context.hpp"

#include "syntax/diagnostic.hpp"

namespace eventflux::cli {

/// Standard output holds data, standard error talk; nothing else prints.
void print_data(std::string_view text);
void print_error(std::string_view text);
bool output_is_terminal();
bool errors_are_terminal();
/// Returns whether a reader of standard output has gone.
bool output_closed();

/// The console connector's way out. Thread: any.
class StandardOutput final : public Output {
 public:
  void write(const void* writer, std::string_view text) override;
  bool wrote_last(const void* writer) const override;

  bool terminal() const override { return output_is_terminal(); }

 private:
  mutable std::mutex mutex_;
  const void* last_ = nullptr;  // guarded by mutex_
};

/// Reads a file whole. Fails: EF0806.
Result<std::string> read_file(const std::string& path);

/// Prints an error without a place in a text, and returns its exit status.
int report(const Error& error);
/// Prints diagnostics of a file, for people or one JSON object per line.
void report(const std::vector<syntax::Diagnostic>& diagnostics, const std::string& file,
            const std::string& text, bool json);

}  // namespace eventflux::cli
