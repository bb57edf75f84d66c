#include "syntax/diagnostic.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace eventflux::syntax {

namespace {

constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view yellow = "\x1b[1;33m";
constexpr std::string_view blue = "\x1b[34m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view plain = "\x1b[0m";

// Puts text between colour codes, or leaves it alone.
class Painter {
 public:
  explicit Painter(Colour colour) : on_(colour == Colour::on) {}

  std::string operator()(std::string_view code, std::string_view text) const {
    if (!on_ || text.empty()) return std::string(text);
    return std::string(code).append(text).append(plain);
  }

 private:
  bool on_;
};

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t count = 0; count < times; ++count)
    text += piece;
  return text;
}

// A tab is shown as one blank, so that carets stand below their words.
std::string shown_line(std::string_view line) {
  std::string text(line);
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

void render_place(std::string& out, const Diagnostic& diagnostic, const SourceText& source,
                  const Painter& paint) {
  const LineColumn at = source.place(diagnostic.span.begin);
  const std::string number = std::to_string(at.line);
  const std::size_t gutter = std::max<std::size_t>(2, number.size());
  const std::string margin(gutter, ' ');
  const std::string line = shown_line(source.line(at.line));
  const std::uint32_t left = characters(line) + 1 - std::min(at.column, characters(line) + 1);
  const std::uint32_t width =
      std::clamp<std::uint32_t>(characters(source.words(diagnostic.span)), 1, std::max(left, 1U));
  const std::string_view mark = diagnostic.severity == Severity::error ? red : yellow;
  out += margin + paint(blue, "┌─") + ' ' + source.location(diagnostic.span.begin) + '\n';
  out += paint(blue, number + std::string(gutter - number.size(), ' ') + "│") + ' ' + line + '\n';
  std::string carets = repeated("^", width);
  if (!diagnostic.label.empty()) carets += ' ' + diagnostic.label;
  out += margin + paint(blue, "│") + std::string(at.column, ' ') + paint(mark, carets) + '\n';
}

std::string range_json(Span span, const SourceText& source) {
  const LineColumn begin = source.place_utf16(span.begin);
  const LineColumn end = source.place_utf16(std::max(span.begin, span.end));
  const auto place = [](LineColumn at) {
    return "{\"line\":" + std::to_string(at.line - 1) +
           ",\"character\":" + std::to_string(at.column - 1) + '}';
  };
  return "{\"start\":" + place(begin) + ",\"end\":" + place(end) + '}';
}

template <class Items, class Print>
std::string list_json(const Items& items, Print print) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += print(item);
  }
  return out + ']';
}

std::string fix_json(const Fix& fix, const SourceText& source) {
  const auto edit_json = [&source](const Edit& edit) {
    return "{\"range\":" + range_json(edit.span, source) +
           ",\"newText\":" + base::quote_json(edit.text) + '}';
  };
  return "{\"title\":" + base::quote_json(fix.title) +
         ",\"edits\":" + list_json(fix.edits, edit_json) + '}';
}

std::string_view severity_text(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

}  // namespace

Diagnostic to_diagnostic(const Error& error) {
  Diagnostic diagnostic{.code = error.code, .message = error.message, .span = error.span};
  if (!error.help.empty()) diagnostic.help.push_back(error.help);
  return diagnostic;
}

Error to_error(const Diagnostic& diagnostic) {
  std::string help;
  for (const std::string& line : diagnostic.help)
    help += (help.empty() ? "" : "; ") + line;
  return {diagnostic.code, diagnostic.message, help, diagnostic.span};
}

std::string render_text(const Diagnostic& diagnostic, const SourceText& source, Colour colour) {
  const Painter paint(colour);
  const std::string_view mark = diagnostic.severity == Severity::error ? red : yellow;
  const std::string kind =
      std::string(severity_text(diagnostic.severity)) + '[' + code_text(diagnostic.code) + ']';
  std::string out = paint(mark, kind) + paint(bold, ": " + diagnostic.message) + '\n';
  if (!diagnostic.span.empty()) render_place(out, diagnostic, source, paint);
  for (const std::string& line : diagnostic.help)
    out += "  = help: " + line + '\n';
  for (const std::string& line : diagnostic.notes)
    out += "  = " + line + '\n';
  return out;
}

std::string render_json(const Diagnostic& diagnostic, const SourceText& source) {
  std::vector<std::string> help = diagnostic.help;
  help.insert(help.end(), diagnostic.notes.begin(), diagnostic.notes.end());
  std::string out = "{\"code\":" + base::quote_json(code_text(diagnostic.code));
  out += ",\"severity\":" + base::quote_json(severity_text(diagnostic.severity));
  out += ",\"file\":" + base::quote_json(source.name());
  out += ",\"range\":" + range_json(diagnostic.span, source);
  out += ",\"message\":" + base::quote_json(diagnostic.message);
  out += ",\"help\":" + list_json(help, base::quote_json);
  out += ",\"fixes\":" +
         list_json(diagnostic.fixes, [&source](const Fix& fix) { return fix_json(fix, source); });
  return out + '}';
}

}  // namespace eventflux::syntax
