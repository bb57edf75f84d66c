#include "plan/operator.hpp"

namespace eventflux::plan {

namespace {

/// The operator that stands for those that run as one with `at`.
const Operator& lead_of(const std::vector<Operator>& operators, std::size_t at) {
  const Operator* last = nullptr;
  const Operator* stateful = nullptr;
  // Those of a stage stand side by side.
  const std::size_t stage = operators[at].stage;
  for (std::size_t i = stage; i < operators.size() && operators[i].stage == stage; ++i) {
    last = &operators[i];
    if (last->state) stateful = last;
  }
  return stateful != nullptr ? *stateful : *last;
}

}  // namespace

const std::string& stage_id(const std::vector<Operator>& operators, std::size_t at) {
  return lead_of(operators, at).id;
}

const std::string& stage_label(const std::vector<Operator>& operators, std::size_t at) {
  return lead_of(operators, at).label;
}

std::string_view operator_word(const Operator& op) {
  struct Word {
    std::string_view operator()(const ReadSource&) const { return "source"; }

    std::string_view operator()(const Decode&) const { return "resource"; }

    std::string_view operator()(const Merge&) const { return "stream"; }

    std::string_view operator()(const FilterIndex&) const { return "filter index"; }

    std::string_view operator()(const Filter&) const { return "filter"; }

    std::string_view operator()(const Compute&) const { return "compute"; }

    std::string_view operator()(const Window&) const { return "window"; }

    std::string_view operator()(const Aggregate&) const { return "aggregate"; }

    std::string_view operator()(const Project&) const { return "select"; }

    std::string_view operator()(const OrderLimit&) const { return "order"; }

    std::string_view operator()(const EmitEvents&) const { return "emit"; }

    std::string_view operator()(const WriteSink&) const { return "sink"; }
  };

  return std::visit(Word(), op.body);
}

}  // namespace eventflux::plan
