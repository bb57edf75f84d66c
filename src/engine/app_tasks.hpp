#pragma once

#include "engine/app_runtime.hpp"

namespace eventflux::engine {

/// A source of a running app, and its thread.
struct AppRuntime::SourceTask {
  std::string name;
  bool network = false;
  std::unique_ptr<runtime::Acknowledger> acknowledger;
  std::unique_ptr<runtime::SourceEmitter> op;
  Rng rng{0};  ///< Of its thread alone.
  std::unique_ptr<Context> context;
  std::unique_ptr<runtime::RunLoop> loop;
  exec::Thread thread;
};

/// A sink of a running app, and its thread.
struct AppRuntime::SinkTask {
  std::unique_ptr<runtime::SinkWriter> writer;
  Rng rng{0};  ///< Of its thread alone.
  std::unique_ptr<Context> context;
  runtime::SinkOperator* op = nullptr;
  exec::Thread thread;
};

}  // namespace eventflux::engine
