#include "engine/core.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "lower/lower_expression.hpp"
#include "semantic/bind_offer.hpp"

namespace eventflux::engine {
namespace {

using runtime::ErrorPolicy;

Schema dead_letter_schema() {
  return {{{"originalEvent", Type::string},
           {"errorMessage", Type::string},
           {"errorType", Type::string},
           {"timestamp", Type::int64},
           {"attemptCount", Type::int32},
           {"streamName", Type::string}}};
}

std::vector<Value> dead_letter_row(const runtime::DeadLetter& letter) {
  return {letter.payload_length != 0 ? letter.payload : letter.row,
          letter.reason,
          std::string(code_name(letter.code)),
          letter.time.us / 1000,
          std::int64_t{letter.attempts},
          letter.resource.empty() ? letter.source : letter.resource};
}

model::ErrorOptions options_of(semantic::RowErrorAction action) {
  model::ErrorOptions options;
  switch (action) {
    case semantic::RowErrorAction::drop:
      options.strategy = model::ErrorStrategy::drop;
      options.log_level = LogLevel::debug;
      break;
    case semantic::RowErrorAction::log:
      options.strategy = model::ErrorStrategy::drop;
      break;
    case semantic::RowErrorAction::dlq:
      options.strategy = model::ErrorStrategy::dlq;
      break;
    case semantic::RowErrorAction::fail:
      options.strategy = model::ErrorStrategy::fail;
      break;
    case semantic::RowErrorAction::automatic:
      break;
  }
  return options;
}

/// Returns whether WHEN is true of the rows of an offer, whose facts are the same for all of them.
Result<bool> takes(const semantic::Resource& resource, const RowOffer& offer) {
  if (resource.when == nullptr) return true;
  Schema schema;
  std::vector<Value> facts;
  for (const FieldSpec& field : resource.when_fields) {
    schema.fields.push_back({field.name, field.type});
    const Value* fact = semantic::find_fact(offer, field.path);
    facts.push_back(fact == nullptr ? Value() : *fact);
  }
  BatchBuilder row(schema);
  EF_CHECK(row.append(facts, {}));
  EF_TRY(const auto when, lower::lower_expression(*resource.when, {}));
  runtime::HoldsMemory memory;
  std::vector<bool> result;
  runtime::holds(*when, row, memory, result);
  return bool{result.front()};
}

}  // namespace

Result<std::unique_ptr<Core>> Core::make(plan::Plan plan, Host host) {
  std::unique_ptr<Core> core(new Core(std::move(plan), std::move(host)));
  EF_CHECK(core->build());
  return core;
}

// The one place that reads them with their variables; all others get what is typed.
Result<void> Core::read_options() {
  for (const semantic::Source& source : plan_.app.sources) {
    EF_TRY(const ParamValues shared,
           model::resolve_variables(source.shared_params, host_.variables));
    EF_TRY(model::SourceOptions options, model::parse_source_options(*source.entry, shared));
    source_options_.push_back(std::move(options));
  }
  for (const semantic::Sink& sink : plan_.app.sinks) {
    EF_TRY(const ParamValues shared, model::resolve_variables(sink.shared_params, host_.variables));
    EF_TRY(model::SinkOptions options, model::parse_sink_options(*sink.entry, shared));
    sink_options_.push_back(std::move(options));
  }
  return {};
}

bool Core::may_stop_before_rows() const {
  const auto fails = [&](const model::ErrorOptions& options) {
    return runtime::resolve_action(options, host_.durable) == runtime::Action::fail;
  };
  const auto ends = [&](const model::SourceOptions& options) {
    return fails(options) || options.unmatched == model::UnmatchedPolicy::fail;
  };
  const auto query_ends = [](const semantic::Query& query) {
    return query.on_error == semantic::RowErrorAction::fail;
  };
  return std::any_of(source_options_.begin(), source_options_.end(), ends) ||
         std::any_of(sink_options_.begin(), sink_options_.end(), fails) ||
         std::any_of(plan_.app.queries.begin(), plan_.app.queries.end(), query_ends);
}

Result<void> Core::build() {
  EF_CHECK(read_options());
  stops_before_rows_ = may_stop_before_rows();
  lower::LowerOptions options;
  options.seed = host_.seed;
  options.sources = source_options_;
  options.query_errors = [this](const semantic::Query& query) { return query_policy(query); };
  options.stream_errors = [this](std::size_t stream) { return stream_policy(stream); };
  EF_TRY(app_, lower::lower_app(plan_, options));
  for (const auto& node : app_.graph->nodes())
    node->durable = host_.durable;
  for (runtime::Node* stream : app_.streams) {
    taps_.push_back(std::make_unique<TapNode>(*app_.graph, failure_));
    stream->connect(*taps_.back(), 0);
  }
  sink_policies_.resize(plan_.app.sinks.size());
  return {};
}

runtime::RejectedRows* Core::query_policy(const semantic::Query& query) {
  const runtime::PolicyContext context{letters_, failure_, host_.log, host_.clock, host_.durable};
  policies_.push_back(std::make_unique<ErrorPolicy>(query.name, stream(query.input).schema,
                                                    options_of(query.on_error), context));
  return policies_.back().get();
}

// At the entry of a stream the policy of the source that fills it decides.
Result<runtime::RejectedRows*> Core::stream_policy(std::size_t index) {
  model::ErrorOptions options;
  for (std::size_t s = 0; s < plan_.app.sources.size(); ++s) {
    for (const semantic::Resource& resource : plan_.app.sources[s].resources)
      if (resource.stream == index) options = source_options_[s];
  }
  EF_TRY(auto policy, make_policy(stream(index).name, stream(index).schema, options, failure_));
  policies_.push_back(std::move(policy));
  return policies_.back().get();
}

Result<std::unique_ptr<ErrorPolicy>> Core::make_policy(const std::string& name,
                                                       const Schema& schema,
                                                       const model::ErrorOptions& options,
                                                       runtime::Failure& failure) {
  if (options.wants_dead_letters() && !host_.durable && options.dlq_stream.empty()) {
    return Error{Code::dead_letters_unwired,
                 name + ": dead letters have no place to go without a state directory",
                 "run with --state DIR, or set error.dlq.stream"};
  }
  const runtime::PolicyContext context{letters_, failure, host_.log, host_.clock, host_.durable};
  auto policy = std::make_unique<ErrorPolicy>(name, schema, options, context);
  if (options.dlq_stream.empty()) return policy;
  const auto stream = find_stream(options.dlq_stream);
  if (!stream.ok()) {
    return Error{
        Code::dead_letters_unwired,
        name + ": there is no stream '" + options.dlq_stream + "' for dead letters",
        "CREATE STREAM " + options.dlq_stream + " (" + to_text(dead_letter_schema()) + ")"};
  }
  const Schema wanted = dead_letter_schema();
  const Schema& found = plan_.app.streams[*stream].schema;
  const bool same = found.size() == wanted.size() &&
                    std::equal(found.fields.begin(), found.fields.end(), wanted.fields.begin(),
                               [](const Field& a, const Field& b) {
                                 return a.name == b.name && a.type == b.type;
                               });
  if (!same) {
    return Error{
        Code::dead_letter_columns,
        "stream '" + options.dlq_stream + "' cannot take dead letters: it has " + to_text(found),
        "declare it as (" + to_text(wanted) + ")"};
  }
  policy->to_stream = [this, index = *stream](const runtime::DeadLetter& letter) {
    const std::lock_guard lock(stream_letters_mutex_);
    stream_letters_.push_back({index, letter});
    has_stream_letters_.store(true, std::memory_order_release);
  };
  return policy;
}

Result<std::size_t> Core::find_stream(std::string_view name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan_.app.streams.size(); ++i) {
    if (plan_.app.streams[i].name == name) return i;
    names.push_back(plan_.app.streams[i].name);
  }
  const auto near = base::nearest(name, names);
  return Error{Code::unknown_target, "there is no stream '" + std::string(name) + "'",
               near ? "did you mean '" + *near + "'?" : "streams: " + base::join(names, ", ")};
}

void Core::push_rows(runtime::Node& entry, const BatchBuilder& rows, std::uint32_t first,
                     std::uint32_t count) {
  while (count != 0) {
    const std::uint32_t slice = first / batch_rows_max * batch_rows_max;
    const std::uint32_t held = std::min(rows.rows() - slice, batch_rows_max);
    const std::uint32_t part = stops_before_rows_ ? 1 : std::min(count, slice + held - first);
    const Batch view = rows.view(slice, held, columns_);
    graph().push(entry, view, first - slice, part);
    if (stops_before_rows_ && failure_.is_ending()) return;
    first += part;
    count -= part;
  }
  push_dead_letter_rows();
}

void Core::replay(runtime::Intake& intake) {
  const bool source = intake.source < app_.resources.size();
  for (std::size_t part = 0; part < intake.parts.size(); ++part) {
    intake.parts[part].entry =
        source ? static_cast<runtime::Node*>(app_.resources[intake.source][part])
               : app_.streams[intake.source - app_.resources.size()];
  }
  process(intake);
}

void Core::process(const runtime::Intake& intake) {
  for (const runtime::Intake::Run& run : intake.runs) {
    push_rows(*intake.parts[run.part].entry, intake.parts[run.part].rows, run.first, run.count);
    if (failure_.is_ending()) return;
  }
  if (intake.failure) return failure_.stop_before(*intake.failure);
  if (intake.source < plan_.app.sources.size()) {
    for (const Cursor& cursor : intake.cursors)
      note_position(plan_.app.sources[intake.source].name, cursor);
  }
  push_dead_letter_rows();
}

void Core::note_position(const std::string& source, const Cursor& cursor) {
  for (runtime::StoredCursor& stored : positions_) {
    if (stored.source != source || stored.cursor.partition != cursor.partition) continue;
    stored.cursor = cursor;
    return;
  }
  positions_.push_back({source, cursor});
}

void Core::push_dead_letter_rows() {
  if (!has_stream_letters_.load(std::memory_order_acquire)) return;
  std::vector<StreamLetter> letters;
  {
    const std::lock_guard lock(stream_letters_mutex_);
    letters.swap(stream_letters_);
    has_stream_letters_ = false;
  }
  for (const StreamLetter& letter : letters) {
    BatchBuilder row(plan_.app.streams[letter.stream].schema);
    // error.dlq.fallback-strategy='log': the durable record exists in every case.
    if (auto taken = row.append(dead_letter_row(letter.letter), host_.clock.now()); !taken.ok()) {
      host_.log.write(LogLevel::warn, code_text(taken.error().code) +
                                          " at=" + stream(letter.stream).name +
                                          " reason=" + base::quote_json(taken.error().message));
      continue;
    }
    std::vector<Column> columns;
    graph().push(entry(letter.stream), row.view(0, 1, columns), 0, 1);
  }
}

Result<runtime::SinkNode*> Core::add_sink(std::size_t index, runtime::OutputTarget& target) {
  const semantic::Sink& sink = plan_.app.sinks[index];
  const Schema& schema = plan_.app.streams[sink.stream].schema;
  const model::SinkOptions& options = sink_options_[index];
  EF_TRY(auto policy, make_policy(sink.name, schema, options, failure_));
  sink_policies_[index] = policy.get();
  policies_.push_back(std::move(policy));
  runtime::SinkNodeSpec spec;
  spec.schema = schema;
  if (sink.mapper.entry != nullptr) {
    EF_TRY(const ParamValues params, model::resolve_variables(sink.mapper.params, host_.variables));
    EF_TRY(spec.encoder, sink.mapper.entry->encoder(params, schema));
  }
  spec.batch_rows = options.batch_size ? static_cast<std::uint64_t>(*options.batch_size)
                                       : sink.entry->traits.batch_rows;
  spec.batch_bytes = options.batch_bytes.bytes;
  spec.batch_interval_us = options.batch_interval.count();
  auto& node = app_.graph->add<runtime::SinkNode>(std::move(spec), target, *sink_policies_[index],
                                                  *app_.graph);
  node.id = "sink:" + sink.name;
  node.label = "sink " + sink.name;
  app_.streams[sink.stream]->connect(node, 0);
  return &node;
}

Result<runtime::ResourceRoute> Core::make_route(const semantic::Source& source,
                                                const semantic::Resource& resource,
                                                runtime::Node& entry) {
  const semantic::Stream& stream = plan_.app.streams[resource.stream];
  runtime::ResourceRoute route;
  route.name = stream.name;
  route.entry = &entry;
  route.schema = stream.schema;
  if (stream.checkpoint && stream.checkpoint->monotonic)
    route.order_column = stream.checkpoint->cursor;
  if (resource.rows) {
    EF_TRY(const bool taken, takes(resource, source.entry->traits.offers[resource.rows->offer]));
    if (taken) route.wanted = resource.rows;
  }
  if (source.mapper.entry == nullptr) return route;
  EF_TRY(const ParamValues params, model::resolve_variables(source.mapper.params, host_.variables));
  EF_TRY(route.decoder, source.mapper.entry->decoder(params, resource.decoder));
  if (resource.when == nullptr) return route;
  for (const FieldSpec& field : resource.when_fields)
    route.when_schema.fields.push_back({field.name, field.type});
  // Mapper parameters are about the columns of the stream; a condition reads paths only.
  EF_TRY(route.when_decoder, source.mapper.entry->decoder({}, {resource.when_fields, {}}));
  EF_TRY(route.when, lower::lower_expression(*resource.when, {}));
  return route;
}

Result<std::unique_ptr<runtime::SourceNode>> Core::make_source(std::size_t index,
                                                               runtime::IntakeTarget& target) {
  const semantic::Source& source = plan_.app.sources[index];
  const model::SourceOptions& options = source_options_[index];
  runtime::Failure& failure = *source_failures_.emplace_back(std::make_unique<runtime::Failure>());
  EF_TRY(auto policy, make_policy(source.name, {}, options, failure));
  ErrorPolicy& kept = *policy;
  policies_.push_back(std::move(policy));
  runtime::SourceNodeSpec spec;
  spec.source = static_cast<std::uint32_t>(index);
  spec.name = source.name;
  spec.options = options;
  for (std::size_t r = 0; r < source.resources.size(); ++r) {
    EF_TRY(auto route, make_route(source, source.resources[r], *app_.resources[index][r]));
    spec.routes.push_back(std::move(route));
  }
  spec.resume = positions(source.name);
  spec.payload_by_payload = stops_before_rows_;
  return std::make_unique<runtime::SourceNode>(std::move(spec), target, kept, host_.clock, failure);
}

std::vector<Cursor> Core::positions(std::string_view source) const {
  std::vector<Cursor> found;
  for (const runtime::StoredCursor& stored : positions_)
    if (stored.source == source) found.push_back(stored.cursor);
  return found;
}

runtime::Checkpoint Core::checkpoint(std::uint64_t epoch) {
  runtime::Checkpoint checkpoint;
  checkpoint.epoch = epoch;
  checkpoint.fingerprint = plan_.fingerprint;
  checkpoint.states = app_.graph->snapshot();
  checkpoint.positions = positions_;
  for (std::size_t s = 0; s < app_.resources.size(); ++s) {
    for (std::size_t r = 0; r < app_.resources[s].size(); ++r) {
      auto text = app_.resources[s][r]->cursor_text();
      if (!text) continue;
      checkpoint.cursors.push_back(
          {plan_.app.streams[plan_.app.sources[s].resources[r].stream].name,
           app_.resources[s][r]->cursor_name(), *std::move(text)});
    }
  }
  return checkpoint;
}

Result<void> Core::restore(const runtime::Checkpoint& checkpoint) {
  if (checkpoint.fingerprint != plan_.fingerprint) {
    return Error{Code::plan_incompatible, "the stored state belongs to another query",
                 "run the query that wrote it, or start with another --state directory"};
  }
  EF_CHECK(app_.graph->restore(checkpoint.states));
  positions_ = checkpoint.positions;
  return {};
}

}  // namespace eventflux::engine
