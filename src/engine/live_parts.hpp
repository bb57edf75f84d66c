#pragma once

#include "engine/runner.hpp"

namespace eventflux::engine {

/// A source of a running app, and its thread.
struct Runner::LiveSource {
  std::string name;
  bool network = false;
  std::unique_ptr<runtime::SourceNode> node;
  Rng rng{0};  ///< Of its thread alone.
  std::unique_ptr<Context> context;
  std::unique_ptr<runtime::RunLoop> loop;
  exec::Thread thread;
};

/// A sink of a running app, and its thread.
struct Runner::LiveSink {
  std::unique_ptr<runtime::SinkWriter> writer;
  Rng rng{0};  ///< Of its thread alone.
  std::unique_ptr<Context> context;
  runtime::SinkNode* node = nullptr;
  exec::Thread thread;
};

}  // namespace eventflux::engine
