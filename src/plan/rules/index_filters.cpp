#include "plan/rules/index_filters.hpp"

#include <map>
#include <utility>

namespace eventflux::plan {
namespace {

using semantic::Expression;
using semantic::ExpressionPtr;
using Comparison = semantic::Operator;

struct Candidate {
  std::size_t column = 0;
  Filter::Term term{};
};

bool has_order(Type type) {
  switch (type) {
    case Type::int32:
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
    case Type::float64:
      return true;
    case Type::boolean:
    case Type::float32:
    case Type::decimal:
    case Type::string:
    case Type::bytes:
    case Type::json:
      return false;
  }
  return false;
}

/// Returns whether equal values of a type have equal bits.
bool has_hash(Type type) {
  return type == Type::string || (has_order(type) && type != Type::float64);
}

/// Returns what stands for `comparison` when its sides are exchanged; nothing for other operators.
std::optional<Comparison> mirrored(Comparison comparison) {
  const std::map<Comparison, Comparison> pairs = {
      {Comparison::equal, Comparison::equal},
      {Comparison::less, Comparison::greater},
      {Comparison::less_equal, Comparison::greater_equal},
      {Comparison::greater, Comparison::less},
      {Comparison::greater_equal, Comparison::less_equal},
  };
  const auto found = pairs.find(comparison);
  if (found == pairs.end()) return std::nullopt;
  return found->second;
}

/// Returns `column comparison constant` when a condition is that and an index can go by it.
std::optional<Candidate> candidate_of(const Expression& condition) {
  if (condition.kind != Expression::Kind::operation || condition.operands.size() != 2)
    return std::nullopt;
  const auto exchanged = mirrored(condition.op);
  if (!exchanged) return std::nullopt;
  const Expression* column = condition.operands[0].get();
  const Expression* constant = condition.operands[1].get();
  Comparison comparison = condition.op;
  if (column->kind == Expression::Kind::constant) {
    std::swap(column, constant);
    comparison = *exchanged;
  }
  const bool fits = column->kind == Expression::Kind::column &&
                    column->space == semantic::ColumnSource::input &&
                    constant->kind == Expression::Kind::constant && !constant->value.is_null() &&
                    column->type == constant->type;
  if (!fits) return std::nullopt;
  const bool indexed =
      comparison == Comparison::equal ? has_hash(column->type) : has_order(column->type);
  if (!indexed) return std::nullopt;
  return Candidate{column->index, {comparison, constant->value}};
}

/// Appends the comparisons that are judged before anything that could fail. Returns whether that is
/// all of the condition.
bool add_candidates(const Expression& condition, std::vector<Candidate>& out) {
  if (condition.kind == Expression::Kind::operation && condition.op == Comparison::logic_and) {
    for (const ExpressionPtr& operand : condition.operands)
      if (!add_candidates(*operand, out)) return false;
    return true;
  }
  const auto candidate = candidate_of(condition);
  if (!candidate) return false;
  out.push_back(*candidate);
  return true;
}

class Indexer {
 public:
  explicit Indexer(std::vector<Operator>& operators) : operators_(operators) {}

  void run() {
    find();
    choose();
    if (!indexes_.empty()) insert();
  }

 private:
  /// A column of a stream: index of its Merge, index of the column.
  using Place = std::pair<std::size_t, std::size_t>;

  bool reads_stream(const Operator& op) const {
    return op.as<Filter>() != nullptr && operators_[op.inputs.front()].as<Merge>() != nullptr;
  }

  void find() {
    for (std::size_t at = 0; at < operators_.size(); ++at) {
      const Operator& op = operators_[at];
      if (!reads_stream(op)) continue;
      std::vector<Candidate>& found = candidates_[at];
      add_candidates(*op.as<Filter>()->condition, found);
      for (const Candidate& candidate : found)
        ++filters_[{op.inputs.front(), candidate.column}];
    }
  }

  void choose() {
    for (const auto& [at, candidates] : candidates_) {
      const std::size_t stream = operators_[at].inputs.front();
      const Candidate* best = nullptr;
      for (const Candidate& candidate : candidates) {
        if (filters_[{stream, candidate.column}] < indexed_filters_min) continue;
        const bool equality = candidate.term.comparison == Comparison::equal;
        if (best == nullptr || (equality && best->term.comparison != Comparison::equal))
          best = &candidate;
      }
      if (best == nullptr) continue;
      std::get<Filter>(operators_[at].body).indexed = best->term;
      chosen_[at] = {stream, best->column};
      indexes_[stream].emplace(best->column, 0);
    }
  }

  /// Writes the operators anew, each index behind its stream.
  void insert() {
    std::vector<Operator> all;
    std::vector<std::size_t> moved(operators_.size());
    for (std::size_t at = 0; at < operators_.size(); ++at) {
      moved[at] = all.size();
      all.push_back(std::move(operators_[at]));
      for (std::size_t& input : all.back().inputs)
        input = moved[input];
      if (const auto found = chosen_.find(at); found != chosen_.end())
        all.back().inputs.front() = indexes_[found->second.first][found->second.second];
      all.back().stage = moved[at];
      const auto indexes = indexes_.find(at);
      if (indexes == indexes_.end()) continue;
      for (auto& [column, place] : indexes->second) {
        place = all.size();
        Operator index{.body = FilterIndex{column}, .inputs = {moved[at]}};
        index.layout = all[moved[at]].layout;
        index.stage = place;
        all.push_back(std::move(index));
      }
    }
    operators_ = std::move(all);
  }

  std::vector<Operator>& operators_;
  std::map<std::size_t, std::vector<Candidate>> candidates_;           // by filter
  std::map<Place, std::size_t> filters_;                               // how many there are
  std::map<std::size_t, Place> chosen_;                                // by filter
  std::map<std::size_t, std::map<std::size_t, std::size_t>> indexes_;  // stream, column → place
};

}  // namespace

void index_filters(std::vector<Operator>& operators) {
  Indexer(operators).run();
}

}  // namespace eventflux::plan
