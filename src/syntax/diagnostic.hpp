#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventflux/error.hpp"

#include "syntax/source_text.hpp"

namespace eventflux::syntax {

enum class Severity : std::uint8_t { error, warning };

/// Replaces the bytes of `span` by `text`.
struct Edit {
  Span span;
  std::string text;
};

/// A change that removes the cause; `title` is what an editor shows, for example "replace with
/// price".
struct Fix {
  std::string title;
  std::vector<Edit> edits;
};

/// What is wrong with a program, where, and what to do.
/// Shape: `label` stands beside the carets; `help` is something to type, `notes` are facts; all
/// lower case without a full stop, each may be empty.
struct Diagnostic {
  Code code;
  Severity severity = Severity::error;
  std::string message;
  Span span{};
  std::string label{};
  std::vector<std::string> help{};
  std::vector<std::string> notes{};
  std::vector<Fix> fixes{};
};

/// Turns an error of a layer that knows no source text into a diagnostic.
Diagnostic to_diagnostic(const Error& error);
/// Turns a diagnostic into an error; label and notes are dropped, help lines are joined by "; ".
Error to_error(const Diagnostic& diagnostic);

enum class Colour : std::uint8_t { off, on };

/// Renders the form for people: message, place, line and carets, help.
/// Shape: lines that end in '\n'; without a line when the span is empty.
std::string render_text(const Diagnostic& diagnostic, const SourceText& source,
                        Colour colour = Colour::off);

/// Renders one JSON object on one line without its end; ranges count from 0 in UTF-16 units.
std::string render_json(const Diagnostic& diagnostic, const SourceText& source);

}  // namespace eventflux::syntax
