#pragma once

#include <EventFluxLexer.h>
#include <EventFluxParser.h>
#include <antlr4-runtime.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/ast.hpp"
#include "syntax/diagnostic.hpp"

// What the files of this layer share about ANTLR; no other header includes it.
namespace eventflux::syntax {

using Grammar = parser::EventFluxParser;
using Tree = antlr4::ParserRuleContext;

/// Characters with a-z read as A-Z by the lexer, while texts keep their case.
class FoldedStream final : public antlr4::ANTLRInputStream {
 public:
  explicit FoldedStream(std::u32string characters);
  std::size_t LA(ssize_t offset) override;
};

/// A text cut into tokens. Shape: tokens end with one of type EOF; text must be valid UTF-8.
/// Owns: everything but the text.
class TokenText {
 public:
  explicit TokenText(std::string_view text);

  antlr4::CommonTokenStream& stream() { return stream_; }

  const std::vector<antlr4::Token*>& tokens() const { return tokens_; }

  std::string_view text(const antlr4::Token* token) const;
  Place place(const antlr4::Token* token) const;
  Place place(const Tree* tree) const;
  Place place(const antlr4::Token* first, const antlr4::Token* last) const;

  std::string_view whole() const { return text_; }

 private:
  std::uint32_t byte_of(std::size_t character) const;

  std::string_view text_;
  std::vector<std::uint32_t> bytes_;  // of each character; empty when every character is one byte
  FoldedStream characters_;
  parser::EventFluxLexer lexer_;
  antlr4::CommonTokenStream stream_;
  std::vector<antlr4::Token*> tokens_;
};

/// Indices of the first token of a statement and of its `;` or the end of the text.
struct StatementRange {
  std::size_t first = 0;
  std::size_t last = 0;
  bool app = false;  ///< `@app(…)` without a statement behind it
};

/// Cuts tokens at `;`, except inside PARTITION … END; `@app(…)` is a statement of its own.
std::vector<StatementRange> split_statements(const TokenText& text);

/// Finds what the grammar cannot say: broken tokens and nesting beyond the limits.
std::optional<Diagnostic> check_tokens(const TokenText& text, StatementRange range);

/// Says why the tokens of a range are not what a rule reads.
Diagnostic explain_failure(const TokenText& text, StatementRange range, std::size_t rule,
                           const Grammar& grammar);

/// Turns the parse tree of one statement into AST, one function per rule.
/// Fails: failure() is the first thing that the grammar accepts and the language does not; what was
/// built is not usable then.
class Builder {
 public:
  explicit Builder(const TokenText& text) : text_(text) {}

  Statement statement(Grammar::StatementContext* tree);
  Statement app_statement(Grammar::AppStatementContext* tree);

  const std::optional<Diagnostic>& failure() const { return failure_; }

 private:
  // build_statement.cpp
  Statement annotated(const std::vector<Grammar::AnnotationContext*>& annotations,
                      Grammar::StatementBodyContext* body);
  Statement::Body body(Grammar::StatementBodyContext* tree);
  Statement::Body create(Grammar::CreateBodyContext* tree);
  CreateStream create_stream(Grammar::CreateStreamContext* tree);
  CreateResource create_resource(Grammar::CreateResourceContext* tree);
  CheckpointClause checkpoint(Grammar::CheckpointClauseContext* tree);
  CreateWindow create_window(Grammar::CreateWindowContext* tree);
  CreateTrigger create_trigger(Grammar::CreateTriggerContext* tree);
  CreateAggregation create_aggregation(Grammar::CreateAggregationContext* tree);
  CreateFunction create_function(Grammar::CreateFunctionContext* tree);
  TableElements elements(Grammar::TableElementsContext* tree);
  WatermarkDefinition watermark_definition(Grammar::WatermarkElementContext* tree);
  void element(Grammar::TableElementContext* tree, TableElements& elements);
  ColumnDefinition column(Grammar::ColumnElementContext* tree);
  Statement::Body insert(Grammar::InsertStatementContext* tree);
  QueryStatement query_statement(Grammar::QueryStatementContext* tree);
  InsertTarget target(Grammar::EventSelectionContext* events, Grammar::StreamNameContext* stream,
                      Grammar::NameListContext* columns);
  EventKind event_kind(Grammar::EventKindContext* tree);
  Update update(Grammar::UpdateStatementContext* tree);
  Partition partition(Grammar::PartitionStatementContext* tree);
  PartitionKey partition_key(Grammar::PartitionKeyContext* tree);
  Name object_kind(Grammar::ObjectKindContext* tree) const;
  Statement::Body explain(Grammar::ExplainStatementContext* tree);

  // build_annotation.cpp
  Annotation annotation(Grammar::AnnotationContext* tree);
  Option option(Grammar::OptionKeyContext* key, Grammar::OptionValueContext* value);
  OptionValue option_value(Grammar::OptionValueContext* tree);
  std::vector<Option> options(Grammar::WithOptionsContext* tree);

  // build_query.cpp
  Query query(Grammar::QueryContext* tree);
  SelectQuery select(Grammar::SelectQueryContext* tree);
  void select_tail(Grammar::SelectQueryContext* tree, SelectQuery& query);
  SelectItem item(Grammar::SelectItemContext* tree);
  OrderItem order_item(Grammar::OrderItemContext* tree);
  OutputRate output(Grammar::OutputClauseContext* tree);
  Join join(Grammar::JoinClauseContext* tree);
  Relation relation(Grammar::RelationContext* tree);
  StreamRelation stream_relation(Grammar::StreamRelationContext* tree);
  PatternRelation pattern_relation(Grammar::PatternRelationContext* tree);
  Window window(Grammar::WindowClauseContext* tree);
  WindowCall window_call(Grammar::WindowCallContext* tree);
  AggregationRange aggregation_range(Grammar::AggregationRangeContext* tree);

  // build_pattern.cpp
  Pattern pattern(Grammar::PatternContext* tree, bool sequence);
  PatternElement any_of(Grammar::PatternOrContext* tree, bool sequence);
  PatternElement all_of(Grammar::PatternAndContext* tree, bool sequence);
  PatternElement pattern_element(Grammar::PatternElementContext* tree, bool sequence);
  StreamElement stream_element(Grammar::StreamElementContext* tree);
  Repetition repetition(Grammar::RepetitionContext* tree);

  // build_expression.cpp
  Expression expression(Grammar::ExpressionContext* tree);
  template <class Node>
  Expression chain(Grammar::ExpressionContext* tree);
  Expression predicate(Grammar::PredicateContext* tree);
  Expression in_predicate(Grammar::InPredicateContext* tree);
  Expression like_predicate(Grammar::LikePredicateContext* tree);
  Expression value(Grammar::ValueContext* tree);
  Expression sign(Grammar::SignValueContext* tree);
  Expression access(Grammar::AccessContext* tree);
  Expression member(Grammar::MemberAccessContext* tree);
  Expression json_key(Grammar::JsonKeyContext* tree);
  Expression primary(Grammar::PrimaryContext* tree);
  Expression case_of(Grammar::CasePrimaryContext* tree);
  Expression call(Grammar::FunctionCallContext* tree);

  // build_literal.cpp
  Expression literal(Grammar::LiteralContext* tree, bool negative);
  Expression number(antlr4::Token* token, bool negative);
  OctetsLiteral octets_literal(antlr4::tree::TerminalNode* node);
  DurationLiteral duration(Grammar::DurationContext* tree);
  PathLiteral path(Grammar::JsonPathContext* tree);
  std::uint64_t count(antlr4::Token* token);
  std::string unquoted(const antlr4::Token* token) const;
  TypeName type(Grammar::DataTypeContext* tree);
  Name name(Grammar::IdentifierContext* tree) const;
  StreamName stream_name(Grammar::StreamNameContext* tree) const;
  std::vector<Name> names(Grammar::NameListContext* tree) const;
  std::vector<Expression> expressions(const std::vector<Grammar::ExpressionContext*>& trees);

  Place place(const Tree* tree) const { return text_.place(tree); }

  Place place(antlr4::tree::TerminalNode* node) const { return text_.place(node->getSymbol()); }

  std::optional<Place> flag(antlr4::tree::TerminalNode* node) const;
  void fail(Code code, std::string message, Place span, std::string help = {});

  const TokenText& text_;
  bool paths_allowed_ = false;
  std::optional<Diagnostic> failure_;
};

/// Returns the unit of a word such as `ms`, `MIN` or `Seconds`. Fails: SECOND for another word,
/// which the lexer excludes.
TimeUnit time_unit(std::string_view word);

/// Returns ASCII upper case.
std::string upper(std::string_view word);

}  // namespace eventflux::syntax
