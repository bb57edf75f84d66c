#include "engine/source_task.hpp"

#include <algorithm>
#include <utility>

#include "engine/connector_context.hpp"
#include "runtime/exec/run_foreign.hpp"

namespace eventflux::engine {
namespace {

void end_when_done(ParamValues& params) {
  std::erase_if(params, [](const ParamValue& value) { return value.name == "when.done"; });
  params.push_back({"when.done", "end", {}});
}

bool has_param(const std::vector<ParamInfo>& params, std::string_view name) {
  return std::any_of(params.begin(), params.end(),
                     [&](const ParamInfo& info) { return info.name == name; });
}

}  // namespace

SourceTask::SourceTask(const semantic::Source& source, bool until_eof)
    : source_(source),
      name_(source.name),
      network_(source.entry->traits.network),
      until_eof_(until_eof),
      acknowledger_(runtime::wants_acknowledgement(source.entry->traits)) {}

Result<std::unique_ptr<SourceTask>> SourceTask::make(const Spec& spec, Dataflow& dataflow,
                                                     const Host& host,
                                                     runtime::InputConsumer& target) {
  std::unique_ptr<SourceTask> task(
      new SourceTask(dataflow.plan().app.sources[spec.index], spec.until_eof));
  EF_CHECK(task->build(spec, dataflow, host, target));
  return task;
}

Result<void> SourceTask::build(const Spec& spec, Dataflow& dataflow, const Host& host,
                               runtime::InputConsumer& target) {
  EF_TRY(emitter_, dataflow.make_source(spec.index, target, &acknowledger_));
  rng_ = spec.rng;
  context_ = std::make_unique<Context>(make_context(host, name_, rng_, emitter_.get()));
  context_->payloads = &emitter_->payloads();
  context_->resumed = spec.resumed;
  const auto make_source = [this, &host]() -> Result<std::unique_ptr<Source>> {
    EF_TRY(ParamValues params, model::resolve_variables(source_.params, host.variables));
    if (until_eof_ && has_param(source_.entry->params, "when.done")) end_when_done(params);
    return source_.entry->make(params, *context_);
  };
  // Parameters are checked before anything runs.
  EF_TRY(const auto checked, make_source());
  model::SourceOptions options = dataflow.source_options(spec.index);
  if (until_eof_) options.reconnect = false;
  loop_ = std::make_unique<runtime::RunLoop>(make_source, *emitter_, network_, options, host.clock,
                                             spec.rng, host.log, acknowledger_);
  return {};
}

void SourceTask::start(std::function<void(Result<void>)> ended, const exec::FailureSink& fail) {
  thread_ = exec::Thread(
      "source " + name_, [this, ended = std::move(ended)] { ended(loop_->run()); }, fail);
}

Result<void> SourceTask::acknowledge(const runtime::StoredCursor& stored) {
  return exec::run_foreign("source " + name_,
                           [&] { acknowledger_.acknowledge(stored.cursor, stored.generation); });
}

}  // namespace eventflux::engine
