#include "runtime/expression/shared_value.hpp"

#include <utility>

#include "runtime/column/copy_rows.hpp"

namespace eventflux::runtime {
namespace {

class UseEvaluator final : public Evaluator {
 public:
  explicit UseEvaluator(std::shared_ptr<SharedValue> value)
      : Evaluator(value->type()), value_(std::move(value)) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    return value_->evaluate(context, rows);
  }

 private:
  std::shared_ptr<SharedValue> value_;  // the other places own it too
};

}  // namespace

Column SharedValue::evaluate(const EvalContext& context, Selection rows) {
  if (frame_ != context.number || context.number == 0) {
    frame_ = context.number;
    known_.fill(0);
    out_ = result_.writer(context.arena);
  }
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    missing_[count] = static_cast<std::uint16_t>(row);
    count += (known_[row / 64] & bit) == 0 ? 1 : 0;
    known_[row / 64] |= bit;
  });
  const Selection missing{missing_.data(), count};
  if (count != 0) copy_rows(value_->evaluate(context, missing), missing, out_);
  return result_.column(out_);
}

EvaluatorPtr make_use(std::shared_ptr<SharedValue> value) {
  return std::make_unique<UseEvaluator>(std::move(value));
}

}  // namespace eventflux::runtime
