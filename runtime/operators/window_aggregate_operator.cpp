#include "runtime/operators/window_aggregate_operator.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/operators/group_state_codec.hpp"

// What comes into a window: which slice a row belongs to, and what is kept of it. What leaves is in
// window_close.cpp.
namespace eventflux::runtime {
namespace {

// Those of WindowState follow.
enum Section : std::uint8_t {
  assigner_section,
  partition_section,
  forever_section,
  expiring_section = 16,
};

constexpr CompactionCursor::Key assigner_key{INT64_MIN, 0};
constexpr CompactionCursor::Key partition_key{INT64_MIN, 1};
constexpr CompactionCursor::Key forever_key{INT64_MIN, 2};
constexpr CompactionCursor::Key expiring_key{INT64_MIN, 3};

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
      partitions_(input_.partition_types()),
      forever_index_(input_.key_types()),
      forever_states_(forever_ops(spec_.aggregates)),
      has_forever_(any_forever(spec_.aggregates)),
      state_({input_.key_types(), state_ops_of(spec_.aggregates),
              spec_.aggregated ? Schema() : spec_.kept, spec_.best, has_forever_,
              spec_.assigner->merges()}),
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
  if (!spec_.kinds.expired) return;
  std::vector<Type> columns = output_.types();
  if (spec_.order) columns.resize(spec_.order->output_columns);
  expiring_.emplace(unnamed(columns));
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
  if (durable) changed_partitions_.mark(partition_of_row_.data(), rows, partitions_.size());
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
  if (OpenSlice* open = state_.find(partition, slice.start)) return open;
  if (!by_time_) return &state_.open(partition, slice, slice.end);
  const auto instance = spec_.assigner->next_instance(slice, domain_.passed());
  if (!instance) return nullptr;
  return &state_.open(partition, slice, instance->end);
}

OpenSlice* WindowAggregateOperator::session_for(std::uint32_t partition,
                                                const WindowInstance& stretch) {
  OpenSlice* session = state_.find_overlapping(partition, stretch);
  if (session == nullptr) {
    if (stretch.end <= domain_.passed()) return nullptr;
    return &state_.open(partition, stretch, stretch.end);
  }
  const WindowInstance& bounds = session->bounds;
  if (bounds.start <= stretch.start && stretch.end <= bounds.end) return session;
  // Out of the way, so that only others are found.
  const WindowInstance united{std::min(bounds.start, stretch.start),
                              std::max(bounds.end, stretch.end)};
  state_.resize(*session, {united.start, united.start}, session->key.first);
  OpenSlice* other = state_.find_overlapping(partition, united);
  if (other == nullptr) {
    state_.resize(*session, united, united.end);
    return session;
  }
  // The row is the bridge between two; a third would have been one with them before.
  const bool first = session->bounds.start < other->bounds.start;
  OpenSlice& older = first ? *session : *other;
  OpenSlice& newer = first ? *other : *session;
  const WindowInstance both{std::min(united.start, other->bounds.start),
                            std::max(united.end, other->bounds.end)};
  merge_sessions(older, newer);
  state_.close(newer);
  state_.resize(older, both, both.end);
  return &older;
}

void WindowAggregateOperator::merge_sessions(OpenSlice& into, OpenSlice& from) {
  state_.hold(into, from.held);
  if (spec_.aggregated) {
    merge_groups(into, from);
    if (!durable) return;
    for (std::uint32_t group = 0; group < into.index.size(); ++group)
      into.changed.mark(group);
    return;
  }
  std::vector<Column> columns;
  const std::uint32_t before = into.rows.rows();
  const Batch rows = from.rows.view(0, from.rows.rows(), columns);
  into.rows.append(rows.columns, rows.selection, rows.time);
  if (into.best) into.best->rebuild(into.rows);
  mark_chunks(into, before);
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
  counters.held.store(state_.held(), std::memory_order_relaxed);
}

void WindowAggregateOperator::add_rows(OpenSlice& slice, const Batch& batch, Selection rows) {
  if (!spec_.aggregated) return keep_rows(slice, batch, rows);
  state_.hold(slice, rows.count);
  slice.index.resolve(input_.keys(), rows, groups_.data());
  slice.states.grow(slice.index.size());
  if (durable) slice.changed.mark(groups_.data(), rows, slice.index.size());
  for (std::size_t i = 0; i < spec_.aggregates.size(); ++i) {
    if (!spec_.aggregates[i]->forever)
      spec_.aggregates[i]->add({slice.states.lane(i), groups_.data(), input_.argument(i), rows});
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
  state_.hold(slice, slice.rows.rows() - slice.held);
  mark_chunks(slice, changed);
}

/// Says that kept rows from `first_changed` on are others now.
void WindowAggregateOperator::mark_chunks(OpenSlice& slice, std::uint32_t first_changed) {
  const std::uint32_t chunks = (slice.rows.rows() + chunk_rows - 1) / chunk_rows;
  // After rows were dropped, chunks after the last row are stored once more, as empty ones.
  const std::uint32_t end = first_changed == 0 ? std::max(chunks, slice.chunks) : chunks;
  slice.chunks = std::max(chunks, slice.chunks);
  if (!durable) return;
  for (std::uint32_t chunk = first_changed / chunk_rows; chunk < end; ++chunk)
    slice.changed.mark(chunk);
}

void WindowAggregateOperator::add_forever(OpenSlice& slice, Selection rows) {
  forever_index_.resolve(input_.keys(), rows, merged_numbers_.data());
  forever_states_.grow(forever_index_.size());
  if (durable) changed_forever_.mark(merged_numbers_.data(), rows, forever_index_.size());
  slice.forever.resize(slice.index.size());
  for_each_row(rows,
               [&](std::uint32_t row) { slice.forever[groups_[row]] = merged_numbers_[row]; });
  for (std::size_t i = 0; i < spec_.aggregates.size(); ++i) {
    if (!spec_.aggregates[i]->forever) continue;
    spec_.aggregates[i]->add(
        {forever_states_.lane(i), merged_numbers_.data(), input_.argument(i), rows});
  }
}

std::int64_t WindowAggregateOperator::next_due() const {
  if (!by_time_) return never;
  return expiring_ ? std::min(state_.next_due(), expiring_->next_due()) : state_.next_due();
}

std::int64_t WindowAggregateOperator::horizon(std::int64_t now) const {
  return by_time_ ? spec_.assigner->earliest_end(now) : never;
}

void WindowAggregateOperator::on_time(std::int64_t due) {
  close_due(due);
  while (expiring_ && expiring_->next_due() <= due)
    expire_at_tick();
  forget_partitions();
  counters.held.store(state_.held(), std::memory_order_relaxed);
}

/// Gives back the numbers of keys that have nothing open, once they are the greater part.
void WindowAggregateOperator::forget_partitions() {
  constexpr std::uint32_t few = 1024;
  const std::uint32_t size = partitions_.size();
  const std::size_t kept = state_.slices().size() + (expiring_ ? expiring_->partitions() : 0);
  if (size < few || kept * 2 > size) return;
  std::vector<bool> live(size);
  for (const auto& [key, slice] : state_.slices())
    live[slice->partition] = true;
  if (expiring_) expiring_->mark_live(live);
  GroupIndex index(input_.partition_types());
  std::vector<std::uint32_t> numbers(size);
  for (std::uint32_t partition = 0; partition < size; ++partition) {
    if (!live[partition]) continue;
    SnapshotWriter key;
    partitions_.save(partition, key);
    SnapshotReader reader(key.bytes());
    numbers[partition] = index.size();
    static_cast<void>(index.load(reader));
  }
  partitions_ = std::move(index);
  state_.renumber(numbers);
  if (expiring_) expiring_->renumber(numbers);
  for (std::uint32_t partition = 0; durable && partition < partitions_.size(); ++partition)
    changed_partitions_.mark(partition);
}

std::uint32_t WindowAggregateOperator::snapshot(DeltaWriter& writer) {
  SnapshotWriter assigner;
  state_.save(assigner);
  assigner.put(partitions_.size());
  spec_.assigner->snapshot(assigner);
  const std::uint64_t changed = stored_assigner_.note(assigner.take()) +
                                changed_partitions_.count() + changed_forever_.count() +
                                state_.changed_entries() +
                                (expiring_ ? expiring_->changed_entries() : 0);
  if (changed == 0) return 0;
  compaction_.begin(changed);
  stored_assigner_.write(writer, assigner_section, compaction_, assigner_key);
  GroupStateCodec{partitions_}.write(partition_section, 0, changed_partitions_,
                                     compaction_.take(partition_key, partitions_.size()), writer);
  GroupStateCodec{forever_index_, &forever_states_}.write(
      forever_section, 0, changed_forever_, compaction_.take(forever_key, forever_index_.size()),
      writer);
  if (expiring_)
    expiring_->write(expiring_section, partitions_.size(), compaction_, expiring_key, writer);
  state_.write(writer, compaction_);
  return compaction_.end();
}

Result<void> WindowAggregateOperator::restore(const MergedState& records) {
  EF_TRY(const std::string assigner, BlobState::restore(records, assigner_section));
  SnapshotReader reader(assigner);
  EF_CHECK(state_.load(reader));
  EF_TRY(const auto partitions, reader.get<std::uint32_t>());
  EF_CHECK(spec_.assigner->restore(reader));
  MergedState::Parts keys = records.parts(partition_section);
  // Those after them were forgotten.
  if (keys.size() > partitions) keys.resize(partitions);
  EF_CHECK(GroupStateCodec{partitions_}.read(keys));
  EF_CHECK(
      (GroupStateCodec{forever_index_, &forever_states_}.read(records.parts(forever_section))));
  if (expiring_) {
    MergedState::Parts rows = records.parts(expiring_section);
    if (rows.size() > partitions) rows.resize(partitions);
    EF_CHECK(expiring_->read(rows));
  }
  EF_CHECK(state_.read(records));
  timers_changed();
  return {};
}

}  // namespace eventflux::runtime
