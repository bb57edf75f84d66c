#include "runtime/operators/keyed_input.hpp"

namespace eventflux::runtime {
namespace {

std::vector<Type> types_of(const Projection& expressions) {
  std::vector<Type> types;
  for (std::size_t i = 0; i < expressions.size(); ++i)
    types.push_back(expressions.type(i));
  return types;
}

}  // namespace

KeyedInput::KeyedInput(KeyedInputSpec spec, std::uint64_t seed)
    : filter_(std::move(spec.filter)),
      where_all_(spec.where.empty()),
      partition_(std::move(spec.partition)),
      keys_(std::move(spec.keys)),
      argument_parts_(std::move(spec.arguments)),
      reads_(std::move(spec.reads)),
      seed_(seed),
      arguments_(argument_parts_.size()) {
  where_ = FilterChain(std::move(spec.where));
}

std::vector<Type> KeyedInput::partition_types() const {
  return types_of(partition_);
}

std::vector<Type> KeyedInput::key_types() const {
  return types_of(keys_);
}

Selection KeyedInput::evaluate(const Batch& batch, RowErrors& errors) {
  arena_.reset();
  errors.clear();
  columns_.clear();
  const EvalContext context = context_of(batch, seed_, arena_, errors);
  Selection rows = filter_.narrow(context, batch.selection, errors);
  if (rows.count != 0) {
    if (!where_all_) mark_counted(context, rows, errors);
    partition_.evaluate(context, rows, columns_);
    keys_.evaluate(context, rows, columns_);
    for (std::size_t i = 0; i < argument_parts_.size(); ++i)
      if (argument_parts_[i] != nullptr)
        arguments_[i] = argument_parts_[i]->evaluate(context, rows);
  } else {
    columns_.resize(partition_.size() + keys_.size());
  }
  rows = without_failed_(rows, errors);
  filtered_ = batch.size() - rows.count - errors.entries().size();
  return rows;
}

void KeyedInput::mark_counted(const EvalContext& context, Selection rows, const RowErrors& errors) {
  counted_.fill(0);
  const Selection passing = where_.narrow(context, rows, errors);
  for_each_row(passing,
               [&](std::uint32_t row) { counted_[row / 64] |= std::uint64_t{1} << (row % 64); });
}

std::vector<Type> Output::types() const {
  return types_of(select_);
}

Selection Output::evaluate(const Batch& rows, std::span<const Column> inputs) {
  arena_.reset();
  columns_.clear();
  EvalContext context = context_of(rows, seed_, arena_, errors_);
  context.columns = inputs;
  Selection left = having_.narrow(context, rows.selection, errors_);
  if (left.count != 0) select_.evaluate(context, left, columns_);
  left = without_failed_(left, errors_);
  filtered_ = rows.size() - left.count - errors_.entries().size();
  return left;
}

}  // namespace eventflux::runtime
