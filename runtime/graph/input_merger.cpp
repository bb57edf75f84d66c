#include "runtime/graph/input_merger.hpp"

#include <algorithm>

#include "runtime/graph/graph.hpp"

namespace eventflux::runtime {

InputMerger::InputMerger(const Schema& schema, std::uint32_t inputs) {
  for (std::uint32_t i = 0; i < inputs; ++i)
    waiting_.emplace_back(schema);
  merged_.emplace(schema);
}

InputMerger::InputMerger(const std::vector<Schema>& schemas, Operator& target) : target_(&target) {
  for (const Schema& schema : schemas)
    waiting_.emplace_back(schema);
}

void InputMerger::on_batch(Port port, const Batch& batch) {
  received(batch);
  Counters::add(counters.held, batch.size());
  if (waiting_[port].rows.rows() == 0) filled_.push_back(port);
  waiting_[port].keep(batch);
}

void InputMerger::Waiting::keep(const Batch& batch) {
  first_sequence = batch.first_sequence;
  if (batch.kinds != nullptr || !kinds.empty()) {
    kinds.resize(rows.rows(), RowKind::insert);
    for_each_row(batch.selection, [&](std::uint32_t row) { kinds.push_back(batch.kind_of(row)); });
  }
  rows.append(batch.columns, batch.selection, batch.time);
  for_each_row(batch.selection, [&](std::uint32_t row) {
    origin.push_back(batch.origin == nullptr ? row : batch.origin[row]);
    arrived.push_back(batch.arrived[row]);
  });
}

void InputMerger::Waiting::clear() {
  rows.clear();
  origin.clear();
  arrived.clear();
  kinds.clear();
}

Batch InputMerger::Waiting::view(std::uint32_t first) {
  Batch batch = rows.view(first, std::min(rows.rows() - first, batch_rows_max), columns);
  batch.time_rises = false;
  batch.arrived = arrived.data() + first;
  batch.origin = origin.data() + first;
  batch.kinds = kinds.empty() ? nullptr : kinds.data() + first;
  batch.first_sequence = first_sequence;
  return batch;
}

// What is handed on may move a clock, and that asks every operator to hand on what waits.
void InputMerger::flush() {
  if (filled_.empty() || flushing_) return;
  flushing_ = true;
  counters.held.store(0, std::memory_order_relaxed);
  if (filled_.size() == 1) {
    hand_on({filled_.front(), 0, waiting_[filled_.front()].rows.rows()});
  } else if (const std::vector<Run> runs = merged_runs(); target_ == nullptr) {
    hand_on_as_one(runs);
  } else {
    for (const Run& run : runs)
      hand_on(run);
  }
  for (const Port input : filled_)
    waiting_[input].clear();
  filled_.clear();
  flushing_ = false;
}

std::vector<InputMerger::Run> InputMerger::merged_runs() {
  struct Row {
    std::uint32_t origin;
    Port input;
    std::uint32_t row;
  };

  std::sort(filled_.begin(), filled_.end());
  std::vector<Row> rows;
  for (const Port input : filled_) {
    const std::vector<std::uint32_t>& origin = waiting_[input].origin;
    for (std::uint32_t row = 0; row < origin.size(); ++row)
      rows.push_back({origin[row], input, row});
  }
  // Stable: what one row caused comes by input, then as it came.
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.origin < b.origin; });
  std::vector<Run> runs;
  for (const Row& row : rows) {
    if (runs.empty() || runs.back().input != row.input) runs.push_back({row.input, row.row, 0});
    ++runs.back().count;
  }
  return runs;
}

/// Calls visit() with the rows of a run, in batches.
template <class Visit>
void InputMerger::for_each_batch(Run run, Visit visit) {
  while (run.count != 0) {
    const std::uint32_t begin = run.first / batch_rows_max * batch_rows_max;
    const std::uint32_t skipped = run.first - begin;
    Batch batch = waiting_[run.input].view(begin);
    const std::uint32_t taken = std::min(run.count, batch.rows - skipped);
    batch.selection = {all_rows().data() + skipped, taken};
    visit(batch);
    run.first += taken;
    run.count -= taken;
  }
}

void InputMerger::hand_on(const Run& run) {
  for_each_batch(run, [&](const Batch& batch) {
    if (target_ == nullptr) return emit(batch);
    Counters::add(counters.out, batch.size());
    target_->on_batch(run.input, batch);
  });
}

void InputMerger::hand_on_as_one(const std::vector<Run>& runs) {
  Waiting& merged = *merged_;
  merged.first_sequence = waiting_[runs.front().input].first_sequence;
  for (const Run& run : runs)
    for_each_batch(run, [&](const Batch& batch) { merged.keep(batch); });
  for (std::uint32_t first = 0; first < merged.rows.rows(); first += batch_rows_max)
    emit(merged.view(first));
  merged.clear();
}

}  // namespace eventflux::runtime
