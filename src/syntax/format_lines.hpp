#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "syntax/ast.hpp"
#include "syntax/parser.hpp"

namespace eventflux::syntax {

/// One line of formatted text; `offset` is where its first word stood, which places comments.
struct Line {
  std::size_t indent = 0;
  std::string text;
  std::uint32_t offset = 0;
  bool opens_statement = false;
};

/// Cuts statements into lines. A list stays on one line when it fits and holds no comment.
class LineWriter {
 public:
  static constexpr std::size_t width_max = 100;

  explicit LineWriter(const std::vector<Comment>& comments) : comments_(comments) {}

  void statement(const Statement& statement, std::size_t indent);

  std::vector<Line> take() { return std::move(lines_); }

 private:
  struct Item {
    std::string text;
    Span span;
  };

  // format_statement.cpp
  void annotation(const Annotation& annotation);
  void options(const std::vector<Option>& options);
  void elements(const std::string& head, std::uint32_t offset, const TableElements& elements);
  void body(const CreateStream& node);
  void body(const CreateSource& node);
  void body(const CreateResource& node);
  void body(const CreateTable& node);
  void body(const CreateWindow& node);
  void body(const CreateTrigger& node);
  void body(const CreateAggregation& node);
  void body(const CreateView& node);
  void body(const CreateFunction& node);
  void body(const QueryStatement& node);
  void body(const InsertValues& node);
  void body(const Update& node);
  void body(const Delete& node);
  void body(const Upsert& node);
  void body(const Partition& node);
  void body(const Explain& node);
  void body(const Show& node);
  void body(const Describe& node);
  void body(const Drop& node);

  void body(const AppDeclaration&) {}

  // format_query.cpp
  void query(const Query& query);
  void select(const SelectQuery& query);
  void select_tail(const SelectQuery& query);
  void relation(const std::string& head, const Relation& relation, const std::string& tail);

  void line(std::string text, Span at);
  void list(const std::string& head, Span at, const std::vector<Item>& items,
            const std::string& tail);
  bool has_comment(std::uint32_t begin, std::uint32_t end) const;

  const std::vector<Comment>& comments_;
  std::vector<Line> lines_;
  std::size_t indent_ = 0;
  Span start_{};
};

/// Writes a relation, a join or a window on one line.
std::string to_text(const Relation& relation);
std::string to_text(const Window& window);
std::string to_text(const SelectItem& item);
std::string to_text(const InsertTarget& target);
std::string to_text(const std::vector<Name>& names);

}  // namespace eventflux::syntax
