#include "runtime/operators/filter_project_operator.hpp"

namespace eventflux::runtime {

void FilterProjectOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  arena_.reset();
  errors_.clear();
  columns_.clear();
  EvalContext context = context_of(batch, seed_, arena_, errors_);
  context.number = ++frames_;
  Selection rows = conditions_.narrow(context, batch.selection, errors_);
  if (rows.count != 0) expressions_.evaluate(context, rows, columns_);
  rows = without_failed_(rows, errors_);
  const std::uint64_t failed = errors_.entries().size();
  counters.drop(DropReason::filtered, batch.size() - rows.count - failed);
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  Batch out = batch;
  if (computes_) out.columns = columns_;
  out.selection = rows;
  emit(out);
}

}  // namespace eventflux::runtime
