#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/function.hpp"

#include "runtime/column/column_vector.hpp"
#include "runtime/kernel/kernel.hpp"

namespace eventflux::runtime {

/// Collects the rows of a batch that failed, with the first reason of each.
class RowErrors final : public ErrorLane {
 public:
  struct Entry {
    std::uint32_t row;
    Error error;
  };

  void fail(std::uint32_t row, Error error) override;

  bool empty() const { return entries_.empty(); }

  bool failed(std::uint32_t row) const { return ((bits_[row / 64] >> (row % 64)) & 1U) != 0; }

  const std::vector<Entry>& entries() const { return entries_; }

  void clear();

 private:
  std::vector<Entry> entries_;
  std::array<std::uint64_t, batch_rows_max / 64> bits_{};
};

/// What an expression is evaluated over. Owns: nothing.
struct EvalContext {
  std::span<const Column> columns;
  const std::int64_t* time = nullptr;
  const std::int64_t* arrived = nullptr;
  const std::uint32_t* origin = nullptr;
  std::uint64_t first_sequence = 0;
  std::uint64_t seed = 0;
  Arena* arena = nullptr;
  ErrorLane* errors = nullptr;
  std::uint64_t number = 0;  ///< Of the context, from 1, where expressions share values.
};

/// An expression, compiled: one virtual call and one kernel loop per node and batch.
/// Owns: the column it returned lives until its next evaluation. Thread: one.
class Evaluator {
 public:
  explicit Evaluator(Type type) : type_(type) {}

  virtual ~Evaluator() = default;

  Type type() const { return type_; }

  /// Returns whether every row has the same value, in every context.
  virtual bool is_constant() const { return false; }

  /// Returns a column that holds the values of the selected rows; other rows mean nothing.
  virtual Column evaluate(const EvalContext& context, Selection rows) = 0;

  /// Writes the selected rows in which this BOOLEAN is TRUE to `out`, which may be the memory of
  /// the selection, and returns how many; rows that failed may be among them. Nothing: there is no
  /// shorter way than evaluate().
  virtual std::optional<std::uint32_t> select(const EvalContext& /*context*/, Selection /*rows*/,
                                              std::uint16_t* /*out*/) {
    return std::nullopt;
  }

 private:
  Type type_;
};

using EvaluatorPtr = std::unique_ptr<Evaluator>;

EvaluatorPtr make_column(Type type, std::size_t index);
/// Fails the rows in which the value of a NOT NULL column is NULL: EF0602.
EvaluatorPtr make_required(EvaluatorPtr value, std::string column);
/// Names an expression in the errors of its rows: "integer addition overflows, in a + b".
EvaluatorPtr make_named(EvaluatorPtr value, std::string text);
EvaluatorPtr make_constant(Type type, const Value& value);
EvaluatorPtr make_unary(Kernel kernel, Type result, EvaluatorPtr operand);
/// `selection` is a second way, for rows that have to pass; null pointer: there is none.
EvaluatorPtr make_binary(Kernel kernel, Type result, EvaluatorPtr left, EvaluatorPtr right,
                         SelectKernel selection = nullptr);
/// Three-valued; the right side sees only rows that the left side leaves open.
EvaluatorPtr make_and(EvaluatorPtr left, EvaluatorPtr right);
EvaluatorPtr make_or(EvaluatorPtr left, EvaluatorPtr right);
EvaluatorPtr make_not(EvaluatorPtr operand);
/// `condition, result, …, otherwise`; each result sees only its own rows.
EvaluatorPtr make_choice(Type type, std::vector<EvaluatorPtr> operands);
EvaluatorPtr make_call(const ScalarFunction& function, Type type, std::uint32_t call_id,
                       std::vector<EvaluatorPtr> operands);
/// `value IN (items…)`, three-valued.
EvaluatorPtr make_in_list(Kernel equal, std::vector<EvaluatorPtr> operands);
/// LIKE with a constant or computed pattern. `escape` is a character or 0.
EvaluatorPtr make_like(EvaluatorPtr text, EvaluatorPtr pattern, std::string escape, bool fold_case);

/// Returns whether `text` fits a LIKE pattern; `_` stands for one character, `%` for any number.
bool like(std::string_view text, std::string_view pattern, std::string_view escape, bool fold_case);

}  // namespace eventflux::runtime
