#pragma once

#include <string>

#include "plan/plan.hpp"

namespace eventflux::plan {

/// Says what an app does, for people: sources, queries with their operators, sinks, guarantees.
/// Shape: lines that end in '\n'. No value of a parameter is shown, so no secret can be.
std::string explain_text(const Plan& plan);
/// Says the same of one query. Fails: EF0806 when there is none of that name.
Result<std::string> explain_query(const Plan& plan, std::string_view name);
/// Lists the guarantee of every path, with what limits it.
std::string explain_delivery(const Plan& plan);
/// Writes one JSON object.
std::string explain_json(const Plan& plan);
/// Writes the graph in the language of Graphviz.
std::string explain_dot(const Plan& plan);

}  // namespace eventflux::plan
