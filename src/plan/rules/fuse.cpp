#include "plan/rules/fuse.hpp"

#include <algorithm>

namespace eventflux::plan {
namespace {

using semantic::EmittedEvents;
using semantic::Query;

/// Calls body(first, last) for the steps of each query, which stand side by side.
template <class Body>
void for_each_query(std::vector<Operator>& operators, Body body) {
  for (std::size_t first = 0; first < operators.size();) {
    std::size_t last = first + 1;
    while (last < operators.size() && operators[last].query == operators[first].query)
      ++last;
    if (operators[first].query) body(first, last);
    first = last;
  }
}

void fuse(std::vector<Operator>& operators, std::size_t first, std::size_t last) {
  for (std::size_t at = first; at < last; ++at)
    operators[at].stage = first;
}

bool leaves_rows_as_they_came(const Query& query) {
  return query.window && !query.window->batch && !query.aggregated;
}

}  // namespace

void fuse_window_aggregate(std::vector<Operator>& operators, const semantic::App& app) {
  for_each_query(operators, [&](std::size_t first, std::size_t last) {
    const Query& query = app.queries[*operators[first].query];
    const bool changes =
        query.window && !query.window->batch && query.events != EmittedEvents::current;
    if (!changes && (query.window || query.aggregated)) fuse(operators, first, last);
  });
}

void fuse_inseparable(std::vector<Operator>& operators, const semantic::App& app) {
  for_each_query(operators, [&](std::size_t first, std::size_t last) {
    const Query& query = app.queries[*operators[first].query];
    if (query.window && query.window->batch && query.events != EmittedEvents::current)
      fuse(operators, first, last);
    // Arrivals pass: nothing is left of the window but its name.
    if (leaves_rows_as_they_came(query) && query.events == EmittedEvents::current)
      fuse(operators, first, last);
  });
}

void fuse_filter_project(std::vector<Operator>& operators) {
  std::vector<std::size_t> members(operators.size());  // by stage
  for (const Operator& op : operators)
    ++members[op.stage];
  const auto stateless = [&](std::size_t at) {
    const Operator& op = operators[at];
    return members[op.stage] == 1 && (op.as<Filter>() != nullptr || op.as<Project>() != nullptr);
  };
  for_each_query(operators, [&](std::size_t first, std::size_t last) {
    for (std::size_t begin = first; begin < last;) {
      std::size_t end = begin;
      while (end < last && stateless(end))
        ++end;
      if (end - begin > 1) fuse(operators, begin, end);
      begin = std::max(end, begin + 1);
    }
  });
}

}  // namespace eventflux::plan
