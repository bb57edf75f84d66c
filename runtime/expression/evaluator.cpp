#include "runtime/expression/evaluator.hpp"

#include <utility>

namespace eventflux::runtime {

void RowErrors::fail(std::uint32_t row, Error error) {
  if (failed(row)) return;
  bits_[row / 64] |= std::uint64_t{1} << (row % 64);
  entries_.push_back({row, std::move(error)});
}

void RowErrors::clear() {
  if (entries_.empty()) return;
  entries_.clear();
  bits_.fill(0);
}

namespace {

class ColumnEvaluator final : public Evaluator {
 public:
  ColumnEvaluator(Type type, std::size_t index) : Evaluator(type), index_(index) {}

  Column evaluate(const EvalContext& context, Selection) override {
    return context.columns[index_];
  }

 private:
  std::size_t index_;
};

class RequiredEvaluator final : public Evaluator {
 public:
  RequiredEvaluator(EvaluatorPtr value, std::string column)
      : Evaluator(value->type()), value_(std::move(value)), column_(std::move(column)) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    const Column values = value_->evaluate(context, rows);
    for_each_row(rows, [&](std::uint32_t row) {
      if (values.is_null(row))
        context.errors->fail(row, {Code::missing_field, "column '" + column_ + "' is NOT NULL"});
    });
    return values;
  }

 private:
  EvaluatorPtr value_;
  std::string column_;
};

/// Says of each error which expression it is of.
class NamedErrors final : public ErrorLane {
 public:
  NamedErrors(ErrorLane& to, const std::string& text) : to_(to), text_(text) {}

  void fail(std::uint32_t row, Error error) override {
    error.message += ", in " + text_;
    to_.fail(row, std::move(error));
  }

 private:
  ErrorLane& to_;
  const std::string& text_;
};

class NamedEvaluator final : public Evaluator {
 public:
  NamedEvaluator(EvaluatorPtr value, std::string text)
      : Evaluator(value->type()), value_(std::move(value)), text_(std::move(text)) {}

  bool is_constant() const override { return value_->is_constant(); }

  Column evaluate(const EvalContext& context, Selection rows) override {
    NamedErrors errors(*context.errors, text_);
    EvalContext named = context;
    named.errors = &errors;
    return value_->evaluate(named, rows);
  }

  std::optional<std::uint32_t> select(const EvalContext& context, Selection rows,
                                      std::uint16_t* out) override {
    NamedErrors errors(*context.errors, text_);
    EvalContext named = context;
    named.errors = &errors;
    return value_->select(named, rows, out);
  }

 private:
  EvaluatorPtr value_;
  std::string text_;
};

class ConstantEvaluator final : public Evaluator {
 public:
  ConstantEvaluator(Type type, const Value& value) : Evaluator(type) {
    builder_ = std::make_unique<ColumnBuilder>(type, &arena_);
    builder_->append(value);
    column_ = builder_->column();
    column_.shape = Shape::constant;
  }

  bool is_constant() const override { return true; }

  Column evaluate(const EvalContext&, Selection) override { return column_; }

 private:
  Arena arena_;
  std::unique_ptr<ColumnBuilder> builder_;
  Column column_;
};

class UnaryEvaluator final : public Evaluator {
 public:
  UnaryEvaluator(Kernel kernel, Type type, EvaluatorPtr operand)
      : Evaluator(type), kernel_(kernel), operand_(std::move(operand)), result_(type) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    const Column in = operand_->evaluate(context, rows);
    ColumnWriter out = result_.writer(context.arena);
    KernelCall call{in, in, rows, out, *context.errors};
    kernel_(call);
    return result_.column(out);
  }

 private:
  Kernel kernel_;
  EvaluatorPtr operand_;
  ColumnVector result_;
};

class BinaryEvaluator final : public Evaluator {
 public:
  BinaryEvaluator(Kernel kernel, Type type, EvaluatorPtr left, EvaluatorPtr right,
                  SelectKernel selection)
      : Evaluator(type),
        kernel_(kernel),
        selection_(selection),
        left_(std::move(left)),
        right_(std::move(right)),
        result_(type) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    const Column a = left_->evaluate(context, rows);
    const Column b = right_->evaluate(context, rows);
    ColumnWriter out = result_.writer(context.arena);
    KernelCall call{a, b, rows, out, *context.errors};
    kernel_(call);
    return result_.column(out);
  }

  std::optional<std::uint32_t> select(const EvalContext& context, Selection rows,
                                      std::uint16_t* out) override {
    if (selection_ == nullptr) return std::nullopt;
    const Column a = left_->evaluate(context, rows);
    const Column b = right_->evaluate(context, rows);
    return selection_(a, b, rows, out);
  }

 private:
  Kernel kernel_;
  SelectKernel selection_;
  EvaluatorPtr left_;
  EvaluatorPtr right_;
  ColumnVector result_;
};

class CallEvaluator final : public Evaluator {
 public:
  CallEvaluator(const ScalarFunction& function, Type type, std::uint32_t call_id,
                std::vector<EvaluatorPtr> operands)
      : Evaluator(type),
        body_(function.body),
        call_id_(call_id),
        operands_(std::move(operands)),
        result_(type) {
    arguments_.resize(operands_.size());
  }

  Column evaluate(const EvalContext& context, Selection rows) override {
    for (std::size_t i = 0; i < operands_.size(); ++i)
      arguments_[i] = operands_[i]->evaluate(context, rows);
    ColumnWriter out = result_.writer(context.arena);
    FunctionCall call{arguments_,
                      rows,
                      out,
                      *context.errors,
                      context.time,
                      context.arrived,
                      context.origin,
                      context.first_sequence,
                      context.seed + call_id_};
    body_(call);
    return result_.column(out);
  }

 private:
  FunctionBody body_;
  std::uint32_t call_id_;
  std::vector<EvaluatorPtr> operands_;
  std::vector<Column> arguments_;
  ColumnVector result_;
};

class LikeEvaluator final : public Evaluator {
 public:
  LikeEvaluator(EvaluatorPtr text, EvaluatorPtr pattern, std::string escape, bool fold_case)
      : Evaluator(Type::boolean),
        text_(std::move(text)),
        pattern_(std::move(pattern)),
        escape_(std::move(escape)),
        fold_case_(fold_case),
        result_(Type::boolean) {}

  Column evaluate(const EvalContext& context, Selection rows) override {
    const Column text = text_->evaluate(context, rows);
    const Column pattern = pattern_->evaluate(context, rows);
    ColumnWriter out = result_.writer(context.arena);
    KernelCall call{text, pattern, rows, out, *context.errors};
    merge_validity(call);
    for_each_row(rows, [&](std::uint32_t row) {
      if (!is_valid(out, row)) return;
      const bool fits =
          like(text.at<Text>(row).view(), pattern.at<Text>(row).view(), escape_, fold_case_);
      out.data<std::uint8_t>()[row] = fits ? 1 : 0;
    });
    return result_.column(out);
  }

 private:
  EvaluatorPtr text_;
  EvaluatorPtr pattern_;
  std::string escape_;
  bool fold_case_;
  ColumnVector result_;
};

char fold_char(char c, bool fold) {
  return fold && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_escaped(std::string_view pattern, std::size_t at, std::string_view escape) {
  return !escape.empty() && at + escape.size() < pattern.size() &&
         pattern.substr(at).starts_with(escape);
}

std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    ++end;
  return end - at;
}

}  // namespace

// Greedy with one point to return to, the last `%`: linear in practice, never exponential.
bool like(std::string_view text, std::string_view pattern, std::string_view escape,
          bool fold_case) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    const bool escaped = is_escaped(pattern, p, escape);
    const std::size_t skipped = escaped ? escape.size() : 0;
    const char wanted = p < pattern.size() ? pattern[p + skipped] : '\0';
    if (p < pattern.size() && !escaped && wanted == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && !escaped && wanted == '_') {
      t += character_length(text, t);
      ++p;
    } else if (p < pattern.size() &&
               fold_char(text[t], fold_case) == fold_char(wanted, fold_case)) {
      ++t;
      p += skipped + 1;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      mark += character_length(text, mark);
      t = mark;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', p) == std::string_view::npos;
}

EvaluatorPtr make_column(Type type, std::size_t index) {
  return std::make_unique<ColumnEvaluator>(type, index);
}

EvaluatorPtr make_required(EvaluatorPtr value, std::string column) {
  return std::make_unique<RequiredEvaluator>(std::move(value), std::move(column));
}

EvaluatorPtr make_named(EvaluatorPtr value, std::string text) {
  return std::make_unique<NamedEvaluator>(std::move(value), std::move(text));
}

EvaluatorPtr make_constant(Type type, const Value& value) {
  return std::make_unique<ConstantEvaluator>(type, value);
}

EvaluatorPtr make_unary(Kernel kernel, Type result, EvaluatorPtr operand) {
  return std::make_unique<UnaryEvaluator>(kernel, result, std::move(operand));
}

EvaluatorPtr make_binary(Kernel kernel, Type result, EvaluatorPtr left, EvaluatorPtr right,
                         SelectKernel selection) {
  return std::make_unique<BinaryEvaluator>(kernel, result, std::move(left), std::move(right),
                                           selection);
}

EvaluatorPtr make_call(const ScalarFunction& function, Type type, std::uint32_t call_id,
                       std::vector<EvaluatorPtr> operands) {
  return std::make_unique<CallEvaluator>(function, type, call_id, std::move(operands));
}

EvaluatorPtr make_like(EvaluatorPtr text, EvaluatorPtr pattern, std::string escape,
                       bool fold_case) {
  return std::make_unique<LikeEvaluator>(std::move(text), std::move(pattern), std::move(escape),
                                         fold_case);
}

}  // namespace eventflux::runtime
