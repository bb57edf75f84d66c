#include "plan.hpp"

#include <algorithm>

namespace eventflux::mappers::json {
namespace {

class Planner {
 public:
  explicit Planner(Path each) : each_(std::move(each)) { plan_.nodes.resize(1); }

  Result<void> add_rows() {
    if (each_.steps.empty()) return {};
    const NodeId row = add_node();
    EF_TRY(const NodeId end, reach(0, each_.steps));
    plan_.nodes[end].row = row;
    plan_.row = row;
    return {};
  }

  Result<void> add_column(std::uint32_t column, Path path, const std::string& text) {
    if (std::any_of(path.steps.begin(), path.steps.end(),
                    [](const Step& step) { return step.kind == StepKind::every; })) {
      return Error{Code::invalid_path, "'" + text + "' gives a column more than one value",
                   "make rows with EACH and bind the column by @"};
    }
    if (path.anchor == Anchor::payload && path.steps.empty()) {
      plan_.payload_columns.push_back(column);
      plan_.whole_columns.push_back(column);
      return {};
    }
    make_relative(path);
    const bool in_row = path.anchor == Anchor::row;
    EF_TRY(const NodeId end, reach(in_row ? plan_.row : 0, path.steps));
    plan_.nodes[end].columns.push_back(column);
    (in_row ? plan_.row_columns : plan_.payload_columns).push_back(column);
    return {};
  }

  Plan take() {
    for (Node& node : plan_.nodes)
      if (node.leaf() && node.columns.size() == 1) node.sole = node.columns[0];
    return std::move(plan_);
  }

 private:
  NodeId add_node() {
    plan_.nodes.emplace_back();
    return static_cast<NodeId>(plan_.nodes.size() - 1);
  }

  // A path through the element of EACH is bound from there, so that each value is walked once.
  void make_relative(Path& path) const {
    if (path.anchor == Anchor::row || path.steps.size() < each_.steps.size()) return;
    if (!std::equal(each_.steps.begin(), each_.steps.end(), path.steps.begin())) return;
    path.anchor = Anchor::row;
    path.steps.erase(path.steps.begin(),
                     path.steps.begin() + static_cast<std::ptrdiff_t>(each_.steps.size()));
  }

  Result<NodeId> reach(NodeId from, const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      from = child(from, step);
      const Node& node = plan_.nodes[from];
      if (node.every != no_node && !node.elements.empty()) {
        return Error{Code::invalid_path, "[*] and an index cannot be read at the same place",
                     "bind the column by @ to the element"};
      }
    }
    return from;
  }

  NodeId child(NodeId from, const Step& step) {
    if (step.kind == StepKind::every) {
      if (plan_.nodes[from].every == no_node) {
        const NodeId added = add_node();
        plan_.nodes[from].every = added;
      }
      return plan_.nodes[from].every;
    }
    if (step.kind == StepKind::element) {
      for (const auto& [index, node] : plan_.nodes[from].elements)
        if (index == step.index) return node;
      const NodeId added = add_node();
      plan_.nodes[from].elements.emplace_back(step.index, added);
      return added;
    }
    for (const auto& [name, node] : plan_.nodes[from].members)
      if (name == step.name) return node;
    const NodeId added = add_node();
    plan_.nodes[from].members.emplace_back(step.name, added);
    plan_.nodes[from].keys.add(step.name, added);
    return added;
  }

  Plan plan_;
  Path each_;
};

Result<Path> column_path(const FieldSpec& field,
                         const std::map<std::string, std::string>& mapping) {
  const auto found = mapping.find(field.name);
  if (!field.path.empty()) return parse_path(field.path);
  if (found != mapping.end()) return parse_path(found->second);
  return Path{Anchor::row, {Step{StepKind::member, field.name, 0}}};
}

Result<void> check_mapped(const DecoderSpec& spec, const std::string& name) {
  const bool known = std::any_of(spec.fields.begin(), spec.fields.end(),
                                 [&](const FieldSpec& field) { return field.name == name; });
  if (known) return {};
  return Error{Code::unknown_column, "unknown column '" + name + "' in mapping." + name,
               "a mapping names a column of the stream"};
}

}  // namespace

Result<Plan> make_plan(const DecoderSpec& spec, const std::map<std::string, std::string>& mapping) {
  for (const auto& mapped : mapping)
    EF_CHECK(check_mapped(spec, mapped.first));
  EF_TRY(Path each, parse_path(spec.each.empty() ? "$" : spec.each));
  if (each.anchor == Anchor::row) {
    return Error{Code::invalid_path, "'" + spec.each + "' begins with @, which EACH defines",
                 "begin it with $"};
  }
  Planner planner(std::move(each));
  EF_CHECK(planner.add_rows());
  for (std::uint32_t i = 0; i < spec.fields.size(); ++i) {
    EF_TRY(Path path, column_path(spec.fields[i], mapping));
    EF_CHECK(planner.add_column(i, std::move(path), spec.fields[i].path));
  }
  return planner.take();
}

}  // namespace eventflux::mappers::json
