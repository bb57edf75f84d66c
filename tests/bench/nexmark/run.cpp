#include "run.hpp"

#include <atomic>
#include <ctime>
#include <fstream>
#include <memory>
#include <numeric>
#include <sstream>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "engine/app_runtime.hpp"
#include "engine/compile.hpp"

namespace eventflux::nexmark {
namespace {

double processor_seconds() {
  std::timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Result<std::string> program(const std::string& query) {
  const std::string name = query.size() == 2 ? "q0" + query.substr(1) : query;
  const std::string path = std::string(NEXMARK_QUERIES) + "/" + name + ".efql";
  std::ifstream file(path);
  if (!file) return Error{Code::file_failed, path + " cannot be read"};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Override> overrides(const RunSpec& spec) {
  const std::string source = "source.nexmark.";
  return {{source + "events", std::to_string(spec.events)},
          {source + "rate", std::to_string(spec.rate)},
          {source + "out_of_order", std::to_string(spec.disorder)},
          {source + "batch", std::to_string(spec.batch)},
          {source + "pace", spec.pace == Pace::events ? "event_time" : "max"}};
}

/// Takes rows into batches and drops them when they are handed on.
class Dropping final : public Emitter {
 public:
  Dropping(const std::vector<SourceTable>& offers, std::size_t kinds) {
    for (std::size_t kind = offers.size() - kinds; kind < offers.size(); ++kind) {
      wanted_.push_back({kind, std::vector<std::size_t>(offers[kind].columns.size())});
      std::iota(wanted_.back().columns.begin(), wanted_.back().columns.end(), std::size_t{0});
      rows_.emplace_back(offers[kind].columns);
    }
  }

  Result<void> emit(const Envelope&) override { return {}; }

  Result<void> idle() override { return {}; }

  BatchBuilder& rows() override { return rows_[0]; }

  std::span<const TableProjection> wanted() const override { return wanted_; }

  BatchBuilder& rows_of(std::size_t index) override { return rows_[index]; }

  Result<void> emit_rows(const Cursor&) override {
    for (BatchBuilder& rows : rows_)
      rows.clear();
    return {};
  }

  const Schema& schema() const override { return schema_; }

  std::optional<Cursor> resume(std::string_view) const override { return std::nullopt; }

  void gap(const Gap&) override {}

  void live() override {}

  void pause(Duration) override {}

  bool stopping() const noexcept override { return false; }

 private:
  Schema schema_;
  std::vector<TableProjection> wanted_;
  std::vector<BatchBuilder> rows_;
};

}  // namespace

Runs::Runs() : system_host_(base::make_silent_log(), nullptr) {}

Result<double> Runs::run(const RunSpec& spec, const RowsSeen& seen) {
  EF_TRY(const std::string text, program(spec.query));
  engine::Compiled compiled =
      engine::compile(text, system_host_.registry(),
                      {.durable = !spec.state_dir.empty(), .overrides = overrides(spec)});
  if (!compiled.ok()) return compiled.first_error();
  VirtualClock moved(Timestamp{1'436'918'400'000'000});
  engine::Host host = system_host_.host();
  const engine::Host chosen{
      .clock = spec.pace == Pace::work ? host.clock : static_cast<Clock&>(moved),
      .files = host.files,
      .transport = host.transport,
      .log = host.log,
      .variables = host.variables};
  EF_TRY(const auto app_runtime,
         engine::AppRuntime::make(
             std::move(compiled.plan), chosen,
             {.state_dir = spec.state_dir, .until_eof = true, .inline_graph = true, .seed = 1}));
  EF_TRY(const std::size_t stream,
         app_runtime->dataflow().find_stream(spec.stream.empty() ? spec.query : spec.stream));
  const Schema schema = app_runtime->dataflow().stream(stream).schema;
  app_runtime->add_subscriber(stream, [&](const Batch& rows, Timestamp) {
    // A second request would give up what is under way.
    if (seen(schema, rows) || app_runtime->stop_requested()) return;
    app_runtime->request_stop();
    // The source goes no further meanwhile, however long the thread that stops it takes to wake.
    while (app_runtime->state() == AppState::running && !app_runtime->finished())
      std::this_thread::yield();
  });
  const double began = processor_seconds();
  EF_CHECK(app_runtime->start());
  app_runtime->wait();
  if (spec.pace != Pace::work && app_runtime->finished()) {
    moved.set(moved.now() + std::chrono::seconds(10));
    EF_CHECK(app_runtime->advance());
  }
  EF_CHECK(app_runtime->stop());
  return processor_seconds() - began;
}

Result<double> Runs::run_source(std::uint64_t events, std::size_t kinds) {
  Context context = system_host_.context("nexmark");
  const SourceEntry* entry = system_host_.registry().find_source("nexmark");
  EF_TRY(const auto source, entry->make({{"events", std::to_string(events)}}, context));
  Dropping rows(entry->traits.tables, kinds);
  const double began = processor_seconds();
  const auto ended = source->run(rows);
  const double took = processor_seconds() - began;
  if (!ended.ok() && ended.error().code != Code::end_of_input) return ended.error();
  return took;
}

}  // namespace eventflux::nexmark
