#include "runtime/operators/window_aggregate_operator.hpp"

#include <algorithm>
#include <numeric>

// What comes into a window: which slice a row belongs to, and what is kept of it. What leaves is in
// window_close.cpp.
namespace eventflux::runtime {
namespace {

std::vector<StateOps> forever_ops(const std::vector<const AggregateFunction*>& aggregates) {
  std::vector<StateOps> ops = state_ops_of(aggregates);
  for (std::size_t i = 0; i < ops.size(); ++i)
    if (!aggregates[i]->forever) ops[i] = detail::state_ops<char>();
  return ops;
}

bool any_forever(const std::vector<const AggregateFunction*>& aggregates) {
  return std::any_of(aggregates.begin(), aggregates.end(),
                     [](const AggregateFunction* a) { return a->forever; });
}

/// Groups of a slice keep the states of their aggregates and, last, their number in the table that
/// never forgets.
std::vector<StateOps> slice_ops(const StateSharing& sharing,
                                const std::vector<const AggregateFunction*>& aggregates) {
  std::vector<StateOps> ops = sharing.states(state_ops_of(aggregates));
  if (any_forever(aggregates)) ops.push_back(detail::state_ops<std::uint32_t>());
  return ops;
}

Schema unnamed(const std::vector<Type>& types) {
  Schema schema;
  for (const Type type : types)
    schema.fields.push_back({"", type});
  return schema;
}

}  // namespace

WindowAggregateOperator::WindowAggregateOperator(KeyedInputSpec input, WindowSpec spec,
                                                 OutputSpec output, std::uint64_t seed,
                                                 WindowClocks clocks)
    : input_(std::move(input), seed),
      spec_(std::move(spec)),
      output_(std::move(output), seed),
      domain_(clocks.rows),
      processing_(clocks.processing),
      by_time_(spec_.assigner->trigger() == WindowTrigger::time),
      partitions_(state_.make<KeyedState>({"partitions"}, input_.partition_types(),
                                          std::vector{detail::state_ops<PartitionUse>()})),
      forever_(
          state_.make<KeyedState>({"forever"}, input_.key_types(), forever_ops(spec_.aggregates))),
      has_forever_(any_forever(spec_.aggregates)),
      sharing_(input_.reads(), spec_.aggregates.size()),
      slice_ops_(slice_ops(sharing_, spec_.aggregates)),
      slices_(state_.make<WindowState>(
          {"slices"}, WindowState::Spec{input_.key_types(), slice_ops_,
                                        spec_.aggregated ? Schema() : spec_.kept, spec_.best,
                                        spec_.assigner->merges()})),
      key_columns_(input_.key_types()),
      partition_of_row_(batch_rows_max),
      partition_(batch_rows_max),
      time_(batch_rows_max),
      assigned_(batch_rows_max),
      groups_(batch_rows_max),
      results_(result_vectors(spec_.aggregates)),
      out_time_(batch_rows_max),
      out_arrived_(batch_rows_max),
      out_origin_(batch_rows_max),
      group_numbers_(batch_rows_max),
      merged_numbers_(batch_rows_max) {
  state_.make<OpaqueState>(
      {"window"}, [this](SnapshotWriter& writer) { spec_.assigner->snapshot(writer); },
      [this](SnapshotReader& reader) { return spec_.assigner->restore(reader); });
  if (!spec_.kinds.expired) return;
  std::vector<Type> columns = output_.types();
  if (spec_.order) columns.resize(spec_.order->output_columns);
  expiring_ = &state_.make<ExpiringRows>({"expiring rows"}, unnamed(columns));
  if (!spec_.order) collected_.emplace(unnamed(columns));
}

/// Rows after each other that go to one slice; those that count are in `run_`.
struct WindowAggregateOperator::Run {
  std::uint32_t next = 0;  // the row after the last
  std::uint32_t count = 0;
  bool completes = false;
  std::int64_t end = 0;
};

/// Asks the window where the rows belong.
void WindowAggregateOperator::assign(const Batch& batch, Selection rows) {
  partitions_.resolve(input_.partition(), rows, partition_of_row_.data());
  if (durable) partitions_.mark(partition_of_row_.data(), rows);
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    partition_[i] = partition_of_row_[rows[i]];
    time_[i] = batch.time[rows[i]];
  }
  spec_.assigner->assign({{partition_.data(), rows.count}, {time_.data(), rows.count}},
                         {assigned_.data(), rows.count});
}

WindowAggregateOperator::Run WindowAggregateOperator::take_run(Selection rows,
                                                               std::uint32_t first) {
  Run run{.next = first};
  std::uint32_t uncounted = 0;
  for (; run.next < rows.count && !run.completes && partition_[run.next] == partition_[first] &&
         assigned_[run.next].slice.start == assigned_[first].slice.start;
       ++run.next) {
    const std::uint32_t row = rows[run.next];
    const bool counts = input_.counts(row);
    run.completes = assigned_[run.next].completes;
    run.end = assigned_[run.next].slice.end;
    run_[run.count] = static_cast<std::uint16_t>(row);
    run.count += counts ? 1 : 0;
    uncounted += counts ? 0 : 1;
  }
  if (uncounted != 0) counters.drop(DropReason::filtered, uncounted);
  return run;
}

/// Returns the slice that takes rows of a stretch; a null pointer when it has closed.
OpenSlice* WindowAggregateOperator::slice_for(std::uint32_t partition,
                                              const WindowInstance& slice) {
  if (spec_.assigner->merges()) return session_for(partition, slice);
  if (OpenSlice* open = slices_.find(partition, slice.start)) return open;
  if (!by_time_) return &open_slice(partition, slice, slice.end);
  const auto instance = spec_.assigner->next_instance(slice, domain_.passed());
  if (!instance) return nullptr;
  return &open_slice(partition, slice, instance->end);
}

OpenSlice* WindowAggregateOperator::session_for(std::uint32_t partition,
                                                const WindowInstance& stretch) {
  OpenSlice* session = slices_.find_overlapping(partition, stretch);
  if (session == nullptr) {
    if (stretch.end <= domain_.passed()) return nullptr;
    return &open_slice(partition, stretch, stretch.end);
  }
  const WindowInstance& bounds = session->bounds;
  if (bounds.start <= stretch.start && stretch.end <= bounds.end) return session;
  // Out of the way, so that only others are found.
  const WindowInstance united{std::min(bounds.start, stretch.start),
                              std::max(bounds.end, stretch.end)};
  slices_.resize(*session, {united.start, united.start}, session->key.first);
  OpenSlice* other = slices_.find_overlapping(partition, united);
  if (other == nullptr) {
    slices_.resize(*session, united, united.end);
    return session;
  }
  // The row is the bridge between two; a third would have been one with them before.
  const bool first = session->bounds.start < other->bounds.start;
  OpenSlice& older = first ? *session : *other;
  OpenSlice& newer = first ? *other : *session;
  const WindowInstance both{std::min(united.start, other->bounds.start),
                            std::max(united.end, other->bounds.end)};
  merge_sessions(older, newer);
  close(newer);
  slices_.resize(older, both, both.end);
  return &older;
}

void WindowAggregateOperator::merge_sessions(OpenSlice& into, OpenSlice& from) {
  slices_.hold(into, from.held);
  if (spec_.aggregated) {
    merge_groups(into, from);
    for (std::uint32_t group = 0; durable && group < into.groups.end(); ++group)
      into.groups.mark(group);
    return;
  }
  std::vector<Column> columns;
  const std::uint32_t before = into.rows.rows();
  const Batch rows = from.rows.view(0, from.rows.rows(), columns);
  into.rows.append(rows.columns, rows.selection, rows.time);
  if (into.best) into.best->rebuild(into.rows);
  slices_.mark_rows(into, before);
}

void WindowAggregateOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  Selection rows = input_.evaluate(batch, errors_);
  counters.drop(DropReason::filtered, input_.filtered());
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  assign(batch, rows);
  errors_.clear();
  FirstDropped late;
  for (std::uint32_t i = 0; i < rows.count;) {
    const AssignedSlice first = assigned_[i];
    OpenSlice* slice = slice_for(partition_[i], first.slice);
    if (slice == nullptr) {
      const auto error = [&] { return late_for_window(time_[i], first.slice, domain_.passed()); };
      if (spec_.late == LateAction::reject) {
        errors_.fail(rows[i], error());
      } else {
        late.add(rows[i], error);
      }
      note_idle(partition_[i]);
      ++i;
      continue;
    }
    const Run run = take_run(rows, i);
    i = run.next;
    if (run.count != 0) add_rows(*slice, batch, {run_.data(), run.count});
    if (!run.completes) continue;
    slice->bounds.end = run.end;
    close_slice(*slice, {&batch, rows[i - 1]});
  }
  drop(DropReason::late, batch, late);
  reject(batch, errors_, rows);
  timers_changed();
  counters.held.store(slices_.held(), std::memory_order_relaxed);
}

void WindowAggregateOperator::add_rows(OpenSlice& slice, const Batch& batch, Selection rows) {
  if (!spec_.aggregated) return keep_rows(slice, batch, rows);
  slices_.hold(slice, rows.count);
  slice.groups.resolve(input_.keys(), rows, groups_.data());
  if (durable) slice.groups.mark(groups_.data(), rows);
  for (std::size_t i = 0; i < spec_.aggregates.size(); ++i) {
    if (spec_.aggregates[i]->forever || !sharing_.owns(i)) continue;
    spec_.aggregates[i]->add(
        {slice.groups.lane(sharing_.place(i)), groups_.data(), input_.argument(i), rows});
  }
  if (has_forever_) add_forever(slice, rows);
}

void WindowAggregateOperator::keep_rows(OpenSlice& slice, const Batch& batch, Selection rows) {
  std::uint32_t changed = slice.rows.rows();
  if (slice.best) {
    changed = slice.best->add(batch, rows, slice.rows);
  } else {
    slice.rows.append(batch.columns, rows, batch.time);
  }
  slices_.hold(slice, slice.rows.rows() - slice.held);
  slices_.mark_rows(slice, changed);
}

void WindowAggregateOperator::add_forever(OpenSlice& slice, Selection rows) {
  forever_.resolve(input_.keys(), rows, merged_numbers_.data());
  if (durable) forever_.mark(merged_numbers_.data(), rows);
  const StateLane numbers = slice.groups.lane(sharing_.size());
  for_each_row(rows, [&](std::uint32_t row) {
    numbers.at<std::uint32_t>(groups_[row]) = merged_numbers_[row];
  });
  for (std::size_t i = 0; i < spec_.aggregates.size(); ++i) {
    if (!spec_.aggregates[i]->forever) continue;
    spec_.aggregates[i]->add({forever_.lane(i), merged_numbers_.data(), input_.argument(i), rows});
  }
}

std::int64_t WindowAggregateOperator::next_due() const {
  if (!by_time_) return never;
  return expiring_ != nullptr ? std::min(slices_.next_due(), expiring_->next_due())
                              : slices_.next_due();
}

std::int64_t WindowAggregateOperator::horizon(std::int64_t now) const {
  return by_time_ ? spec_.assigner->earliest_end(now) : never;
}

void WindowAggregateOperator::on_time(std::int64_t due) {
  close_due(due);
  while (expiring_ != nullptr && expiring_->next_due() <= due)
    expire_at_tick();
  forget_partitions();
  counters.held.store(slices_.held(), std::memory_order_relaxed);
}

WindowAggregateOperator::PartitionUse& WindowAggregateOperator::use_of(std::uint32_t partition) {
  return partitions_.lane(0).at<PartitionUse>(partition);
}

/// Says that the next timer may forget a partition, if nothing has come to it by then.
void WindowAggregateOperator::note_idle(std::uint32_t partition) {
  PartitionUse& use = use_of(partition);
  if (use.count != 0 || use.idle || !by_time_) return;
  use.idle = true;
  idle_.push_back(partition);
}

OpenSlice& WindowAggregateOperator::open_slice(std::uint32_t partition,
                                               const WindowInstance& bounds, std::int64_t due) {
  ++use_of(partition).count;
  return slices_.open(partition, bounds, due);
}

void WindowAggregateOperator::close(OpenSlice& slice) {
  release(slice.partition);
  slices_.close(slice);
}

void WindowAggregateOperator::release(std::uint32_t partition) {
  --use_of(partition).count;
  note_idle(partition);
}

/// Frees partitions that have nothing open. Only timers do, so that it does not matter for the
/// numbers of others how rows were cut into batches.
void WindowAggregateOperator::forget_partitions() {
  for (const std::uint32_t partition : idle_) {
    use_of(partition).idle = false;
    if (use_of(partition).count != 0 || partitions_.key_width() == 0) continue;
    partitions_.erase(partition);
    if (durable) partitions_.mark(partition);
  }
  idle_.clear();
}

void WindowAggregateOperator::on_start(std::int64_t) {
  if (durable) slices_.set_durable();
}

Result<void> WindowAggregateOperator::restored() {
  for (const auto& [key, slice] : slices_.slices()) {
    if (!partitions_.contains(slice->partition))
      return Error{Code::store_damaged, "a slice of a partition that is not stored"};
    ++use_of(slice->partition).count;
  }
  bool known = true;
  if (expiring_ != nullptr) {
    expiring_->for_each_partition([&](std::uint32_t partition) {
      known = known && partitions_.contains(partition);
      if (known) ++use_of(partition).count;
    });
  }
  if (!known) return Error{Code::store_damaged, "rows of a partition that is not stored"};
  for (std::uint32_t partition = 0; by_time_ && partition < partitions_.end(); ++partition)
    if (partitions_.contains(partition)) note_idle(partition);
  timers_changed();
  return {};
}

}  // namespace eventflux::runtime
