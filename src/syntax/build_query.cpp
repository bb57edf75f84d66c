#include <utility>

#include "syntax/build.hpp"

namespace eventflux::syntax {

namespace {

JoinKind join_kind(Grammar::JoinKindContext* tree) {
  if (tree == nullptr || tree->INNER_() != nullptr) return JoinKind::inner;
  if (tree->LEFT_() != nullptr) return JoinKind::left;
  if (tree->RIGHT_() != nullptr) return JoinKind::right;
  return tree->FULL_() != nullptr ? JoinKind::full : JoinKind::cross;
}

std::optional<Direction> direction(antlr4::tree::TerminalNode* ascending,
                                   antlr4::tree::TerminalNode* descending) {
  if (ascending != nullptr) return Direction::ascending;
  if (descending != nullptr) return Direction::descending;
  return std::nullopt;
}

}  // namespace

Query Builder::query(Grammar::QueryContext* tree) {
  Query built{.named = {}, .selects = {}, .span = place(tree)};
  if (tree->withQueries() != nullptr) {
    for (Grammar::NamedQueryContext* named : tree->withQueries()->namedQuery())
      built.named.push_back({name(named->identifier()), query(named->query()), place(named)});
  }
  for (Grammar::SelectQueryContext* part : tree->selectQuery())
    built.selects.push_back(select(part));
  return built;
}

SelectQuery Builder::select(Grammar::SelectQueryContext* tree) {
  Grammar::FromClauseContext* from = tree->fromClause();
  SelectQuery built{.distinct = flag(tree->DISTINCT_()),
                    .items = {},
                    .from = relation(from->relation()),
                    .span = place(tree)};
  for (Grammar::SelectItemContext* part : tree->selectItem())
    built.items.push_back(item(part));
  for (Grammar::JoinClauseContext* part : from->joinClause())
    built.joins.push_back(join(part));
  if (tree->whereClause() != nullptr) built.where = expression(tree->whereClause()->expression());
  if (tree->groupClause() != nullptr)
    built.group_by = expressions(tree->groupClause()->expression());
  if (tree->havingClause() != nullptr)
    built.having = expression(tree->havingClause()->expression());
  select_tail(tree, built);
  return built;
}

void Builder::select_tail(Grammar::SelectQueryContext* tree, SelectQuery& query) {
  if (tree->orderClause() != nullptr) {
    for (Grammar::OrderItemContext* part : tree->orderClause()->orderItem())
      query.order_by.push_back(order_item(part));
  }
  if (auto* limit = tree->limitClause())
    query.limit = Limit{count(limit->INTEGER()->getSymbol()), flag(limit->TIES_()), place(limit)};
  if (auto* offset = tree->offsetClause())
    query.offset = Offset{count(offset->INTEGER()->getSymbol()), place(offset)};
  if (tree->emitClause() != nullptr) query.emit_final = place(tree->emitClause());
  if (tree->outputClause() != nullptr) query.output = output(tree->outputClause());
}

SelectItem Builder::item(Grammar::SelectItemContext* tree) {
  if (dynamic_cast<Grammar::AllColumnsContext*>(tree) != nullptr)
    return {AllColumns{}, place(tree)};
  if (auto* all = dynamic_cast<Grammar::RelationColumnsContext*>(tree))
    return {AllColumns{stream_name(all->streamName())}, place(tree)};
  auto* plain = &dynamic_cast<Grammar::SelectExpressionContext&>(*tree);
  SelectExpression built{.value = expression(plain->expression())};
  if (plain->identifier() != nullptr) built.alias = name(plain->identifier());
  return {std::move(built), place(tree)};
}

OrderItem Builder::order_item(Grammar::OrderItemContext* tree) {
  OrderItem built{.value = expression(tree->expression()),
                  .direction = direction(tree->ASC_(), tree->DESC_()),
                  .span = place(tree)};
  if (tree->NULLS_() != nullptr)
    built.nulls = tree->FIRST_() != nullptr ? NullOrder::first : NullOrder::last;
  return built;
}

OutputRate Builder::output(Grammar::OutputClauseContext* tree) {
  OutputRate built{.span = place(tree)};
  if (tree->FIRST_() != nullptr) built.kind = OutputKind::first;
  if (tree->LAST_() != nullptr) built.kind = OutputKind::last;
  if (tree->SNAPSHOT_() != nullptr) built.kind = OutputKind::snapshot;
  if (tree->duration() != nullptr) {
    built.duration = duration(tree->duration());
  } else {
    built.rows = count(tree->INTEGER()->getSymbol());
  }
  return built;
}

Join Builder::join(Grammar::JoinClauseContext* tree) {
  Join built{.kind = join_kind(tree->joinKind()),
             .relation = relation(tree->relation()),
             .columns = names(tree->nameList()),
             .span = place(tree)};
  if (tree->expression() != nullptr) built.condition = expression(tree->expression());
  if (tree->aggregationRange() != nullptr)
    built.range = aggregation_range(tree->aggregationRange());
  return built;
}

Relation Builder::relation(Grammar::RelationContext* tree) {
  if (auto* stream = dynamic_cast<Grammar::StreamRelationContext*>(tree))
    return {stream_relation(stream), place(tree)};
  if (auto* matched = dynamic_cast<Grammar::PatternRelationContext*>(tree))
    return {pattern_relation(matched), place(tree)};
  auto* nested = &dynamic_cast<Grammar::QueryRelationContext&>(*tree);
  QueryRelation built{.query = query(nested->query()),
                      .alias = name(nested->identifier()),
                      .unidirectional = flag(nested->UNIDIRECTIONAL_())};
  if (nested->windowClause() != nullptr) built.window = window(nested->windowClause());
  return {std::move(built), place(tree)};
}

StreamRelation Builder::stream_relation(Grammar::StreamRelationContext* tree) {
  StreamRelation built{.name = stream_name(tree->streamName()),
                       .unidirectional = flag(tree->UNIDIRECTIONAL_())};
  if (tree->identifier() != nullptr) built.alias = name(tree->identifier());
  if (tree->streamFilter() != nullptr)
    built.filter = expression(tree->streamFilter()->expression());
  if (tree->windowClause() != nullptr) built.window = window(tree->windowClause());
  if (tree->aggregationRange() != nullptr)
    built.range = aggregation_range(tree->aggregationRange());
  return built;
}

PatternRelation Builder::pattern_relation(Grammar::PatternRelationContext* tree) {
  const bool sequence = tree->SEQUENCE_() != nullptr;
  PatternRelation built{.sequence = sequence,
                        .pattern = pattern(tree->pattern(), sequence),
                        .partition_by = expressions(tree->expression())};
  if (auto* within = tree->withinClause()) {
    built.within = Within{.span = place(within)};
    if (within->duration() != nullptr) {
      built.within->duration = duration(within->duration());
    } else {
      built.within->rows = count(within->INTEGER()->getSymbol());
    }
  }
  return built;
}

Window Builder::window(Grammar::WindowClauseContext* tree) {
  return {window_call(tree->windowCall()), expressions(tree->expression()), place(tree)};
}

WindowCall Builder::window_call(Grammar::WindowCallContext* tree) {
  WindowCall built{.name = {{}, {}}, .span = place(tree)};
  if (tree->identifier() != nullptr) {
    built.name = name(tree->identifier());
  } else {
    built.name = {unquoted(tree->STRING()->getSymbol()), place(tree->STRING())};
  }
  for (Grammar::WindowArgumentContext* argument : tree->windowArgument()) {
    built.arguments.push_back(
        {expression(argument->expression()), direction(argument->ASC_(), argument->DESC_())});
  }
  return built;
}

AggregationRange Builder::aggregation_range(Grammar::AggregationRangeContext* tree) {
  std::vector<Expression> parts = expressions(tree->expression());
  AggregationRange built{.from = parts.front(), .granularity = parts.back(), .span = place(tree)};
  if (parts.size() == 3) built.to = parts[1];
  return built;
}

}  // namespace eventflux::syntax
