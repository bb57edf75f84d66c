#pragma once

#include <optional>
#include <span>
#include <vector>

#include "semantic/scope.hpp"
#include "semantic/type_rules.hpp"
#include "syntax/ast_expression.hpp"

namespace eventflux::semantic {

/// What all expressions of an app share.
struct Binding {
  const Registry& registry;
  Report& report;
  std::uint32_t calls = 0;  ///< Numbers the calls of functions.
};

/// Turns expressions into typed ones, in one scope.
class ExpressionBinder {
 public:
  ExpressionBinder(Binding& binding, const Scope& scope) : binding_(binding), scope_(scope) {}

  Result<ExpressionPtr> bind(const syntax::Expression& expression);
  /// Binds a condition. Fails: EF0209 when it is not BOOLEAN.
  Result<ExpressionPtr> condition(const syntax::Expression& expression);

 private:
  using Pointers = std::vector<const syntax::Expression*>;

  Result<ExpressionPtr> bind(const syntax::NullLiteral&, Span span);
  Result<ExpressionPtr> bind(const syntax::BooleanLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::IntegerLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::DecimalLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::OctetsLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::StringLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::DurationLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::TimestampLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::PathLiteral& node, Span span);
  Result<ExpressionPtr> bind(const syntax::ColumnName& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Member& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Index& node, Span span);
  Result<ExpressionPtr> bind(const syntax::JsonAccess& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Unary& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Binary& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Between& node, Span span);
  Result<ExpressionPtr> bind(const syntax::InList& node, Span span);
  Result<ExpressionPtr> bind(const syntax::InTable& node, Span span);
  Result<ExpressionPtr> bind(const syntax::TextMatch& node, Span span);
  Result<ExpressionPtr> bind(const syntax::IsTest& node, Span span);
  Result<ExpressionPtr> bind(const syntax::IsDistinct& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Case& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Cast& node, Span span);
  Result<ExpressionPtr> bind(const syntax::Call& node, Span span);

  Result<ExpressionPtr> arithmetic(const syntax::Binary& node, Span span);
  Result<ExpressionPtr> concatenation(std::vector<ExpressionPtr> both, Span span);
  Result<ExpressionPtr> decimal_arithmetic(Operator op, std::vector<ExpressionPtr> operands,
                                           Span op_span, Span span);
  Result<ExpressionPtr> scaled_duration(Operator op, std::vector<ExpressionPtr> operands,
                                        Span span);
  Result<ExpressionPtr> time_arithmetic(Operator op, std::vector<ExpressionPtr> operands,
                                        Span op_span, Span span);
  Result<ExpressionPtr> comparison(Operator op, std::vector<ExpressionPtr> operands, Span span);
  Result<ExpressionPtr> equals_subject(const syntax::Expression& subject,
                                       const ExpressionPtr& bound, const syntax::Expression& value);
  Result<ExpressionPtr> aggregate(const syntax::Call& node, Span span);
  Result<ExpressionPtr> call(const std::string& name, Span name_span,
                             std::vector<ExpressionPtr> arguments, Span span);
  Result<ExpressionPtr> boolean(const syntax::Expression& expression, std::string_view what);
  /// Binds side by side: a JSON path takes the common type of the others.
  Result<std::vector<ExpressionPtr>> operands(const Pointers& expressions);
  Result<ExpressionPtr> path(const syntax::PathLiteral& node, Type type, Span span);
  static ExpressionPtr negated(ExpressionPtr expression, bool negate);

  Binding& binding_;
  const Scope& scope_;
};

/// Reads a type by its name. Fails: EF0212 with the nearest name, EF0230.
Result<Type> bind_type(const syntax::TypeName& type, Report& report);

}  // namespace eventflux::semantic
