#include "syntax/format.hpp"

#include <utility>

#include "syntax/format_lines.hpp"

// Lines come from the tree and comments from the text; they meet by their offsets. A comment with a
// line of its own goes before the line whose first word followed it, any other one ends the line
// before. Both then stand where the next run finds them again, so formatting twice changes nothing.
namespace eventflux::syntax {

namespace {

class Page {
 public:
  explicit Page(const std::vector<Comment>& comments) : comments_(comments) {}

  void add(const Line& line) {
    flush(line.offset, line.indent, line.opens_statement);
    if (line.opens_statement) separate();
    text_ += std::string(line.indent, ' ') + line.text + '\n';
    comment_block_ = false;
  }

  std::string finish() {
    flush(static_cast<std::uint32_t>(-1), 0, true);
    return std::move(text_);
  }

 private:
  // An empty line stands before each statement and before the comments that belong to it.
  void separate() {
    if (!text_.empty() && !comment_block_ && !text_.ends_with("\n\n") &&
        !text_.ends_with("BEGIN\n"))
      text_ += '\n';
  }

  void flush(std::uint32_t offset, std::size_t indent, bool between_statements) {
    for (; next_ < comments_.size() && comments_[next_].span.begin < offset; ++next_) {
      const Comment& comment = comments_[next_];
      if (!comment.own_line && !text_.empty() && !comment_block_) {
        text_.insert(text_.size() - 1, "  " + comment.text);
        continue;
      }
      if (between_statements) separate();
      text_ += std::string(indent, ' ') + comment.text + '\n';
      comment_block_ = between_statements;
      if (between_statements && comment.gap_after && next_ + 1 < comments_.size() + 1) {
        text_ += '\n';
        comment_block_ = false;
      }
    }
  }

  const std::vector<Comment>& comments_;
  std::size_t next_ = 0;
  bool comment_block_ = false;  // the last line is a comment that belongs to what follows
  std::string text_;
};

}  // namespace

std::string format(const ParseResult& parsed) {
  LineWriter writer(parsed.comments);
  for (const Statement& statement : parsed.statements)
    writer.statement(statement, 0);
  Page page(parsed.comments);
  for (const Line& line : writer.take())
    page.add(line);
  std::string text = page.finish();
  while (text.ends_with("\n\n"))
    text.pop_back();
  return text;
}

Result<std::string> format_text(std::string_view text) {
  const ParseResult parsed = parse(text);
  if (!parsed.ok()) return to_error(parsed.diagnostics.front());
  return format(parsed);
}

}  // namespace eventflux::syntax
