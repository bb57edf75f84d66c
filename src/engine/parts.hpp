#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "eventflux/engine.hpp"
#include "eventflux/extension.hpp"

#include "base/log.hpp"
#include "engine/app_runtime.hpp"
#include "engine/compile.hpp"
#include "runtime/files/posix_files.hpp"
#include "runtime/net/net_transport.hpp"
#include "runtime/time/system_clock.hpp"

namespace eventflux {

/// What apps of one engine share: its extensions, and the machine unless the host gave another.
struct EngineParts {
  explicit EngineParts(EngineOptions wanted);
  engine::Host host();

  EngineOptions options;
  Registry registry;
  time::SystemClock system_clock;
  files::PosixFiles posix_files;
  Clock& clock;
  net::NetTransport net_transport;
  std::unique_ptr<Log> silence;
};

namespace engine {

/// Returns what was found in a text in the form for hosts; no secret of the text is in it.
std::vector<Diagnostic> shown(const std::vector<syntax::Diagnostic>& found, std::string_view text,
                              const ProgramOptions& options, const Registry& registry);

}  // namespace engine

/// A program as its copies share it.
struct ProgramParts {
  std::shared_ptr<EngineParts> engine;  // second owner: the Engine
  engine::Compiled compiled;
  std::vector<Diagnostic> diagnostics{};
  std::optional<Error> error{};
};

/// An app as its App, its publishers and its subscriptions share it.
struct AppParts {
  std::shared_ptr<EngineParts> engine;  // second owner: the Engine
  std::unique_ptr<engine::AppRuntime> app_runtime;

  Clock& clock() const { return engine->clock; }
};

}  // namespace eventflux
