#include <utility>

#include "syntax/build.hpp"

namespace eventflux::syntax {

Statement Builder::statement(Grammar::StatementContext* tree) {
  return annotated(tree->annotation(), tree->statementBody());
}

Statement Builder::app_statement(Grammar::AppStatementContext* tree) {
  Annotation app = annotation(tree->annotation());
  const Place span = app.span;
  return {
      .annotations = {std::move(app)}, .body = AppDeclaration{}, .span = span, .body_span = span};
}

Statement Builder::annotated(const std::vector<Grammar::AnnotationContext*>& annotations,
                             Grammar::StatementBodyContext* body_tree) {
  Statement built{
      .body = AppDeclaration{}, .span = place(body_tree), .body_span = place(body_tree)};
  for (Grammar::AnnotationContext* tree : annotations)
    built.annotations.push_back(annotation(tree));
  if (!annotations.empty()) built.span.begin = built.annotations.front().span.begin;
  built.body = body(body_tree);
  return built;
}

Statement::Body Builder::body(Grammar::StatementBodyContext* tree) {
  if (auto* created = tree->createBody()) return create(created);
  if (auto* inserted = tree->insertStatement()) return insert(inserted);
  if (auto* queried = tree->queryStatement()) return query_statement(queried);
  if (auto* updated = tree->updateStatement()) return update(updated);
  if (auto* deleted = tree->deleteStatement()) {
    Delete built{.table = name(deleted->identifier())};
    if (deleted->relation() != nullptr) built.from = relation(deleted->relation());
    if (deleted->expression() != nullptr) built.where = expression(deleted->expression());
    return built;
  }
  if (auto* merged = tree->upsertStatement()) {
    return Upsert{name(merged->identifier()), names(merged->nameList()), query(merged->query()),
                  expression(merged->expression())};
  }
  if (auto* divided = tree->partitionStatement()) return partition(divided);
  if (auto* explained = tree->explainStatement()) return explain(explained);
  if (auto* shown = tree->showStatement()) return Show{object_kind(shown->objectKind())};
  if (auto* described = tree->describeStatement())
    return Describe{stream_name(described->streamName())};
  Grammar::DropStatementContext* dropped = tree->dropStatement();
  return Drop{object_kind(dropped->objectKind()), stream_name(dropped->streamName())};
}

// Kinds are words of the language, so their case carries nothing.
Name Builder::object_kind(Grammar::ObjectKindContext* tree) const {
  return {upper(tree->getText()), place(tree)};
}

Statement::Body Builder::create(Grammar::CreateBodyContext* tree) {
  if (auto* stream = tree->createStream()) return create_stream(stream);
  if (auto* source = tree->createSource())
    return CreateSource{name(source->identifier()), options(source->withOptions())};
  if (auto* resource = tree->createResource()) return create_resource(resource);
  if (auto* table = tree->createTable()) {
    return CreateTable{name(table->identifier()), elements(table->tableElements()),
                       options(table->withOptions())};
  }
  if (auto* window_tree = tree->createWindow()) return create_window(window_tree);
  if (auto* trigger = tree->createTrigger()) return create_trigger(trigger);
  if (auto* aggregation = tree->createAggregation()) return create_aggregation(aggregation);
  if (auto* view = tree->createView())
    return CreateView{name(view->identifier()), query(view->query())};
  return create_function(tree->createFunction());
}

CreateStream Builder::create_stream(Grammar::CreateStreamContext* tree) {
  CreateStream built{.name = stream_name(tree->streamName()),
                     .options = options(tree->withOptions())};
  if (tree->tableElements() != nullptr) built.elements = elements(tree->tableElements());
  return built;
}

CreateResource Builder::create_resource(Grammar::CreateResourceContext* tree) {
  CreateResource built{.name = name(tree->identifier(0)),
                       .source = name(tree->identifier(1)),
                       .elements = elements(tree->tableElements())};
  if (tree->expression() != nullptr) {
    paths_allowed_ = true;
    built.when = expression(tree->expression());
    paths_allowed_ = false;
  }
  if (tree->jsonPath() != nullptr) built.each = path(tree->jsonPath());
  if (tree->checkpointClause() != nullptr) built.checkpoint = checkpoint(tree->checkpointClause());
  return built;
}

CheckpointClause Builder::checkpoint(Grammar::CheckpointClauseContext* tree) {
  return {.columns = names(tree->nameList(0)),
          .per = names(tree->nameList(1)),
          .monotonic = tree->MONOTONIC_() != nullptr,
          .span = place(tree)};
}

CreateWindow Builder::create_window(Grammar::CreateWindowContext* tree) {
  CreateWindow built{.name = name(tree->identifier()),
                     .elements = elements(tree->tableElements()),
                     .window = window_call(tree->windowCall())};
  if (tree->eventKind() != nullptr) built.output = event_kind(tree->eventKind());
  return built;
}

CreateTrigger Builder::create_trigger(Grammar::CreateTriggerContext* tree) {
  CreateTrigger built{.name = name(tree->identifier())};
  Grammar::TriggerTimeContext* time = tree->triggerTime();
  if (time->duration() != nullptr) built.every = duration(time->duration());
  if (time->STRING() != nullptr) built.cron = unquoted(time->STRING()->getSymbol());
  return built;
}

CreateAggregation Builder::create_aggregation(Grammar::CreateAggregationContext* tree) {
  CreateAggregation built{.name = name(tree->identifier()), .query = query(tree->query())};
  if (tree->expression() != nullptr) built.by = expression(tree->expression());
  for (antlr4::tree::TerminalNode* unit : tree->UNIT())
    built.units.push_back(time_unit(text_.text(unit->getSymbol())));
  built.range = !tree->ELLIPSIS().empty();
  return built;
}

CreateFunction Builder::create_function(Grammar::CreateFunctionContext* tree) {
  CreateFunction built{.name = name(tree->identifier()),
                       .result = type(tree->dataType()),
                       .body = expression(tree->expression())};
  for (Grammar::FunctionParameterContext* parameter : tree->functionParameter())
    built.parameters.push_back({name(parameter->identifier()), type(parameter->dataType())});
  return built;
}

TableElements Builder::elements(Grammar::TableElementsContext* tree) {
  TableElements built{.span = place(tree)};
  for (Grammar::TableElementContext* part : tree->tableElement())
    element(part, built);
  return built;
}

WatermarkDefinition Builder::watermark_definition(Grammar::WatermarkElementContext* tree) {
  WatermarkDefinition built{.column = name(tree->identifier()),
                            .value = expression(tree->expression()),
                            .span = place(tree)};
  if (auto* ahead = tree->maxAhead(); ahead != nullptr) {
    built.max_ahead = MaxAhead{.duration = duration(ahead->duration()), .span = place(ahead)};
    if (ahead->identifier() != nullptr) built.max_ahead->action = name(ahead->identifier());
  }
  return built;
}

void Builder::element(Grammar::TableElementContext* tree, TableElements& elements) {
  if (auto* plain = dynamic_cast<Grammar::ColumnElementContext*>(tree)) {
    elements.columns.push_back(column(plain));
  } else if (auto* watermark = dynamic_cast<Grammar::WatermarkElementContext*>(tree)) {
    if (elements.watermark)
      fail(Code::duplicate_name, "a second WATERMARK; a stream has at most one", place(tree));
    elements.watermark = watermark_definition(watermark);
  } else if (auto* key = dynamic_cast<Grammar::PrimaryKeyElementContext*>(tree)) {
    if (elements.primary_key)
      fail(Code::duplicate_name, "a second PRIMARY KEY; a table has at most one", place(tree));
    elements.primary_key = NameList{names(key->nameList()), place(tree)};
  } else if (auto* index = dynamic_cast<Grammar::IndexElementContext*>(tree)) {
    elements.indexes.push_back({names(index->nameList()), place(tree)});
  }
}

ColumnDefinition Builder::column(Grammar::ColumnElementContext* tree) {
  ColumnDefinition built{
      .name = name(tree->identifier()), .type = type(tree->dataType()), .span = place(tree)};
  for (Grammar::ColumnOptionContext* option_tree : tree->columnOption()) {
    const bool repeated =
        (built.path && dynamic_cast<Grammar::PathOptionContext*>(option_tree) != nullptr) ||
        (built.default_value &&
         dynamic_cast<Grammar::DefaultOptionContext*>(option_tree) != nullptr) ||
        (built.not_null && dynamic_cast<Grammar::NotNullOptionContext*>(option_tree) != nullptr);
    if (repeated)
      fail(Code::unexpected_word, "written twice for the same column", place(option_tree));
    if (auto* source = dynamic_cast<Grammar::PathOptionContext*>(option_tree)) {
      built.path = path(source->jsonPath());
    } else if (auto* value_tree = dynamic_cast<Grammar::DefaultOptionContext*>(option_tree)) {
      built.default_value = expression(value_tree->expression());
    } else {
      built.not_null = place(option_tree);
    }
  }
  return built;
}

Statement::Body Builder::insert(Grammar::InsertStatementContext* tree) {
  InsertTarget into = target(tree->eventSelection(), tree->streamName(), tree->nameList());
  into.span = text_.place(tree->INSERT_()->getSymbol(), tree->streamName()->stop);
  if (tree->query() != nullptr) return QueryStatement{query(tree->query()), std::move(into)};
  InsertValues built{.into = std::move(into), .rows = {}};
  for (Grammar::ValueRowContext* row : tree->valueRows()->valueRow())
    built.rows.push_back(expressions(row->expression()));
  return built;
}

QueryStatement Builder::query_statement(Grammar::QueryStatementContext* tree) {
  QueryStatement built{.query = query(tree->query())};
  if (tree->streamName() == nullptr) return built;
  built.into = target(tree->eventSelection(), tree->streamName(), tree->nameList());
  built.into->span = text_.place(tree->INSERT_()->getSymbol(), tree->streamName()->stop);
  return built;
}

InsertTarget Builder::target(Grammar::EventSelectionContext* events,
                             Grammar::StreamNameContext* stream,
                             Grammar::NameListContext* columns) {
  InsertTarget built{.stream = stream_name(stream), .columns = names(columns)};
  if (events == nullptr) return built;
  built.events_span = place(events);
  if (events->eventKind() != nullptr) built.events = event_kind(events->eventKind());
  return built;
}

EventKind Builder::event_kind(Grammar::EventKindContext* tree) {
  if (tree->EXPIRED_() != nullptr) return EventKind::expired;
  return tree->ALL_() != nullptr ? EventKind::all : EventKind::current;
}

Update Builder::update(Grammar::UpdateStatementContext* tree) {
  Update built{.table = name(tree->identifier()), .assignments = {}};
  for (Grammar::AssignmentContext* part : tree->assignment()) {
    const auto words = part->identifier();
    if (words.size() == 2 && name(words.front()).text != built.table.text) {
      fail(Code::unexpected_word, "SET writes columns of '" + built.table.text + "' only",
           place(words.front()));
    }
    built.assignments.push_back({name(words.back()), expression(part->expression())});
  }
  if (tree->relation() != nullptr) built.from = relation(tree->relation());
  if (tree->expression() != nullptr) built.where = expression(tree->expression());
  return built;
}

Partition Builder::partition(Grammar::PartitionStatementContext* tree) {
  Partition built{.keys = {}, .statements = {}};
  for (Grammar::PartitionKeyContext* key : tree->partitionKey())
    built.keys.push_back(partition_key(key));
  for (Grammar::InnerStatementContext* inner : tree->innerStatement())
    built.statements.push_back(annotated(inner->annotation(), inner->statementBody()));
  return built;
}

PartitionKey Builder::partition_key(Grammar::PartitionKeyContext* tree) {
  if (auto* plain = dynamic_cast<Grammar::ValuePartitionContext*>(tree))
    return {expression(plain->expression()), stream_name(plain->streamName()), place(tree)};
  auto* ranged = &dynamic_cast<Grammar::RangePartitionContext&>(*tree);
  std::vector<PartitionRange> ranges;
  for (Grammar::PartitionRangeContext* range : ranged->partitionRange())
    ranges.push_back({expression(range->expression()), unquoted(range->STRING()->getSymbol())});
  return {std::move(ranges), stream_name(ranged->streamName()), place(tree)};
}

Statement::Body Builder::explain(Grammar::ExplainStatementContext* tree) {
  if (tree->queryStatement() != nullptr) return Explain{query_statement(tree->queryStatement())};
  Statement::Body inserted = insert(tree->insertStatement());
  if (auto* queried = std::get_if<QueryStatement>(&inserted)) return Explain{std::move(*queried)};
  fail(Code::unexpected_word, "EXPLAIN needs a query", place(tree));
  return Explain{{.query = {.named = {}, .selects = {}}}};
}

}  // namespace eventflux::syntax
