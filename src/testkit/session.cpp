#include "testkit/session.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "engine/compile.hpp"
#include "runtime/delivery/row_json.hpp"

namespace eventflux::testkit {
namespace {

class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

/// A detached app reaches neither files nor the network.
class NoFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode) override {
    return refuse(path);
  }

  Result<std::optional<FileStat>> stat(const std::string& path) override { return refuse(path); }

  Result<void> rename(const std::string& from, const std::string&) override { return refuse(from); }

  Result<void> remove(const std::string& path) override { return refuse(path); }

  Result<std::vector<std::string>> glob(const std::string& pattern) override {
    return refuse(pattern);
  }

 private:
  static Error refuse(const std::string& path) {
    return {Code::file_failed, path + ": a detached app reads no files"};
  }
};

class NoTransport final : public Transport {
 public:
  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions&, const StopSignal&) override {
    return refuse();
  }

  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions&) override {
    return refuse();
  }

 private:
  static Error refuse() {
    return {Code::connection_refused, "a detached app opens no connections"};
  }
};

}  // namespace

Session::Session(plan::Plan plan, Options options)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      clock_(options_.start),
      log_(std::make_unique<SilentLog>()),
      files_(std::make_unique<NoFiles>()),
      transport_(std::make_unique<NoTransport>()),
      store_(runtime::make_memory_store()) {}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(std::string_view text, const Engine& engine,
                                               Options options) {
  options.variables = engine::system_variables(engine.files());
  engine::Compiled compiled =
      engine::compile(text, engine.extensions(),
                      {.durable = options.durable, .variables = options.variables});
  if (!compiled.ok()) return compiled.first_error();
  return open(std::move(compiled.plan), std::move(options));
}

Result<std::unique_ptr<Session>> Session::open(plan::Plan plan, Options options) {
  std::unique_ptr<Session> session(new Session(std::move(plan), std::move(options)));
  EF_CHECK(session->build());
  session->dataflow_->graph().start(session->clock_.now());
  return session;
}

Result<void> Session::build() {
  sources_.clear();
  engine::Host host{.clock = clock_,
                    .files = *files_,
                    .transport = *transport_,
                    .log = *log_,
                    .variables = options_.variables,
                    .seed = 1,
                    .durable = options_.durable};
  EF_TRY(dataflow_, engine::Dataflow::make(plan_, host));
  const std::vector<std::string> names =
      options_.listen.empty() ? output_streams() : options_.listen;
  for (const std::string& name : names) {
    EF_TRY(const std::size_t index, dataflow_->find_stream(name));
    dataflow_->add_subscriber(
        index, [this, name](const Batch& batch, Timestamp now) { keep_output(name, batch, now); });
  }
  return {};
}

void Session::keep_output(const std::string& stream, const Batch& batch, Timestamp now) {
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    OutputRow& out = output_.emplace_back();
    out.stream = stream;
    out.at = batch.arrived == nullptr ? now : Timestamp{batch.arrived[batch.selection[row]]};
    out.kind = batch.kind_of(batch.selection[row]) == RowKind::insert ? '+' : '-';
    for (std::size_t c = 0; c < batch.columns.size(); ++c)
      out.values.push_back(batch.value(row, c));
  }
}

std::vector<std::string> Session::output_streams() const {
  std::vector<std::string> names;
  for (const semantic::Query& query : plan_.app.queries) {
    const std::string& name = plan_.app.streams[query.target].name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

Result<const semantic::Stream*> Session::stream(std::string_view name) const {
  EF_TRY(const std::size_t index, dataflow_->find_stream(name));
  return &plan_.app.streams[index];
}

void Session::push(std::size_t stream, BatchBuilder& rows) {
  if (!failure()) dataflow_->push_rows(dataflow_->entry(stream), rows, 0, rows.rows());
  rows.clear();
}

Result<void> Session::send(std::string_view name, const std::vector<InputRow>& rows) {
  EF_TRY(const std::size_t index, dataflow_->find_stream(name));
  BatchBuilder waiting(plan_.app.streams[index].schema);
  std::optional<Timestamp> last;
  for (const InputRow& row : rows) {
    const Timestamp at = std::max(row.time.value_or(clock_.now()), clock_.now());
    const bool cut = options_.cut == Cut::single || dataflow_->may_stop_at_row() ||
                     (options_.cut == Cut::natural && last && *last != at);
    if (cut && waiting.rows() != 0) push(index, waiting);
    clock_.set(at);
    last = at;
    EF_CHECK(waiting.append(row.values, at));
  }
  if (waiting.rows() != 0) push(index, waiting);
  if (!failure()) dataflow_->graph().advance(clock_.now());
  return {};
}

Result<void> Session::send_batch(std::string_view name, const std::vector<std::vector<Value>>& rows,
                                 std::optional<Timestamp> time) {
  std::vector<InputRow> all;
  all.reserve(rows.size());
  for (const auto& row : rows)
    all.push_back({row, time});
  return send(name, all);
}

Result<std::unique_ptr<runtime::SourceBatch>> Session::push(
    std::unique_ptr<runtime::SourceBatch> source_batch, const StopSignal&) {
  if (!failure()) dataflow_->process(*source_batch);
  source_batch->clear();
  return source_batch;
}

Result<runtime::SourceEmitter*> Session::source_node(std::string_view name) {
  if (const auto found = sources_.find(name); found != sources_.end()) return found->second.get();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan_.app.sources.size(); ++i) {
    const semantic::Source& source = plan_.app.sources[i];
    names.push_back(source.name);
    const bool feeds = source.anonymous && !source.resources.empty() &&
                       plan_.app.streams[source.resources[0].stream].name == name;
    if (source.name != name && !feeds) continue;
    if (source.entry->traits.rows) {
      return Error{Code::row_mismatch,
                   "'" + std::string(name) + "' makes typed rows and reads no payloads",
                   "send the rows to its stream"};
    }
    EF_TRY(auto op, dataflow_->make_source(i, *this, nullptr));
    return sources_.emplace(std::string(name), std::move(op)).first->second.get();
  }
  return Error{Code::unknown_source, "there is no source '" + std::string(name) + "'",
               "sources: " + base::join(names, ", ")};
}

Result<void> Session::raw(std::string_view source, const std::vector<std::string>& payloads) {
  EF_TRY(const auto* op, source_node(source));
  static_cast<void>(op);
  auto& kept = payloads_[std::string(source)];
  const std::size_t first = kept.size();
  kept.insert(kept.end(), payloads.begin(), payloads.end());
  return deliver(source, first);
}

Result<void> Session::deliver(std::string_view source, std::size_t first) {
  EF_TRY(runtime::SourceEmitter * op, source_node(source));
  const auto& payloads = payloads_.find(source)->second;
  for (std::size_t i = first; i < payloads.size(); ++i) {
    std::string buffer = payloads[i] + std::string(64, '\0');
    Envelope envelope;
    envelope.payload = {buffer.data(), payloads[i].size()};
    envelope.cursor = Cursor{{}, std::to_string(i + 1), i + 1};
    auto emitted = op->emit(envelope);
    if (failure()) return {};  // Part of the output, not of the call.
    if (!emitted.ok()) return emitted;
    if (options_.cut != Cut::whole || dataflow_->may_stop_at_row()) EF_CHECK(op->flush());
  }
  return op->flush();
}

void Session::advance(Duration step) {
  // Timers fire in order, each with the clock at its own time.
  const Timestamp until = clock_.now() + step;
  for (;;) {
    const std::int64_t due = dataflow_->graph().processing_time().next_due();
    if (due == runtime::never || due > until.us || failure()) break;
    clock_.set(Timestamp{std::max(due, clock_.now().us)});
    dataflow_->graph().advance(Timestamp{due});
  }
  clock_.set(until);
  if (!failure()) dataflow_->graph().advance(until);
}

void Session::end() {
  if (!failure()) dataflow_->graph().end_of_input();
}

Result<void> Session::checkpoint() {
  return store_->commit(
      runtime::StoreTransaction(dataflow_->checkpoint(++epoch_), dataflow_->take_dead_letters()));
}

Result<void> Session::crash() {
  EF_TRY(const auto stored, store_->load());
  EF_CHECK(build());
  if (stored) EF_CHECK(dataflow_->restore(*stored));
  dataflow_->graph().start(clock_.now());
  for (const auto& [source, payloads] : payloads_)
    EF_CHECK(deliver(source, covered_payloads(source)));
  return {};
}

/// How many payloads the stored position covers; a source without a name goes by its stream's.
std::size_t Session::covered_payloads(const std::string& source) const {
  std::vector<Cursor> stored = dataflow_->positions(source);
  for (const semantic::Source& known : plan_.app.sources) {
    const bool meant =
        known.anonymous && plan_.app.streams[known.resources[0].stream].name == source;
    if (meant) stored = dataflow_->positions(known.name);
  }
  return stored.empty() ? 0 : stored.back().order;
}

Result<std::vector<std::string>> Session::dead_letters() {
  EF_TRY(const auto stored, store_->dead_letters(1000));
  std::vector<runtime::DeadLetter> letters;
  letters.reserve(stored.size());
  for (const runtime::StoredDeadLetter& letter : stored)
    letters.push_back(letter.letter);
  dataflow_->push_dead_letter_rows();
  letters.insert(letters.end(), dataflow_->waiting_dead_letters().begin(),
                 dataflow_->waiting_dead_letters().end());
  std::vector<std::string> lines;
  lines.reserve(letters.size());
  for (const runtime::DeadLetter& letter : letters) {
    lines.push_back(letter.source + " | " + std::string(stage_name(letter.stage)) + " | " +
                    code_text(letter.code) + " | " + letter.reason + " | " +
                    (letter.payload_length != 0 ? letter.payload : letter.row));
  }
  return lines;
}

namespace {

std::string metrics_of(const runtime::Operator& op) {
  const runtime::RowCounts counts = op.row_counts();
  std::string line =
      op.label + " in=" + std::to_string(counts.in) + " out=" + std::to_string(counts.out);
  for (std::size_t i = 0; i < runtime::drop_reasons; ++i) {
    const std::uint64_t rows = counts.dropped[i];
    if (rows == 0) continue;
    const auto reason = static_cast<runtime::DropReason>(i);
    line += " dropped." + std::string(drop_reason_name(reason)) + "=" + std::to_string(rows);
  }
  if (counts.held != 0) line += " held=" + std::to_string(counts.held);
  return line;
}

}  // namespace

std::vector<std::string> Session::metrics() const {
  std::vector<std::string> lines;
  for (const auto& op : dataflow_->graph().operators()) {
    if (!op->label.empty()) lines.push_back(metrics_of(*op));
  }
  return lines;
}

}  // namespace eventflux::testkit
