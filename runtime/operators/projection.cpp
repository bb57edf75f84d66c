#include "runtime/operators/projection.hpp"

namespace eventflux::runtime {

Selection Conditions::narrow(const Frame& frame, Selection rows, const RowErrors& errors) {
  for (const EvaluatorPtr& conjunct : conjuncts_) {
    if (rows.count == 0) break;
    const Column passes = conjunct->evaluate(frame, rows);
    std::uint32_t count = 0;
    if (passes.shape == Shape::flat && passes.valid == nullptr && errors.empty()) {
      const auto* values = passes.data<std::uint8_t>();
      for_each_row(rows, [&](std::uint32_t row) {
        rows_[count] = static_cast<std::uint16_t>(row);
        count += values[row];
      });
    } else {
      for_each_row(rows, [&](std::uint32_t row) {
        if (passes.is_null(row) || passes.at<std::uint8_t>(row) == 0 || errors.failed(row)) return;
        rows_[count++] = static_cast<std::uint16_t>(row);
      });
    }
    rows = {rows_.data(), count};
  }
  return rows;
}

void Expressions::evaluate(const Frame& frame, Selection rows, std::vector<Column>& columns) {
  for (const EvaluatorPtr& part : parts_)
    columns.push_back(part->evaluate(frame, rows));
}

Selection WithoutFailed::operator()(Selection rows, const RowErrors& errors) {
  if (errors.empty()) return rows;
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    if (!errors.failed(row)) rows_[count++] = static_cast<std::uint16_t>(row);
  });
  return {rows_.data(), count};
}

Frame frame_of(const Batch& batch, std::uint64_t seed, Arena& arena, ErrorLane& errors) {
  return {
      batch.columns, batch.time, batch.arrived, batch.origin, batch.first_sequence, seed, &arena,
      &errors,       0};
}

}  // namespace eventflux::runtime
