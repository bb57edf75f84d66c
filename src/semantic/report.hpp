#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/diagnostic.hpp"

namespace eventflux::semantic {

using syntax::Diagnostic;

/// Collects what binding finds. An Error cannot carry labels and notes, so the last one that was
/// made here is remembered until it is added.
class Report {
 public:
  /// Returns the error of a diagnostic, for use with Result.
  Error fail(Diagnostic diagnostic);
  Error fail(Code code, std::string message, Span span, std::string help = {});
  /// "`what` is not supported yet".
  Error unsupported(std::string_view what, Span span);
  /// Like fail(), with "did you mean" when a candidate is near.
  Error unknown(Diagnostic diagnostic, std::string_view word,
                const std::vector<std::string>& candidates);

  /// Appends to the message of the last error; returns it.
  Error amend(std::string_view text);

  /// Adds an error that reached the statement it belongs to.
  void add(const Error& error);
  void warn(Code code, std::string message, Span span, std::string help = {});

  bool failed() const { return failed_; }

  std::vector<Diagnostic> take();

 private:
  std::vector<Diagnostic> diagnostics_;
  std::optional<Diagnostic> last_;
  bool failed_ = false;
};

}  // namespace eventflux::semantic
