#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/dataflow.hpp"
#include "runtime/delivery/run_loop.hpp"
#include "runtime/exec/thread.hpp"

namespace eventflux::engine {

/// A source of a running app: its sessions one after another, on a thread of their own.
/// Thread: start(), join() and close() one after another; the rest from any.
class SourceTask {
 public:
  struct Spec {
    std::size_t index = 0;   ///< In the plan.
    bool until_eof = false;  ///< It ends at the end of its input, or at the first disconnect.
    bool resumed = false;    ///< The app goes on after a stored checkpoint.
    Rng rng{0};              ///< For the waits between sessions.
  };

  /// `dataflow`, `host` and `target` outlive it. Fails: what lowering and the source's parameters
  /// fail with.
  static Result<std::unique_ptr<SourceTask>> make(const Spec& spec, Dataflow& dataflow,
                                                  const Host& host, runtime::InputConsumer& target);
  SourceTask(const SourceTask&) = delete;
  SourceTask& operator=(const SourceTask&) = delete;

  /// Starts the thread. `ended` is called on it with the outcome of the last session.
  void start(std::function<void(Result<void>)> ended, const exec::FailureSink& fail);

  /// Ends the session that runs.
  void stop() { loop_->stop(); }

  void join() { thread_.join(); }

  /// Destroys the source, which heard of commits until now.
  void close() { loop_->close(); }

  /// Returns whether a position is still ours to store.
  bool may_commit(const runtime::StoredCursor& stored) const {
    return acknowledger_.may_commit(stored.cursor.partition, stored.generation);
  }

  /// Tells the source that a position is stored. Fails: EF0802 an exception of the source.
  Result<void> acknowledge(const runtime::StoredCursor& stored);

  /// Returns whether the source hears of commits.
  bool wants_acknowledgement() const { return acknowledger_.wanted(); }

  const std::string& name() const { return name_; }

  bool network() const { return network_; }

  const runtime::SourceCounters& counters() const { return emitter_->counters(); }

 private:
  SourceTask(const semantic::Source& source, bool until_eof);

  Result<void> build(const Spec& spec, Dataflow& dataflow, const Host& host,
                     runtime::InputConsumer& target);

  const semantic::Source& source_;
  const std::string name_;
  const bool network_;
  const bool until_eof_;
  runtime::Acknowledger acknowledger_;
  std::unique_ptr<runtime::SourceEmitter> emitter_;
  Rng rng_{0};  // of its thread alone
  std::unique_ptr<Context> context_;
  std::unique_ptr<runtime::RunLoop> loop_;
  exec::Thread thread_;
};

}  // namespace eventflux::engine
