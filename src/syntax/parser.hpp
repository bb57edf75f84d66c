#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/ast.hpp"
#include "syntax/diagnostic.hpp"

namespace eventflux::syntax {

/// A comment with its marks. `own_line`: nothing stands before it on its line; `gap_after`: an
/// empty line follows.
struct Comment {
  std::string text;
  Span span;
  bool own_line = false;
  bool gap_after = false;
};

/// All that a text says, and all that is wrong with it.
/// Shape: the statements that parsed, in order; diagnostics in order, one per wrong statement and
/// at most `diagnostics_max`, the others counted in `left_out`.
struct ParseResult {
  static constexpr std::size_t diagnostics_max = 20;

  std::vector<Statement> statements;
  std::vector<Diagnostic> diagnostics;
  std::size_t left_out = 0;
  std::size_t retried = 0;  ///< statements that fast prediction (SLL) could not read
  std::vector<Comment> comments;
  std::vector<std::string> broken_names;  ///< What statements define or fill that did not parse.

  bool ok() const { return diagnostics.empty(); }
};

/// Brackets, CASE and NOT nest at most this deep, so that no text can overflow the stack.
inline constexpr std::size_t nesting_max = 256;
/// Operators in one operand of AND and OR without brackets; each adds a level to the tree.
inline constexpr std::size_t operators_max = 1024;

/// Parses EFQL. Fails: never; see ParseResult.
ParseResult parse(std::string_view text);

/// Tells whether the text ends a statement: after its last word comes `;`, outside of any block.
bool is_complete(std::string_view text);

/// Tells whether a name has to be written in double quotes.
bool needs_quotes(std::string_view name);

/// Returns every keyword in upper case, those that can never be names first.
std::vector<std::string> keywords();

}  // namespace eventflux::syntax
