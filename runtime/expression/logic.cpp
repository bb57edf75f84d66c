#include <array>
#include <utility>

#include "runtime/column/copy_rows.hpp"
#include "runtime/expression/evaluator.hpp"

// Three-valued logic. Every node narrows the selection for what stands to its right, so an operand
// that may fail (a cast, integer arithmetic) is only evaluated where its value matters.

namespace eventflux::runtime {
namespace {

using RowList = std::array<std::uint16_t, batch_rows_max>;

bool is_true(const Column& column, std::uint32_t row) {
  return !column.is_null(row) && column.at<std::uint8_t>(row) != 0;
}

bool is_false(const Column& column, std::uint32_t row) {
  return !column.is_null(row) && column.at<std::uint8_t>(row) == 0;
}

bool is_plain(const Column& column) {
  return column.shape == Shape::flat && column.valid == nullptr;
}

/// AND when `absorbing` is false, OR when it is true: an operand of that value decides alone.
class LogicalEvaluator final : public Evaluator {
 public:
  LogicalEvaluator(bool absorbing, EvaluatorPtr left, EvaluatorPtr right)
      : Evaluator(Type::boolean),
        absorbing_(absorbing),
        left_(std::move(left)),
        right_(std::move(right)),
        result_(Type::boolean) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    const Column a = left_->evaluate(context, rows);
    ColumnWriter out = result_.writer(context.arena);
    auto* values = out.data<std::uint8_t>();
    const bool plain = is_plain(a);
    const auto* decided = a.data<std::uint8_t>();
    const std::uint8_t absorbing = absorbing_ ? 1 : 0;
    std::uint32_t open = 0;
    for_each_row(rows, [&](std::uint32_t row) {
      values[row] = absorbing;
      open_[open] = static_cast<std::uint16_t>(row);
      open += (plain ? (decided[row] != 0) != absorbing_ : !decides(a, row)) ? 1 : 0;
    });
    const Selection rest{open_.data(), open};
    if (open == 0) return result_.column(out);
    const Column b = right_->evaluate(context, rest);
    if (plain && is_plain(b)) {
      copy_values<std::uint8_t>(b, rest, out);
      return result_.column(out);
    }
    settle(a, b, rest, out);
    return result_.column(out);
  }

 private:
  /// Writes the rows that the left side left open and the right side does not decide.
  void settle(const Column& a, const Column& b, Selection rest, ColumnWriter& out) const {
    for_each_row(rest, [&](std::uint32_t row) {
      if (decides(b, row)) return;
      out.data<std::uint8_t>()[row] = absorbing_ ? 0 : 1;
      if (a.is_null(row) || b.is_null(row)) out.set_null(row);
    });
  }

  bool decides(const Column& column, std::uint32_t row) const {
    return absorbing_ ? is_true(column, row) : is_false(column, row);
  }

  bool absorbing_;
  EvaluatorPtr left_;
  EvaluatorPtr right_;
  ColumnVector result_;
  RowList open_;
};

void invert(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  auto* out = call.out.data<std::uint8_t>();
  for_each_row(call.rows,
               [&](std::uint32_t row) { out[row] = call.left.at<std::uint8_t>(row) == 0 ? 1 : 0; });
}

class CaseEvaluator final : public Evaluator {
 public:
  CaseEvaluator(Type type, std::vector<EvaluatorPtr> operands)
      : Evaluator(type), operands_(std::move(operands)), result_(type) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    ColumnWriter out = result_.writer(context.arena);
    std::uint32_t open = 0;
    for_each_row(rows, [&](std::uint32_t row) { open_[open++] = static_cast<std::uint16_t>(row); });
    for (std::size_t i = 0; i + 1 < operands_.size() && open != 0; i += 2) {
      const Column condition = operands_[i]->evaluate(context, {open_.data(), open});
      const std::uint32_t taken = split(condition, open);
      open -= taken;
      take(context, *operands_[i + 1], {taken_.data(), taken}, out);
    }
    take(context, *operands_.back(), {open_.data(), open}, out);
    return result_.column(out);
  }

 private:
  /// Moves the open rows for which a condition is TRUE to the taken ones; returns how many.
  std::uint32_t split(const Column& condition, std::uint32_t open) {
    std::uint32_t left = 0;
    std::uint32_t taken = 0;
    const auto* values = condition.data<std::uint8_t>();
    const bool plain = is_plain(condition);
    for (std::uint32_t k = 0; k < open; ++k) {
      const std::uint16_t row = open_[k];
      const std::uint32_t takes = (plain ? values[row] != 0 : is_true(condition, row)) ? 1 : 0;
      taken_[taken] = row;
      open_[left] = row;
      taken += takes;
      left += 1 - takes;
    }
    return taken;
  }

  static void take(const EvalContext& context, Evaluator& result, Selection rows,
                   ColumnWriter& out) {
    if (rows.count != 0) copy_rows(result.evaluate(context, rows), rows, out);
  }

  std::vector<EvaluatorPtr> operands_;
  ColumnVector result_;
  RowList open_;
  RowList taken_;
};

class InListEvaluator final : public Evaluator {
 public:
  InListEvaluator(Kernel equal, std::vector<EvaluatorPtr> operands)
      : Evaluator(Type::boolean),
        equal_(equal),
        operands_(std::move(operands)),
        result_(Type::boolean),
        test_(Type::boolean) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    const Column value = operands_[0]->evaluate(context, rows);
    ColumnWriter out = result_.writer(context.arena);
    auto* values = out.data<std::uint8_t>();
    std::uint32_t open = 0;
    for_each_row(rows, [&](std::uint32_t row) {
      values[row] = 0;
      open_[open++] = static_cast<std::uint16_t>(row);
    });
    for (std::size_t i = 1; i < operands_.size() && open != 0; ++i)
      open = test(context, value, *operands_[i], open, out);
    return result_.column(out);
  }

 private:
  /// Compares the rows not decided yet with one item; returns how many are left.
  std::uint32_t test(const EvalContext& context, const Column& value, Evaluator& item,
                     std::uint32_t open, ColumnWriter& out) {
    const Selection rows{open_.data(), open};
    const Column other = item.evaluate(context, rows);
    ColumnWriter equal = test_.writer(context.arena);
    KernelCall call{value, other, rows, equal, *context.errors};
    equal_(call);
    std::uint32_t left = 0;
    for (std::uint32_t k = 0; k < open; ++k) {
      const std::uint16_t row = open_[k];
      if (!is_valid(equal, row)) out.set_null(row);
      if (is_valid(equal, row) && equal.data<std::uint8_t>()[row] != 0) {
        out.data<std::uint8_t>()[row] = 1;
        out.valid[row / 64] |= std::uint64_t{1} << (row % 64);
      } else {
        open_[left++] = row;
      }
    }
    return left;
  }

  Kernel equal_;
  std::vector<EvaluatorPtr> operands_;
  ColumnVector result_;
  ColumnVector test_;
  RowList open_;
};

}  // namespace

EvaluatorPtr make_and(EvaluatorPtr left, EvaluatorPtr right) {
  return std::make_unique<LogicalEvaluator>(false, std::move(left), std::move(right));
}

EvaluatorPtr make_or(EvaluatorPtr left, EvaluatorPtr right) {
  return std::make_unique<LogicalEvaluator>(true, std::move(left), std::move(right));
}

EvaluatorPtr make_not(EvaluatorPtr operand) {
  return make_unary(invert, Type::boolean, std::move(operand));
}

EvaluatorPtr make_choice(Type type, std::vector<EvaluatorPtr> operands) {
  return std::make_unique<CaseEvaluator>(type, std::move(operands));
}

EvaluatorPtr make_in_list(Kernel equal, std::vector<EvaluatorPtr> operands) {
  return std::make_unique<InListEvaluator>(equal, std::move(operands));
}

}  // namespace eventflux::runtime
