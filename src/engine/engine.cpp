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
          .out = options.out,
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

Program Engine::compile(std::string_view text, const ProgramOptions& options) const {
  auto parts = std::make_shared<ProgramParts>();
  parts->engine = parts_;
  parts->compiled = engine::compile(text, parts_->registry,
                                    {.durable = !parts_->options.state_dir.empty(),
                                     .overrides = options.overrides,
                                     .file = options.file,
                                     .variables = parts_->host().variables});
  parts->diagnostics = engine::shown(parts->compiled.diagnostics, text, options, parts_->registry);
  if (!parts->compiled.ok()) parts->error = parts->compiled.first_error();
  return Program(std::move(parts));
}

Result<App> Engine::load(const Program& program, const LoadOptions& options) const {
  if (!program.ok()) return program.error();
  auto parts = std::make_shared<AppParts>();
  parts->engine = parts_;
  const engine::RunOptions run{.state_dir = parts_->options.state_dir,
                               .until_eof = options.until_eof,
                               .sources_only = options.sources_only,
                               .dry_run = options.dry_run,
                               .inline_graph = parts_->options.shards == 0,
                               .seed = parts_->options.seed};
  EF_TRY(parts->app_runtime,
         engine::AppRuntime::make(program.parts().compiled.plan, parts_->host(), run));
  return App(std::move(parts));
}

Result<App> Engine::load(std::string_view text) const {
  return load(compile(text));
}

std::vector<Diagnostic> Engine::check(std::string_view text) const {
  return compile(text).diagnostics();
}

Clock& Engine::clock() const {
  return parts_->clock;
}

FileSystem& Engine::files() const {
  return parts_->host().files;
}

Transport& Engine::transport() const {
  return parts_->host().transport;
}

Registry& Engine::extensions() {
  return parts_->registry;
}

const Registry& Engine::extensions() const {
  return parts_->registry;
}

}  // namespace eventflux
