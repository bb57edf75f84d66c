#include "runtime/operators/projection.hpp"

namespace eventflux::runtime {

// Up to so many rows one scalar loop costs less than a loop of vectors, its column, and a loop over
// that. Benchmark: `micro/filter`.
constexpr std::uint32_t selected_at_once = 128;

/// Without a branch: which rows pass is often a matter of chance.
std::uint32_t FilterChain::keep_true(const Column& passes, Selection rows) {
  const auto* values = passes.data<std::uint8_t>();
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    rows_[count] = static_cast<std::uint16_t>(row);
    count += values[row];
  });
  return count;
}

std::uint32_t FilterChain::keep_passing(const Column& passes, Selection rows,
                                        const RowErrors& errors) {
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    if (passes.is_null(row) || passes.at<std::uint8_t>(row) == 0 || errors.failed(row)) return;
    rows_[count++] = static_cast<std::uint16_t>(row);
  });
  return count;
}

Selection FilterChain::drop_failed(Selection rows, const RowErrors& errors) {
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    if (!errors.failed(row)) rows_[count++] = static_cast<std::uint16_t>(row);
  });
  return {rows_.data(), count};
}

Selection FilterChain::narrow(const EvalContext& context, Selection rows, const RowErrors& errors) {
  for (const EvaluatorPtr& conjunct : conjuncts_) {
    if (rows.count == 0) break;
    const auto count = rows.count <= selected_at_once
                           ? conjunct->select(context, rows, rows_.data())
                           : std::nullopt;
    if (count) {
      rows = {rows_.data(), *count};
      if (!errors.empty()) rows = drop_failed(rows, errors);
      continue;
    }
    const Column passes = conjunct->evaluate(context, rows);
    const bool plain = passes.shape == Shape::flat && passes.valid == nullptr && errors.empty();
    rows = {rows_.data(), plain ? keep_true(passes, rows) : keep_passing(passes, rows, errors)};
  }
  return rows;
}

void Projection::evaluate(const EvalContext& context, Selection rows,
                          std::vector<Column>& columns) {
  for (const EvaluatorPtr& part : parts_)
    columns.push_back(part->evaluate(context, rows));
}

Selection WithoutFailed::operator()(Selection rows, const RowErrors& errors) {
  if (errors.empty()) return rows;
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    if (!errors.failed(row)) rows_[count++] = static_cast<std::uint16_t>(row);
  });
  return {rows_.data(), count};
}

EvalContext context_of(const Batch& batch, std::uint64_t seed, Arena& arena, ErrorLane& errors) {
  return {
      batch.columns, batch.time, batch.arrived, batch.origin, batch.first_sequence, seed, &arena,
      &errors,       0};
}

}  // namespace eventflux::runtime
