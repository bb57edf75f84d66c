#include "engine/dataflow.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "engine/compatibility.hpp"
#include "lower/lower_expression.hpp"
#include "semantic/bind_offer.hpp"

namespace eventflux::engine {
namespace {

using runtime::ErrorPolicy;

constexpr Duration orphan_ttl = std::chrono::hours(7 * 24);

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
Result<bool> takes(const semantic::Resource& resource, const SourceTable& table) {
  if (resource.when == nullptr) return true;
  Schema schema;
  std::vector<Value> facts;
  for (const FieldSpec& field : resource.when_fields) {
    schema.fields.push_back({field.name, field.type});
    const Value* fact = semantic::find_constant(table, field.path);
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

Result<std::unique_ptr<Dataflow>> Dataflow::make(plan::Plan plan, Host host) {
  std::unique_ptr<Dataflow> dataflow(new Dataflow(std::move(plan), std::move(host)));
  EF_CHECK(dataflow->build());
  return dataflow;
}

// The one place that reads them with their variables; all others get what is typed.
Result<void> Dataflow::read_options() {
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

bool Dataflow::any_policy_fails() const {
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

Result<void> Dataflow::build() {
  EF_CHECK(read_options());
  may_stop_at_row_ = any_policy_fails();
  lower::LowerOptions options;
  options.seed = host_.seed;
  options.sources = source_options_;
  options.is_bounded = [this](std::size_t source) { return is_bounded(source); };
  options.query_errors = [this](const semantic::Query& query) { return query_policy(query); };
  options.stream_errors = [this](std::size_t stream) { return stream_policy(stream); };
  EF_TRY(app_, lower::lower_app(plan_, options));
  for (const auto& op : app_.graph->operators())
    op->durable = host_.durable;
  for (runtime::Operator* stream : app_.streams) {
    subscribers_.push_back(std::make_unique<SubscriberOperator>(*app_.graph, failure_));
    stream->connect(*subscribers_.back(), 0);
  }
  sink_policies_.resize(plan_.app.sinks.size());
  for (std::size_t i = 0; i < plan_.app.sinks.size(); ++i)
    sink_letters_.push_back(std::make_unique<runtime::DeadLetterBuffer>());
  return {};
}

runtime::RowErrorPolicy* Dataflow::query_policy(const semantic::Query& query) {
  const runtime::PolicyContext context{letters_, failure_, host_.log, host_.clock, host_.durable};
  policies_.push_back(std::make_unique<ErrorPolicy>(query.name, stream(query.input).schema,
                                                    options_of(query.on_error), context));
  return policies_.back().get();
}

// At the entry of a stream the policy of the source that fills it decides.
Result<runtime::RowErrorPolicy*> Dataflow::stream_policy(std::size_t index) {
  model::ErrorOptions options;
  for (std::size_t s = 0; s < plan_.app.sources.size(); ++s) {
    for (const semantic::Resource& resource : plan_.app.sources[s].resources)
      if (resource.stream == index) options = source_options_[s];
  }
  EF_TRY(auto policy,
         make_policy(stream(index).name, stream(index).schema, options, failure_, letters_));
  policies_.push_back(std::move(policy));
  return policies_.back().get();
}

Result<std::unique_ptr<ErrorPolicy>> Dataflow::make_policy(const std::string& name,
                                                           const Schema& schema,
                                                           const model::ErrorOptions& options,
                                                           runtime::Failure& failure,
                                                           runtime::DeadLetterBuffer& letters) {
  if (options.wants_dead_letters() && !host_.durable && options.dlq_stream.empty()) {
    return Error{Code::dead_letters_unwired,
                 name + ": dead letters have no place to go without a state directory",
                 "run with --state DIR, or set error.dlq.stream"};
  }
  const runtime::PolicyContext context{letters, failure, host_.log, host_.clock, host_.durable};
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
  policy->to_stream = static_cast<std::int32_t>(*stream);
  return policy;
}

Result<std::size_t> Dataflow::find_stream(std::string_view name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan_.app.streams.size(); ++i) {
    if (plan_.app.streams[i].name == name) return i;
    names.push_back(plan_.app.streams[i].name);
  }
  const auto near = base::closest_match(name, names);
  return Error{Code::unknown_target, "there is no stream '" + std::string(name) + "'",
               near ? "did you mean '" + *near + "'?" : "streams: " + base::join(names, ", ")};
}

void Dataflow::push_rows(runtime::Operator& entry, const BatchBuilder& rows, std::uint32_t first,
                         std::uint32_t count, std::uint32_t partition) {
  while (count != 0) {
    const std::uint32_t slice = first / batch_rows_max * batch_rows_max;
    const std::uint32_t held = std::min(rows.rows() - slice, batch_rows_max);
    const std::uint32_t part = std::min(count, slice + held - first);
    Batch view = rows.view(slice, held, columns_);
    view.partition = partition;
    graph().push(entry, std::move(view), first - slice, part);
    if (may_stop_at_row_ && failure_.is_ending()) return;
    first += part;
    count -= part;
  }
  push_dead_letter_rows();
}

void Dataflow::process(runtime::SourceBatch& source_batch) {
  for (runtime::DeadLetter& letter : source_batch.dead_letters)
    letters_.add(std::move(letter));
  if (host_.durable)
    std::move(source_batch.gaps.begin(), source_batch.gaps.end(), std::back_inserter(gaps_));
  auto note = source_batch.partitions.begin();
  for (std::size_t r = 0; r <= source_batch.runs.size(); ++r) {
    for (; note != source_batch.partitions.end() && note->before_run == r; ++note)
      set_partition(source_batch.source, *note);
    if (r == source_batch.runs.size()) break;
    const runtime::SourceBatch::Range& run = source_batch.runs[r];
    push_rows(*source_batch.parts[run.part].entry, source_batch.parts[run.part].rows, run.first,
              run.count, run.partition);
    if (failure_.is_ending()) return;
  }
  if (source_batch.source < plan_.app.sources.size()) {
    for (const Cursor& cursor : source_batch.cursors)
      note_position(source_batch.source, cursor, source_batch.generation);
  }
  // Before the app stops: those that came so far belong to the epoch that is still committed.
  push_dead_letter_rows();
  if (!source_batch.failure || failure_.is_ending()) return;
  stopped_between_rows_ = true;
  failure_.fail_before_row(*source_batch.failure);
}

void Dataflow::set_partition(std::uint32_t source,
                             const runtime::SourceBatch::PartitionNote& note) {
  for (const semantic::Resource& resource : plan_.app.sources[source].resources)
    app_.streams[resource.stream]->set_partition(note.partition, note.state, note.name);
}

/// Returns whether a source reads what is there and ends, or makes rows by itself: their times owe
/// nothing to the clock.
bool Dataflow::is_bounded(std::size_t index) const {
  const semantic::Source& source = plan_.app.sources[index];
  if (!host_.live || source.entry->traits.rows) return true;
  return std::any_of(source.params.begin(), source.params.end(), [](const ParamValue& param) {
    return param.name == "when.done" && param.text == "end";
  });
}

void Dataflow::note_position(std::uint32_t index, const Cursor& cursor, std::uint64_t generation) {
  const semantic::Source& source = plan_.app.sources[index];
  const auto note = [&](std::vector<runtime::StoredCursor>& all) {
    for (runtime::StoredCursor& stored : all) {
      if (stored.source != source.name || stored.cursor.partition != cursor.partition) continue;
      stored.cursor = cursor;
      stored.generation = generation;
      return;
    }
    all.push_back({source.name, cursor, generation});
  };
  note(positions_);
  if (runtime::wants_acknowledgement(source.entry->traits)) note(acknowledgements_);
}

std::vector<runtime::DeadLetter> Dataflow::take_dead_letters() {
  push_dead_letter_rows();
  return std::exchange(epoch_letters_, {});
}

std::vector<runtime::DeadLetter> Dataflow::take_sink_letters(std::size_t sink,
                                                             std::uint64_t epoch) {
  std::vector<runtime::DeadLetter> letters = sink_letters_[sink]->take_until(epoch);
  const std::lock_guard lock(stream_letters_mutex_);
  for (const runtime::DeadLetter& letter : letters) {
    if (letter.to_stream < 0) continue;
    stream_letters_.push_back(letter);
    has_stream_letters_.store(true, std::memory_order_release);
  }
  return letters;
}

std::uint64_t Dataflow::dead_letters_total() const {
  std::uint64_t total = letters_.total();
  for (const auto& letters : sink_letters_)
    total += letters->total();
  return total;
}

// A row of a dead letter may fail in turn and leave another one, so that it goes on until none is
// left.
void Dataflow::push_dead_letter_rows() {
  while (has_dead_letter_rows() && !failure_.is_ending()) {
    std::vector<runtime::DeadLetter> of_sinks;
    if (has_stream_letters_.exchange(false, std::memory_order_acq_rel)) {
      const std::lock_guard lock(stream_letters_mutex_);
      of_sinks.swap(stream_letters_);
    }
    for (const runtime::DeadLetter& letter : of_sinks)
      push_to_stream(letter);
    for (runtime::DeadLetter& letter : letters_.take()) {
      push_to_stream(letter);
      if (host_.durable) epoch_letters_.push_back(std::move(letter));
    }
  }
}

void Dataflow::push_to_stream(const runtime::DeadLetter& letter) {
  if (letter.to_stream < 0) return;
  const auto index = static_cast<std::size_t>(letter.to_stream);
  BatchBuilder row(plan_.app.streams[index].schema);
  // error.dlq.fallback-strategy='log': the durable record exists in every case.
  if (auto taken = row.append(dead_letter_row(letter), host_.clock.now()); !taken.ok()) {
    host_.log.write(LogLevel::warn, code_text(taken.error().code) + " at=" + stream(index).name +
                                        " reason=" + base::quote_json(taken.error().message));
    return;
  }
  std::vector<Column> columns;
  graph().push(entry(index), row.view(0, 1, columns), 0, 1);
}

Result<runtime::SinkOperator*> Dataflow::add_sink(std::size_t index,
                                                  runtime::OutputTarget& target) {
  const semantic::Sink& sink = plan_.app.sinks[index];
  const Schema& schema = plan_.app.streams[sink.stream].schema;
  const model::SinkOptions& options = sink_options_[index];
  EF_TRY(auto encoding, make_policy(sink.name, schema, options, failure_, letters_));
  EF_TRY(auto writing, make_policy(sink.name, schema, options, failure_, *sink_letters_[index]));
  ErrorPolicy& encoder_policy = *encoding;
  sink_policies_[index] = writing.get();
  policies_.push_back(std::move(encoding));
  policies_.push_back(std::move(writing));
  runtime::SinkOperatorSpec spec;
  spec.schema = schema;
  if (sink.mapper.entry != nullptr) {
    EF_TRY(const ParamValues params, model::resolve_variables(sink.mapper.params, host_.variables));
    EF_TRY(spec.encoder, sink.mapper.entry->encoder(params, schema));
  }
  spec.batch_rows = options.batch_size ? static_cast<std::uint64_t>(*options.batch_size)
                                       : sink.entry->traits.batch_rows;
  spec.batch_bytes = options.batch_bytes.bytes;
  spec.batch_interval_us = options.batch_interval.count();
  auto& op =
      app_.graph->add<runtime::SinkOperator>(std::move(spec), target, encoder_policy, *app_.graph);
  op.id = "sink:" + sink.name;
  op.label = "sink " + sink.name;
  app_.streams[sink.stream]->connect(op, 0);
  return &op;
}

Result<runtime::ResourceRoute> Dataflow::make_route(const semantic::Source& source,
                                                    const semantic::Resource& resource,
                                                    runtime::Operator& entry) {
  const semantic::Stream& stream = plan_.app.streams[resource.stream];
  runtime::ResourceRoute route;
  route.name = stream.name;
  route.entry = &entry;
  route.schema = stream.schema;
  if (stream.checkpoint && stream.checkpoint->monotonic)
    route.order_column = stream.checkpoint->cursor;
  if (resource.rows) {
    EF_TRY(const bool taken, takes(resource, source.entry->traits.tables[resource.rows->table]));
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

Result<std::unique_ptr<runtime::SourceEmitter>> Dataflow::make_source(
    std::size_t index, runtime::InputConsumer& target, runtime::Acknowledger* acknowledger) {
  const semantic::Source& source = plan_.app.sources[index];
  const model::SourceOptions& options = source_options_[index];
  runtime::Failure& failure = *source_failures_.emplace_back(std::make_unique<runtime::Failure>());
  auto& letters = *source_letters_.emplace_back(std::make_unique<runtime::DeadLetterBuffer>());
  EF_TRY(auto policy, make_policy(source.name, {}, options, failure, letters));
  ErrorPolicy& kept = *policy;
  policies_.push_back(std::move(policy));
  runtime::SourceEmitterSpec spec;
  spec.source = static_cast<std::uint32_t>(index);
  spec.name = source.name;
  spec.options = options;
  for (std::size_t r = 0; r < source.resources.size(); ++r) {
    EF_TRY(auto route, make_route(source, source.resources[r], *app_.resources[index][r]));
    spec.routes.push_back(std::move(route));
  }
  spec.resume = positions(source.name);
  spec.acknowledger = acknowledger;
  return std::make_unique<runtime::SourceEmitter>(std::move(spec), target, kept, letters,
                                                  host_.clock, failure);
}

std::vector<Cursor> Dataflow::positions(std::string_view source) const {
  std::vector<Cursor> found;
  for (const runtime::StoredCursor& stored : positions_)
    if (stored.source == source) found.push_back(stored.cursor);
  return found;
}

runtime::Checkpoint Dataflow::checkpoint(std::uint64_t epoch) {
  if (!failure_.is_ending()) graph().assert_balance();
  runtime::Checkpoint checkpoint;
  checkpoint.epoch = epoch;
  checkpoint.plan = plan_parts(plan_);
  checkpoint.plan.insert(checkpoint.plan.end(), orphans_.begin(), orphans_.end());
  checkpoint.forgotten = std::exchange(forgotten_, {});
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

Result<void> Dataflow::restore(const runtime::Checkpoint& checkpoint) {
  EF_CHECK(check_compatible(plan_, checkpoint.plan));
  std::map<std::string, bool> wanted;  // false: kept for its owner to come back
  for (const auto& op : app_.graph->operators())
    if (op->has_state()) wanted[op->id] = true;
  const std::int64_t now = host_.clock.now().us;
  for (runtime::PlanPart part : checkpoint.plan) {
    if (wanted.contains(part.id)) continue;
    if (part.orphaned_us == 0) {
      part.orphaned_us = now;
      host_.log.write(LogLevel::warn, "stored state of " + part.name +
                                          " belongs to nothing in this program; it is kept 7 days");
    }
    if (now - part.orphaned_us > orphan_ttl.count()) continue;
    wanted[part.id] = false;
    orphans_.push_back(std::move(part));
  }
  std::vector<runtime::StateDelta> states;
  for (const runtime::StateDelta& state : checkpoint.states) {
    const auto found = wanted.find(state.id);
    if (state.id == "graph" || (found != wanted.end() && found->second)) {
      states.push_back(state);
    } else if (found == wanted.end() && (forgotten_.empty() || forgotten_.back() != state.id)) {
      forgotten_.push_back(state.id);
    }
  }
  EF_CHECK(app_.graph->restore(states));
  positions_ = checkpoint.positions;
  return {};
}

}  // namespace eventflux::engine
