#include "engine/compile.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "plan/planner.hpp"
#include "semantic/bind_app.hpp"
#include "syntax/parser.hpp"

namespace eventflux::engine {

Error Compiled::first_error() const {
  for (const syntax::Diagnostic& diagnostic : diagnostics)
    if (diagnostic.severity == syntax::Severity::error) return syntax::to_error(diagnostic);
  return {Code::internal, "the program failed without a reason"};
}

Compiled compile(std::string_view text, const Registry& registry) {
  Compiled compiled;
  syntax::ParseResult parsed = syntax::parse(text);
  compiled.diagnostics = std::move(parsed.diagnostics);
  compiled.failed = !compiled.diagnostics.empty();
  // Statements that parsed are bound all the same: one run shows all that is wrong.
  semantic::BindResult bound = semantic::bind_app(parsed.statements, registry, parsed.broken_names);
  compiled.failed = compiled.failed || !bound.ok();
  compiled.diagnostics.insert(compiled.diagnostics.end(), bound.diagnostics.begin(),
                              bound.diagnostics.end());
  std::stable_sort(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                   [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
  if (compiled.failed) return compiled;
  auto plan = plan::make_plan(std::move(bound.app));
  if (plan.ok()) {
    compiled.plan = *std::move(plan);
    return compiled;
  }
  compiled.failed = true;
  compiled.diagnostics.push_back(syntax::to_diagnostic(plan.error()));
  return compiled;
}

model::VariableLookup system_variables(
    std::function<std::optional<std::string>(std::string_view name)> checkpoint) {
  return [checkpoint = std::move(checkpoint)](std::string_view kind,
                                              std::string_view name) -> std::optional<std::string> {
    if (kind == "checkpoint") return checkpoint ? checkpoint(name) : std::nullopt;
    if (kind == "file") {
      std::ifstream file{std::string(name), std::ios::binary};
      if (!file) return std::nullopt;
      std::string text{std::istreambuf_iterator<char>(file), {}};
      while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
      return text;
    }
    // Variables do not change while the product runs.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

}  // namespace eventflux::engine
