#include "runtime/expression/arithmetic_program.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/kernel/cpu.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::uint32_t block_rows = 512;

/// What a step reads: the value of a leaf, or the result of an earlier step.
struct Operand {
  bool is_step = false;
  std::uint32_t index = 0;
};

struct Step {
  Operation operation;
  Operand left;
  Operand right;
  // Done to the result before it is stored: stores are what such loops wait for.
  std::optional<Operation> after{};
  std::uint32_t constant = 0;  // the leaf that `after` takes
  std::uint32_t block = 0;     // where its result goes
};

/// One operand over the rows of a block. Shape: one value when it is constant.
template <class T>
struct Operands {
  const T* values = nullptr;
  bool constant = false;
};

template <class T, class F>
[[gnu::always_inline]] inline void each(Operands<T> a, Operands<T> b, T* __restrict out,
                                        std::uint32_t count, F f) {
  if (!a.constant && !b.constant) {
    for (std::uint32_t i = 0; i < count; ++i)
      out[i] = f(a.values[i], b.values[i]);
    return;
  }
  const T x = *a.values;
  const T y = *b.values;
  if (!a.constant) {
    for (std::uint32_t i = 0; i < count; ++i)
      out[i] = f(a.values[i], y);
  } else {
    for (std::uint32_t i = 0; i < count; ++i)
      out[i] = f(x, b.constant ? y : b.values[i]);
  }
}

template <class T>
struct Computation {
  Operands<T> left;
  Operands<T> right;
  std::optional<Operation> after;
  T constant;
  std::uint32_t count;
};

template <class T, class F>
[[gnu::always_inline]] inline void each_after(const Computation<T>& c, T* __restrict out, F f) {
  const T constant = c.constant;
  if (!c.after) return each(c.left, c.right, out, c.count, f);
  switch (*c.after) {
    case Operation::add:
      return each(c.left, c.right, out, c.count, [=](T x, T y) { return f(x, y) + constant; });
    case Operation::subtract:
      return each(c.left, c.right, out, c.count, [=](T x, T y) { return f(x, y) - constant; });
    case Operation::multiply:
      return each(c.left, c.right, out, c.count, [=](T x, T y) { return f(x, y) * constant; });
    default:
      return each(c.left, c.right, out, c.count, [=](T x, T y) { return f(x, y) / constant; });
  }
}

template <class T>
EF_CLONES void compute(Operation operation, const Computation<T>& c, T* __restrict out) {
  switch (operation) {
    case Operation::add:
      return each_after(c, out, [](T x, T y) { return x + y; });
    case Operation::subtract:
      return each_after(c, out, [](T x, T y) { return x - y; });
    case Operation::multiply:
      return each_after(c, out, [](T x, T y) { return x * y; });
    default:
      return each_after(c, out, [](T x, T y) { return x / y; });
  }
}

/// Returns whether any value is zero, in a loop of vectors.
template <class T>
EF_CLONES bool any_zero(Operands<T> divisors, std::uint32_t count) {
  using Mask = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  if (divisors.constant) return *divisors.values == T{0};
  Mask zero = 0;
  for (std::uint32_t i = 0; i < count; ++i)
    zero |= divisors.values[i] == T{0} ? ~Mask{0} : Mask{0};
  return zero != 0;
}

/// Part of a selection. Shape: `rows` is null when the rows follow each other from `first` on.
struct Block {
  std::uint32_t first = 0;
  const std::uint16_t* rows = nullptr;
  std::uint32_t count = 0;

  std::uint32_t row(std::uint32_t i) const { return rows == nullptr ? first + i : rows[i]; }
};

template <class T>
class ArithmeticProgram final : public Evaluator {
 public:
  ArithmeticProgram(Type type, Operation operation, EvaluatorPtr left, EvaluatorPtr right)
      : Evaluator(type), kernel_(find_kernel(operation, type)), result_(type) {
    const Operand a = take(std::move(left));
    const Operand b = take(std::move(right));
    add_step(operation, a, b);
    place_results();
    columns_.resize(leaves_.size());
    inputs_.resize(leaves_.size());
  }

  Column evaluate(const EvalContext& context, Selection rows) override {
    ColumnWriter out = result_.writer(context.arena);
    for (std::size_t i = 0; i < leaves_.size(); ++i)
      columns_[i] = leaves_[i]->evaluate(context, rows);
    if (steps_.size() == 1 && !steps_[0].after) {
      KernelCall call{columns_[0], columns_[1], rows, out, *context.errors};
      kernel_(call);
      return result_.column(out);
    }
    for (const Column& column : columns_)
      copy_validity(column, rows, out);
    if (const auto range = dense_range(rows)) {
      for (std::uint32_t row = range->first; row < range->last; row += block_rows)
        run({row, nullptr, std::min(block_rows, range->last - row)}, out);
    } else {
      for (std::uint32_t i = 0; i < rows.count; i += block_rows)
        run({0, rows.rows + i, std::min(block_rows, rows.count - i)}, out);
    }
    return result_.column(out);
  }

 private:
  /// Makes the steps and leaves of a program part of this one; anything else is a leaf.
  Operand take(EvaluatorPtr operand) {
    auto* program = dynamic_cast<ArithmeticProgram*>(operand.get());
    if (program == nullptr) {
      leaves_.push_back(std::move(operand));
      return {false, static_cast<std::uint32_t>(leaves_.size() - 1)};
    }
    const auto first_leaf = static_cast<std::uint32_t>(leaves_.size());
    const auto first_step = static_cast<std::uint32_t>(steps_.size());
    for (EvaluatorPtr& leaf : program->leaves_)
      leaves_.push_back(std::move(leaf));
    const auto moved = [&](Operand old) {
      return Operand{old.is_step, old.index + (old.is_step ? first_step : first_leaf)};
    };
    for (const Step& step : program->steps_) {
      steps_.push_back({step.operation, moved(step.left), moved(step.right), step.after,
                        step.constant + first_leaf});
    }
    return {true, static_cast<std::uint32_t>(steps_.size() - 1)};
  }

  /// Adds a step, or lets the one before do its work too when that only takes a constant.
  void add_step(Operation operation, Operand a, Operand b) {
    const bool swaps = operation == Operation::add || operation == Operation::multiply;
    if (swaps && b.is_step && !a.is_step) std::swap(a, b);
    const bool joins =
        a.is_step && !steps_.back().after && !b.is_step && leaves_[b.index]->is_constant();
    if (joins) {
      steps_.back().after = operation;
      steps_.back().constant = b.index;
    } else {
      steps_.push_back({operation, a, b});
    }
  }

  /// Gives each step a block of memory that no operand of it and no later step still needs.
  void place_results() {
    std::vector<std::uint32_t> free;
    std::uint32_t blocks = 0;
    for (Step& step : steps_) {
      if (free.empty()) free.push_back(blocks++);
      step.block = free.back();
      free.pop_back();
      for (const Operand operand : {step.left, step.right})
        if (operand.is_step) free.push_back(steps_[operand.index].block);
    }
    results_.resize(std::size_t{blocks} * block_rows);
    gathered_.resize(leaves_.size() * block_rows);
  }

  void run(Block block, ColumnWriter& out) {
    read_leaves(block);
    T* const target = out.data<T>();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      const bool last = i + 1 == steps_.size();
      T* const place = last && block.rows == nullptr ? target + block.first : result(step);
      const Operands<T> divisors = operands(step.right);
      const Operands<T> constant = inputs_[step.constant];
      compute<T>(step.operation,
                 {operands(step.left), divisors, step.after, *constant.values, block.count}, place);
      if (step.operation == Operation::divide && any_zero(divisors, block.count))
        set_null_where_zero(divisors, block, out);
      if (step.after == Operation::divide && *constant.values == T{0})
        set_null_where_zero(constant, block, out);
    }
    if (block.rows == nullptr) return;
    for (std::uint32_t i = 0; i < block.count; ++i)
      target[block.rows[i]] = result(steps_.back())[i];
  }

  void read_leaves(Block block) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const T* const values = columns_[i].template data<T>();
      const bool constant = columns_[i].shape == Shape::constant;
      inputs_[i] = {constant ? values : values + block.first, constant};
      if (constant || block.rows == nullptr) continue;
      T* const gathered = gathered_.data() + i * block_rows;
      for (std::uint32_t n = 0; n < block.count; ++n)
        gathered[n] = values[block.rows[n]];
      inputs_[i].values = gathered;
    }
  }

  static void set_null_where_zero(Operands<T> divisors, Block block, ColumnWriter& out) {
    for (std::uint32_t i = 0; i < block.count; ++i)
      if (divisors.values[divisors.constant ? 0 : i] == T{0}) out.set_null(block.row(i));
  }

  Operands<T> operands(Operand operand) {
    if (!operand.is_step) return inputs_[operand.index];
    return {result(steps_[operand.index]), false};
  }

  T* result(const Step& step) { return results_.data() + std::size_t{step.block} * block_rows; }

  Kernel kernel_;  // of the only step, when there is one
  std::vector<EvaluatorPtr> leaves_;
  std::vector<Step> steps_;  // each after those it reads; the last gives the result
  std::vector<Column> columns_;
  std::vector<Operands<T>> inputs_;
  std::vector<T> results_;
  std::vector<T> gathered_;
  ColumnVector result_;
};

}  // namespace

bool is_real_arithmetic(Operation operation, Type operands) {
  const bool computed = operation == Operation::add || operation == Operation::subtract ||
                        operation == Operation::multiply || operation == Operation::divide;
  return computed && (operands == Type::float64 || operands == Type::float32);
}

EvaluatorPtr make_real(Operation operation, EvaluatorPtr left, EvaluatorPtr right) {
  const Type type = left->type();
  if (type == Type::float32)
    return std::make_unique<ArithmeticProgram<float>>(type, operation, std::move(left),
                                                      std::move(right));
  return std::make_unique<ArithmeticProgram<double>>(type, operation, std::move(left),
                                                     std::move(right));
}

}  // namespace eventflux::runtime
