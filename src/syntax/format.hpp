#pragma once

#include <string>
#include <string_view>

#include "eventflux/error.hpp"

#include "syntax/parser.hpp"

namespace eventflux::syntax {

/// Writes statements in their canonical form: keywords in upper case, one clause per line, an empty
/// line between statements, comments where they were.
/// Shape: formatting the result again returns it unchanged, and it parses to an equal tree.
std::string format(const ParseResult& parsed);

/// Parses and formats a text. Fails: the first syntax error.
Result<std::string> format_text(std::string_view text);

/// Writes one expression, query or pattern on one line.
std::string to_text(const Expression& expression);
std::string to_text(const Query& query);
std::string to_text(const Pattern& pattern);
std::string to_text(const WindowCall& window);
std::string to_text(const DurationLiteral& duration);
std::string to_text(const TypeName& type);
std::string to_text(const PathLiteral& path);
std::string to_text(const StreamName& name);

/// Writes a name, in double quotes where it needs them.
std::string quoted_name(std::string_view name);
/// Writes a string in single quotes.
std::string quoted_string(std::string_view text);

}  // namespace eventflux::syntax
