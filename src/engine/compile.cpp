#include "engine/compile.hpp"

#include <algorithm>
#include <cstdlib>

#include "plan/planner.hpp"
#include "runtime/exec/run_foreign.hpp"
#include "semantic/bind_app.hpp"
#include "syntax/parser.hpp"

namespace eventflux::engine {

Error Compiled::first_error() const {
  for (const syntax::Diagnostic& diagnostic : diagnostics)
    if (diagnostic.severity == syntax::Severity::error) return syntax::to_error(diagnostic);
  return {Code::internal, "the program failed without a reason"};
}

namespace {

ParamValue given(const std::string& name, const std::string& text) {
  return {.name = name, .text = text, .open = model::has_variable(text)};
}

void override_param(ParamValues& params, ParamValue value) {
  std::erase_if(params, [&](const ParamValue& old) { return old.name == value.name; });
  params.push_back(std::move(value));
}

/// Overrides one parameter of the source or sink that `path` begins with. Returns whether anything
/// has that name.
template <class Part, class Shared>
bool override_part(std::vector<Part>& parts, std::string_view path, const std::string& text,
                   Shared shared_of) {
  for (Part& part : parts) {
    if (!path.starts_with(part.name + ".")) continue;
    const std::string name(path.substr(part.name.size() + 1));
    const bool shared = find_param(infos(shared_of(part.entry->traits)), name).has_value();
    if (!shared && !find_param(part.entry->params, name)) return false;
    override_param(shared ? part.shared_params : part.params, given(name, text));
    return true;
  }
  return false;
}

/// Overrides a key of @app. Returns whether there is one of that name.
Result<bool> override_app(model::AppOptions& options, std::string_view key,
                          const std::string& text) {
  const std::string name(key);
  for (const auto& entry : model::app_params()) {
    if (entry.info.name != name) continue;
    EF_CHECK(check_value(entry.info, {name, text}));
    EF_CHECK(entry.set(options, {name, text}));
    return true;
  }
  return false;
}

Result<bool> apply_override(semantic::App& app, const Override& change) {
  const std::string_view path = change.path;
  if (path.starts_with("app.")) return override_app(app.options, path.substr(4), change.text);
  if (path.starts_with("source."))
    return override_part(app.sources, path.substr(7), change.text, model::source_params);
  return path.starts_with("sink.") &&
         override_part(app.sinks, path.substr(5), change.text, model::sink_params);
}

Result<void> apply_overrides(semantic::App& app, const std::vector<Override>& overrides) {
  for (const Override& change : overrides) {
    EF_TRY(const bool known, apply_override(app, change));
    if (!known) {
      return Error{Code::unknown_parameter, "nothing is called '" + change.path + "'",
                   "write source.NAME.PARAMETER, sink.NAME.PARAMETER or app.KEY; eventflux explain "
                   "FILE lists the names"};
    }
  }
  // What the runtime owns is read by the planner.
  for (const semantic::Source& source : app.sources)
    EF_CHECK(check_params(source.entry->name, source.entry->params, source.params));
  for (const semantic::Sink& sink : app.sinks)
    EF_CHECK(check_params(sink.entry->name, sink.entry->params, sink.params));
  return {};
}

Compiled compile_text(std::string_view text, const Registry& registry,
                      const CompileOptions& options) {
  Compiled compiled;
  syntax::ParseResult parsed = syntax::parse(text);
  compiled.diagnostics = std::move(parsed.diagnostics);
  compiled.failed = !compiled.diagnostics.empty();
  // Statements that parsed are bound all the same: one run shows all that is wrong.
  semantic::BindResult bound =
      semantic::bind_app(parsed.statements, registry, parsed.broken_names, options.variables);
  compiled.failed = compiled.failed || !bound.ok();
  compiled.diagnostics.insert(compiled.diagnostics.end(), bound.diagnostics.begin(),
                              bound.diagnostics.end());
  std::stable_sort(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                   [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
  if (compiled.failed) return compiled;
  if (auto applied = apply_overrides(bound.app, options.overrides); !applied.ok()) {
    compiled.failed = true;
    compiled.bad_override = true;
    compiled.diagnostics.push_back(syntax::to_diagnostic(applied.error()));
    return compiled;
  }
  if (bound.app.options.name.empty()) bound.app.options.name = model::app_name_of(options.file);
  auto plan =
      plan::make_plan(std::move(bound.app), {.durable = options.durable, .fuse = options.fuse});
  if (plan.ok()) {
    compiled.plan = *std::move(plan);
    return compiled;
  }
  compiled.failed = true;
  compiled.diagnostics.push_back(syntax::to_diagnostic(plan.error()));
  return compiled;
}

}  // namespace

Compiled compile(std::string_view text, const Registry& registry, const CompileOptions& options) {
  Compiled compiled;
  // Constants are folded by the functions of extensions.
  const auto ran =
      exec::run_foreign("an extension", [&] { compiled = compile_text(text, registry, options); });
  if (ran.ok()) return compiled;
  compiled = Compiled{};
  compiled.failed = true;
  compiled.diagnostics.push_back(syntax::to_diagnostic(ran.error()));
  return compiled;
}

namespace {

constexpr std::size_t secret_bytes_max = 1U << 20U;

/// Reads a file without the line ends at its end; nothing when there is none.
/// Fails: EF0305 when it cannot be read, EF0307 when others can read it.
Result<std::optional<std::string>> read_secret(FileSystem& files, const std::string& path) {
  EF_TRY(const auto found, files.stat(path));
  if (!found) return std::optional<std::string>();
  auto opened = files.open(path, OpenMode::read);
  if (!opened.ok()) return Error{Code::missing_variable, opened.error().message};
  File& file = **opened;
  EF_TRY(const FileStat stat, file.stat());
  if (stat.readable_by_others) {
    return Error{Code::exposed_secret, "'" + path + "' can be read by others",
                 "chmod o-r '" + path + "'"};
  }
  std::string text(std::min<std::uint64_t>(stat.size, secret_bytes_max) + 1, '\0');
  EF_TRY(const std::size_t size, file.read(0, text));
  if (size > secret_bytes_max)
    return Error{Code::missing_variable, "'" + path + "' is larger than 1 MiB"};
  text.resize(size);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return std::optional(std::move(text));
}

}  // namespace

model::VariableLookup system_variables(FileSystem& files) {
  return
      [&files](std::string_view kind, std::string_view name) -> Result<std::optional<std::string>> {
        if (kind == "checkpoint") return std::optional<std::string>();
        if (kind == "file") return read_secret(files, std::string(name));
        // Variables do not change while the product runs.
        // NOLINTNEXTLINE(concurrency-mt-unsafe)
        const char* value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::optional<std::string>() : std::optional<std::string>(value);
      };
}

}  // namespace eventflux::engine
