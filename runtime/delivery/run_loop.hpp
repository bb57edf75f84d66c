#pragma once

#include <functional>
#include <memory>

#include "runtime/delivery/backoff.hpp"
#include "runtime/delivery/source_emitter.hpp"
#include "runtime/exec/mutex.hpp"

namespace eventflux::runtime {

/// Runs a source session after session: makes it, runs it, waits after a lost connection, makes it
/// anew. A new session reads its parameters again, so it begins at the stored positions.
/// Thread: run() on the source's own; stop() from any.
class RunLoop {
 public:
  using MakeSource = std::function<Result<std::unique_ptr<Source>>()>;

  RunLoop(MakeSource make, SourceEmitter& op, bool network, const model::SourceOptions& options,
          Clock& clock, Rng rng, Log& log, Acknowledger& acknowledger);

  /// Blocks: until stop(), the end of the input, or a failure that a new session cannot mend.
  Result<void> run();
  void stop();
  /// Destroys the source of the last session, which still heard of commits. After run() only.
  void close();

 private:
  Result<void> session();
  bool ends(const Result<void>& outcome) const;
  Error final_error(Error error, std::int64_t attempts) const;
  bool may_reconnect(const Error& error, std::int64_t attempts) const;

  MakeSource make_;
  SourceEmitter& emitter_;
  bool network_;
  model::SourceOptions options_;
  Clock& clock_;
  Rng rng_;
  Log& log_;
  Backoff backoff_;
  exec::Mutex mutex_;
  Acknowledger& acknowledger_;
  std::unique_ptr<Source> source_;  // written by run()'s thread under mutex_
};

}  // namespace eventflux::runtime
