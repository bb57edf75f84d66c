#include "eventflux/engine.hpp"

#include "engine/compile.hpp"
#include "engine/parts.hpp"

namespace eventflux {

EngineParts::EngineParts(EngineOptions wanted)
    : options(std::move(wanted)),
      clock(options.clock == nullptr ? system_clock : *options.clock),
      net_transport(clock, net::ProxyRules(engine::system_variables(posix_files))),
      silence(base::make_silent_log()) {
  if (options.builtin_extensions) register_extensions(registry);
}

engine::Host EngineParts::host() {
  return {.clock = clock,
          .files = options.files == nullptr ? posix_files : *options.files,
          .transport = options.transport == nullptr ? net_transport : *options.transport,
          .log = options.log == nullptr ? *silence : *options.log,
          .variables =
              engine::system_variables(options.files == nullptr ? posix_files : *options.files)};
}

Engine::Engine(std::shared_ptr<EngineParts> parts) : parts_(std::move(parts)) {}

Result<Engine> Engine::open(EngineOptions options) {
  if (options.shards > 1) {
    return Error{Code::not_supported_yet,
                 "an engine of " + std::to_string(options.shards) + " shards is not built yet",
                 "take 1, or 0 to run graphs on the threads that send"};
  }
  return Engine(std::make_shared<EngineParts>(std::move(options)));
}

Result<App> Engine::load(std::string_view text) const {
  const EngineOptions& options = parts_->options;
  engine::Compiled compiled = engine::compile(
      text, parts_->registry,
      {.durable = !options.state_dir.empty(), .variables = parts_->host().variables});
  if (!compiled.ok()) return compiled.first_error();
  const engine::RunOptions run{
      .state_dir = options.state_dir, .inline_graph = options.shards == 0, .seed = options.seed};
  auto parts = std::make_shared<AppParts>();
  parts->engine = parts_;
  EF_TRY(parts->app_runtime,
         engine::AppRuntime::make(std::move(compiled.plan), parts_->host(), run));
  return App(std::move(parts));
}

std::vector<Diagnostic> Engine::check(std::string_view text) const {
  const engine::Compiled compiled = engine::compile(
      text, parts_->registry,
      {.durable = !parts_->options.state_dir.empty(), .variables = parts_->host().variables});
  const syntax::SourceText source("program", std::string(text));
  std::vector<Diagnostic> found;
  for (const syntax::Diagnostic& diagnostic : compiled.diagnostics) {
    found.push_back({syntax::to_error(diagnostic), diagnostic.severity == syntax::Severity::warning,
                     syntax::render_text(diagnostic, source)});
  }
  return found;
}

Registry& Engine::extensions() {
  return parts_->registry;
}

}  // namespace eventflux
