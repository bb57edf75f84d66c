#include "engine/explain.hpp"

#include "plan/explain.hpp"

namespace eventflux::engine {

Result<std::string> explain(const Compiled& compiled, ExplainFormat format,
                            std::string_view query) {
  if (!query.empty()) return plan::explain_query(compiled.plan, query);
  switch (format) {
    case ExplainFormat::json:
      return plan::explain_json(compiled.plan) + "\n";
    case ExplainFormat::dot:
      return plan::explain_dot(compiled.plan);
    case ExplainFormat::text:
      break;
  }
  return plan::explain_text(compiled.plan);
}

std::string explain_delivery(const Compiled& compiled) {
  return plan::explain_delivery(compiled.plan);
}

}  // namespace eventflux::engine
