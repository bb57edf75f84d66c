#include "eventflux/program.hpp"

#include <algorithm>

#include "engine/parts.hpp"
#include "engine/secrets.hpp"
#include "plan/explain.hpp"
#include "runtime/delivery/payloads.hpp"
#include "syntax/format.hpp"

namespace eventflux {
namespace {

/// What a connector gets that is made only to be asked whether it reaches its other side.
struct Probe {
  explicit Probe(EngineParts& of)
      : host(of.host()), rng(static_cast<std::uint64_t>(host.clock.now().us)) {}

  Context context(const std::string& name) {
    return {.clock = host.clock,
            .rng = rng,
            .files = host.files,
            .transport = host.transport,
            .log = host.log,
            .name = name,
            .out = host.out};
  }

  engine::Host host;
  Rng rng;
};

Result<void> reach_source(const semantic::Source& source, Probe& probe) {
  EF_TRY(const ParamValues params, model::resolve_variables(source.params, probe.host.variables));
  EF_TRY(const ParamValues shared,
         model::resolve_variables(source.shared_params, probe.host.variables));
  EF_TRY(const model::SourceOptions options, model::parse_source_options(*source.entry, shared));
  runtime::Payloads payloads(options);
  Context context = probe.context(source.name);
  context.payloads = &payloads;
  EF_TRY(const auto made, source.entry->make(params, context));
  return made->probe();
}

Result<void> reach_sink(const semantic::Sink& sink, Probe& probe) {
  EF_TRY(const ParamValues params, model::resolve_variables(sink.params, probe.host.variables));
  Context context = probe.context(sink.name);
  EF_TRY(const auto made, sink.entry->make(params, context));
  return made->probe();
}

}  // namespace

std::vector<Diagnostic> engine::shown(const std::vector<syntax::Diagnostic>& found,
                                      std::string_view text, const ProgramOptions& options,
                                      const Registry& registry) {
  if (found.empty()) return {};
  const syntax::SourceText source(options.file.empty() ? "program" : options.file,
                                  without_secrets(text, registry));
  const auto colour = options.colour ? syntax::Colour::on : syntax::Colour::off;
  std::vector<Diagnostic> diagnostics;
  for (const syntax::Diagnostic& one : found) {
    diagnostics.push_back({syntax::to_error(one), one.severity == syntax::Severity::warning,
                           syntax::render_text(one, source, colour),
                           syntax::render_json(one, source)});
  }
  return diagnostics;
}

Formatted format_program(std::string_view text, const ProgramOptions& options) {
  const syntax::ParseResult parsed = syntax::parse(text);
  if (parsed.ok()) return {syntax::format(parsed), {}};
  Registry registry;
  register_extensions(registry);
  return {{}, engine::shown(parsed.diagnostics, text, options, registry)};
}

Program::Program(std::shared_ptr<const ProgramParts> parts) : parts_(std::move(parts)) {}

bool Program::ok() const {
  return parts_->compiled.ok();
}

const std::vector<Diagnostic>& Program::diagnostics() const {
  return parts_->diagnostics;
}

const Error& Program::error() const {
  return *parts_->error;
}

bool Program::has_bad_override() const {
  return parts_->compiled.bad_override;
}

const std::string& Program::name() const {
  return parts_->compiled.plan.app.options.name;
}

std::vector<StreamInfo> Program::streams() const {
  const semantic::App& app = parts_->compiled.plan.app;
  std::vector<StreamInfo> streams;
  for (const semantic::Stream& stream : app.streams)
    streams.push_back({stream.name, stream.schema, stream.anonymous});
  for (const semantic::Sink& sink : app.sinks)
    streams[sink.stream].has_sink = true;
  return streams;
}

Result<std::string> Program::explain(ExplainFormat format, std::string_view query) const {
  const plan::Plan& plan = parts_->compiled.plan;
  if (!query.empty()) return plan::explain_query(plan, query);
  switch (format) {
    case ExplainFormat::json:
      return plan::explain_json(plan) + "\n";
    case ExplainFormat::dot:
      return plan::explain_dot(plan);
    case ExplainFormat::text:
      break;
  }
  return plan::explain_text(plan);
}

std::string Program::explain_delivery() const {
  return plan::explain_delivery(parts_->compiled.plan);
}

std::vector<Reached> Program::reach() const {
  const semantic::App& app = parts_->compiled.plan.app;
  Probe probe(*parts_->engine);
  std::vector<Reached> reached;
  for (const semantic::Source& source : app.sources)
    reached.push_back({"source " + source.name, source.entry->name, reach_source(source, probe)});
  for (const semantic::Sink& sink : app.sinks)
    reached.push_back({"sink " + sink.name, sink.entry->name, reach_sink(sink, probe)});
  return reached;
}

}  // namespace eventflux
