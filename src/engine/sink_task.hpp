#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/dataflow.hpp"
#include "runtime/delivery/sink_writer.hpp"
#include "runtime/exec/thread.hpp"

namespace eventflux::engine {

/// A sink of a running app: its operator in the graph, and its writer on a thread of its own.
/// Thread: start() and join() one after another; op() is of the graph's, writer() as it says.
class SinkTask {
 public:
  struct Spec {
    std::size_t index = 0;  ///< In the plan.
    bool dry_run = false;   ///< Rows are counted and not written.
    bool durable = false;   ///< Checkpoints are stored.
    std::uint64_t run = 0;  ///< Of the tokens.
    Rng rng{0};             ///< For the waits between attempts.
    /// As SinkWriterSpec::acknowledge.
    std::function<void(std::uint64_t epoch, std::optional<WriteToken> prepared)> acknowledge{};
  };

  /// `dataflow` and `host` outlive it. Fails: what lowering and the sink's parameters fail with.
  static Result<std::unique_ptr<SinkTask>> make(Spec spec, Dataflow& dataflow, const Host& host);
  SinkTask(const SinkTask&) = delete;
  SinkTask& operator=(const SinkTask&) = delete;

  /// Goes on after a stored checkpoint. Before start() only.
  void resume(const runtime::Checkpoint& stored);
  /// Starts the thread. `ended` is called on it at the end.
  void start(std::function<void()> ended, const exec::FailureSink& fail);

  void join() { thread_.join(); }

  runtime::SinkOperator& op() { return *op_; }

  runtime::SinkWriter& writer() { return *writer_; }

  const runtime::SinkWriter& writer() const { return *writer_; }

 private:
  /// The writer needs its policy, which is made with its operator, which needs the writer.
  struct Forward final : runtime::OutputTarget {
    runtime::SinkWriter* writer = nullptr;

    void push(runtime::SinkMessage message) override { writer->push(std::move(message)); }

    bool idle() const override { return writer->idle(); }

    runtime::SinkBatch acquire() override { return writer->acquire(); }
  };

  explicit SinkTask(const semantic::Sink& sink) : sink_(sink) {}

  Result<void> build(Spec spec, Dataflow& dataflow, const Host& host);

  const semantic::Sink& sink_;
  Forward forward_;
  runtime::SinkOperator* op_ = nullptr;
  Rng rng_{0};  // of its thread alone
  std::unique_ptr<Context> context_;
  std::unique_ptr<runtime::SinkWriter> writer_;
  exec::Thread thread_;
};

}  // namespace eventflux::engine
