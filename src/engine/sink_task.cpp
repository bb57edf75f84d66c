#include "engine/sink_task.hpp"

#include <utility>

#include "engine/connector_context.hpp"

namespace eventflux::engine {

Result<std::unique_ptr<SinkTask>> SinkTask::make(Spec spec, Dataflow& dataflow, const Host& host) {
  std::unique_ptr<SinkTask> task(new SinkTask(dataflow.plan().app.sinks[spec.index]));
  EF_CHECK(task->build(std::move(spec), dataflow, host));
  return task;
}

Result<void> SinkTask::build(Spec spec, Dataflow& dataflow, const Host& host) {
  EF_TRY(op_, dataflow.add_sink(spec.index, forward_));
  rng_ = spec.rng;
  context_ = std::make_unique<Context>(make_context(host, sink_.name, rng_, nullptr));
  runtime::SinkWriterSpec to_write;
  to_write.name = sink_.name;
  to_write.schema = dataflow.stream(sink_.stream).schema;
  to_write.prologue = op_->prologue();
  to_write.options = dataflow.sink_options(spec.index);
  to_write.make = [this, &host]() -> Result<std::unique_ptr<Sink>> {
    EF_TRY(const ParamValues params, model::resolve_variables(sink_.params, host.variables));
    return sink_.entry->make(params, *context_);
  };
  // Parameters are checked before anything runs.
  EF_TRY(const auto checked, to_write.make());
  to_write.acknowledge = std::move(spec.acknowledge);
  to_write.dry_run = spec.dry_run;
  to_write.network = sink_.entry->traits.network;
  to_write.transactional = sink_.entry->traits.delivery == SinkClass::s3_transactional;
  to_write.durable = spec.durable;
  to_write.run = spec.run;
  writer_ =
      std::make_unique<runtime::SinkWriter>(std::move(to_write), dataflow.sink_policy(spec.index),
                                            dataflow.failure(), host.clock, spec.rng, host.log);
  context_->stop = writer_.get();
  forward_.writer = writer_.get();
  return {};
}

void SinkTask::resume(const runtime::Checkpoint& stored) {
  context_->resumed = true;
  std::optional<WriteToken> progress;
  for (const runtime::SinkProgress& one : stored.progress)
    if (one.sink == sink_.name) progress = one.token;
  writer_->resume(stored.epoch, progress);
}

void SinkTask::start(std::function<void()> ended, const exec::FailureSink& fail) {
  thread_ = exec::Thread(
      "sink " + sink_.name,
      [this, ended = std::move(ended)] {
        writer_->run();
        ended();
      },
      fail);
}

}  // namespace eventflux::engine
