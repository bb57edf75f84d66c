#pragma once

#include "runtime/expression/evaluator.hpp"

namespace eventflux::runtime {

/// Returns whether make_real() computes an operation.
bool is_real_arithmetic(Operation operation, Type operands);

/// Returns the evaluator of `+ - * /` over DOUBLE or FLOAT operands of one type; a divisor of zero
/// gives NULL. Operands that come from make_real() too become part of one program, which runs over
/// a few hundred rows at a time: what a step writes is still in the nearest cache when the next
/// step reads it. Benchmark: `micro/expression`.
EvaluatorPtr make_real(Operation operation, EvaluatorPtr left, EvaluatorPtr right);

}  // namespace eventflux::runtime
