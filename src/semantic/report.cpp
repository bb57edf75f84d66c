#include "semantic/report.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace eventflux::semantic {

Error Report::fail(Diagnostic diagnostic) {
  last_ = std::move(diagnostic);
  return syntax::to_error(*last_);
}

Error Report::fail(Code code, std::string message, Span span, std::string help) {
  Diagnostic diagnostic{.code = code, .message = std::move(message), .span = span};
  if (!help.empty()) diagnostic.help.push_back(std::move(help));
  return fail(std::move(diagnostic));
}

Error Report::unsupported(std::string_view what, Span span) {
  return fail(Code::not_supported_yet, std::string(what) + " is not supported yet", span);
}

Error Report::unknown(Diagnostic diagnostic, std::string_view word,
                      const std::vector<std::string>& candidates) {
  if (const auto near = base::closest_match(word, candidates)) {
    diagnostic.help.insert(diagnostic.help.begin(), "did you mean '" + *near + "'?");
    diagnostic.fixes.push_back({"replace with " + *near, {{diagnostic.span, *near}}});
  }
  return fail(std::move(diagnostic));
}

Error Report::amend(std::string_view text) {
  last_->message += text;
  return syntax::to_error(*last_);
}

void Report::add(const Error& error) {
  failed_ = true;
  const bool known = last_ && last_->code == error.code && last_->message == error.message;
  diagnostics_.push_back(known ? *last_ : syntax::to_diagnostic(error));
  diagnostics_.back().span = error.span;
}

void Report::warn(Code code, std::string message, Span span, std::string help) {
  Diagnostic diagnostic{.code = code,
                        .severity = syntax::Severity::warning,
                        .message = std::move(message),
                        .span = span};
  if (!help.empty()) diagnostic.help.push_back(std::move(help));
  diagnostics_.push_back(std::move(diagnostic));
}

// In the order of the text; the binder works in the order of names.
std::vector<Diagnostic> Report::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& left, const Diagnostic& right) {
                     return left.span.begin < right.span.begin;
                   });
  return std::move(diagnostics_);
}

}  // namespace eventflux::semantic
