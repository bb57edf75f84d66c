#include "runtime/operators/window_aggregate_operator.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/operators/row_codec.hpp"

namespace eventflux::runtime {

struct WindowAggregateOperator::OpenPane {
  OpenPane(std::vector<Type> keys, const PaneSpec& spec)
      : index(std::move(keys)), states(state_ops_of(spec.aggregates)), rows(spec.kept) {
    if (spec.best) best.emplace(*spec.best, spec.kept);
  }

  Pane bounds;
  std::uint32_t partition = 0;
  Key key;
  std::uint64_t held = 0;
  GroupIndex index;
  GroupStates states;
  std::vector<std::uint32_t> forever;  // group → number in the index that never forgets
  BatchBuilder rows;
  std::optional<TopN> best;
  std::uint32_t chunks = 0;  // of rows, those that became empty included
  // What the segments so far do not hold.
  bool stored = false;
  DirtySet changed;  // groups, or chunks of rows
};

namespace {

enum Section : std::uint8_t {
  window_section,
  partition_section,
  forever_section,
  pane_section,    // by age: bounds and counts
  group_section,   // by age of the pane: groups
  row_section,     // by age of the pane: chunks of rows
  closed_section,  // by age: the pane is gone
};

constexpr std::uint32_t chunk_rows = 64;

constexpr CompactionCursor::Key window_key{INT64_MIN, 0};
constexpr CompactionCursor::Key partition_key{INT64_MIN, 1};
constexpr CompactionCursor::Key forever_key{INT64_MIN, 2};

std::vector<StateOps> forever_ops(const std::vector<const AggregateFunction*>& aggregates) {
  std::vector<StateOps> ops = state_ops_of(aggregates);
  for (std::size_t i = 0; i < ops.size(); ++i)
    if (!aggregates[i]->forever) ops[i] = detail::state_ops<char>();
  return ops;
}

}  // namespace

WindowAggregateOperator::WindowAggregateOperator(KeyedInputSpec input, PaneSpec spec,
                                                 OutputSpec output, std::uint64_t seed,
                                                 PaneClocks clocks)
    : input_(std::move(input), seed),
      spec_(std::move(spec)),
      output_(std::move(output), seed),
      domain_(clocks.rows),
      processing_(clocks.processing),
      partitions_(input_.partition_types()),
      forever_index_(input_.key_types()),
      forever_states_(forever_ops(spec_.aggregates)),
      partition_of_row_(batch_rows_max),
      partition_(batch_rows_max),
      time_(batch_rows_max),
      entries_(batch_rows_max),
      groups_(batch_rows_max),
      results_(result_vectors(spec_.aggregates)),
      out_time_(batch_rows_max),
      out_arrived_(batch_rows_max),
      out_origin_(batch_rows_max),
      group_numbers_(batch_rows_max) {
  has_forever_ = std::any_of(spec_.aggregates.begin(), spec_.aggregates.end(),
                             [](const AggregateFunction* a) { return a->forever; });
}

WindowAggregateOperator::~WindowAggregateOperator() = default;

WindowAggregateOperator::OpenPane* WindowAggregateOperator::find_pane(std::uint32_t partition,
                                                                      const Pane& bounds) {
  if (last_ != nullptr && last_->partition == partition && last_->bounds.start == bounds.start)
    return last_;
  const auto found = by_bounds_.find({partition, bounds.start});
  return found == by_bounds_.end() ? nullptr : found->second;
}

WindowAggregateOperator::Panes::node_type WindowAggregateOperator::take_spare() {
  if (spare_.empty()) {
    Panes made;
    made.emplace(Key(), std::make_unique<OpenPane>(input_.key_types(), spec_));
    return made.extract(made.begin());
  }
  auto pane = std::move(spare_.back());
  spare_.pop_back();
  return pane;
}

WindowAggregateOperator::OpenPane& WindowAggregateOperator::open_pane(std::uint32_t partition,
                                                                      const Pane& bounds) {
  auto pane = take_spare();
  OpenPane& opened = *pane.mapped();
  opened.bounds = bounds;
  opened.partition = partition;
  opened.key = {bounds.end, next_age_++};
  by_bounds_[{partition, bounds.start}] = &opened;
  pane.key() = opened.key;
  panes_.insert(std::move(pane));
  return opened;
}

/// Rows behind each other that go to one pane; those that count are in `run_`.
struct WindowAggregateOperator::Run {
  std::uint32_t next = 0;  // the row behind the last
  std::uint32_t count = 0;
  bool closes = false;
  std::int64_t end = 0;
};

/// Asks the window where the rows belong.
void WindowAggregateOperator::admit(const Batch& batch, Selection rows) {
  partitions_.resolve(input_.partition(), rows, partition_of_row_.data());
  if (durable) changed_partitions_.mark(partition_of_row_.data(), rows, partitions_.size());
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    partition_[i] = partition_of_row_[rows[i]];
    time_[i] = batch.time[rows[i]];
  }
  spec_.window->admit({{partition_.data(), rows.count}, {time_.data(), rows.count}},
                      {entries_.data(), rows.count});
}

WindowAggregateOperator::Run WindowAggregateOperator::take_run(Selection rows,
                                                               std::uint32_t first) {
  Run run{.next = first};
  std::uint32_t uncounted = 0;
  for (; run.next < rows.count && !run.closes && partition_[run.next] == partition_[first] &&
         entries_[run.next].pane.start == entries_[first].pane.start;
       ++run.next) {
    const std::uint32_t row = rows[run.next];
    const bool counts = input_.counts(row);
    run.closes = entries_[run.next].closes;
    run.end = entries_[run.next].pane.end;
    run_[run.count] = static_cast<std::uint16_t>(row);
    run.count += counts ? 1 : 0;
    uncounted += counts ? 0 : 1;
  }
  if (uncounted != 0) counters.drop(DropReason::filtered, uncounted);
  return run;
}

void WindowAggregateOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  Selection rows = input_.evaluate(batch, errors_);
  counters.drop(DropReason::filtered, input_.filtered());
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  admit(batch, rows);
  const bool by_time = spec_.window->by_time();
  errors_.clear();
  FirstDropped late;
  for (std::uint32_t i = 0; i < rows.count;) {
    const PaneRow first = entries_[i];
    const std::uint32_t partition = partition_[i];
    if (by_time && first.pane.end <= domain_.passed()) {
      const auto error = [&] { return late_for_window(time_[i], first.pane, domain_.passed()); };
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
    OpenPane* pane = find_pane(partition, first.pane);
    if (pane == nullptr) pane = &open_pane(partition, first.pane);
    last_ = pane;
    if (run.count != 0) add_rows(*pane, batch, {run_.data(), run.count});
    if (!run.closes) continue;
    pane->bounds.end = run.end;
    close(*pane, &batch, rows[i - 1]);
  }
  drop(DropReason::late, batch, late);
  reject(batch, errors_, rows);
  counters.held.store(held_, std::memory_order_relaxed);
}

void WindowAggregateOperator::add_rows(OpenPane& pane, const Batch& batch, Selection rows) {
  if (!spec_.aggregated) return keep_rows(pane, batch, rows);
  pane.held += rows.count;
  held_ += rows.count;
  pane.index.resolve(input_.keys(), rows, groups_.data());
  pane.states.grow(pane.index.size());
  if (durable) pane.changed.mark(groups_.data(), rows, pane.index.size());
  for (std::size_t i = 0; i < spec_.aggregates.size(); ++i) {
    if (!spec_.aggregates[i]->forever)
      spec_.aggregates[i]->add({pane.states.lane(i), groups_.data(), input_.argument(i), rows});
  }
  if (has_forever_) add_forever(pane, rows);
}

void WindowAggregateOperator::keep_rows(OpenPane& pane, const Batch& batch, Selection rows) {
  std::uint32_t changed = pane.rows.rows();
  if (pane.best) {
    changed = pane.best->add(batch, rows, pane.rows);
  } else {
    for_each_row(rows, [&](std::uint32_t row) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c)
        pane.rows.column(c).append_from(batch.columns[c], row);
      pane.rows.end_row(Timestamp{batch.time[row]});
    });
  }
  held_ += pane.rows.rows() - pane.held;
  pane.held = pane.rows.rows();
  const std::uint32_t chunks = (pane.rows.rows() + chunk_rows - 1) / chunk_rows;
  // After rows were dropped, chunks behind the last row are stored once more, as empty ones.
  const std::uint32_t end = changed == 0 ? std::max(chunks, pane.chunks) : chunks;
  pane.chunks = std::max(chunks, pane.chunks);
  if (!durable) return;
  for (std::uint32_t chunk = changed / chunk_rows; chunk < end; ++chunk)
    pane.changed.mark(chunk);
}

void WindowAggregateOperator::add_forever(OpenPane& pane, Selection rows) {
  std::vector<std::uint32_t> numbers(batch_rows_max);
  forever_index_.resolve(input_.keys(), rows, numbers.data());
  forever_states_.grow(forever_index_.size());
  if (durable) changed_forever_.mark(numbers.data(), rows, forever_index_.size());
  pane.forever.resize(pane.index.size());
  for_each_row(rows, [&](std::uint32_t row) { pane.forever[groups_[row]] = numbers[row]; });
  for (std::size_t i = 0; i < spec_.aggregates.size(); ++i) {
    if (spec_.aggregates[i]->forever)
      spec_.aggregates[i]->add({forever_states_.lane(i), numbers.data(), input_.argument(i), rows});
  }
}

std::int64_t WindowAggregateOperator::next_due() const {
  return spec_.window->by_time() && !panes_.empty() ? panes_.begin()->first.first : never;
}

std::int64_t WindowAggregateOperator::horizon(std::int64_t now) const {
  return spec_.window->by_time() ? spec_.window->horizon(now) : never;
}

void WindowAggregateOperator::on_time(std::int64_t due) {
  while (!panes_.empty() && panes_.begin()->first.first <= due)
    close(*panes_.begin()->second, nullptr, 0);
  counters.held.store(held_, std::memory_order_relaxed);
}

/// Emits a pane and forgets it. `cause` is the batch whose row closed it; null for a timer.
void WindowAggregateOperator::close(OpenPane& pane, const Batch* cause, std::uint32_t cause_row) {
  Batch shape;
  const bool by_row = cause != nullptr;
  const std::int64_t arrived = by_row ? cause->arrived[cause_row] : processing_.now();
  const std::uint32_t origin = !by_row                    ? 0
                               : cause->origin == nullptr ? cause_row
                                                          : cause->origin[cause_row];
  std::fill(out_time_.begin(), out_time_.end(), pane.bounds.end - 1);
  std::fill(out_arrived_.begin(), out_arrived_.end(), arrived);
  std::fill(out_origin_.begin(), out_origin_.end(), origin);
  shape.time = out_time_.data();
  shape.arrived = out_arrived_.data();
  shape.origin = out_origin_.data();
  shape.first_sequence = by_row ? cause->first_sequence : 0;
  if (spec_.aggregated) {
    emit_groups(pane, shape);
  } else {
    emit_rows(pane, shape);
  }
  if (spec_.order) finish_close(shape);

  held_ -= pane.held;
  pane.held = 0;
  pane.index.clear();
  pane.states.clear();
  pane.forever.clear();
  pane.rows.clear();
  if (pane.best) pane.best->clear();
  pane.chunks = 0;
  if (pane.stored) closed_.push_back(pane.key.second);
  pane.stored = false;
  pane.changed.clear();
  if (last_ == &pane) last_ = nullptr;
  by_bounds_.erase({pane.partition, pane.bounds.start});
  spare_.push_back(panes_.extract(pane.key));
}

void WindowAggregateOperator::append_keys(const OpenPane& pane, std::uint32_t first) {
  for (std::size_t k = 0; k < pane.index.width(); ++k) {
    Column key = pane.index.keys(k);
    key.values = static_cast<const std::byte*>(key.values) + first * type_width(key.type);
    if (key.valid != nullptr) key.valid += first / 64;
    columns_.push_back(key);
  }
}

void WindowAggregateOperator::append_result(OpenPane& pane, std::size_t aggregate,
                                            GroupRange groups, RowErrors& failed) {
  const AggregateFunction& function = *spec_.aggregates[aggregate];
  if (function.forever) {
    std::copy_n(pane.forever.begin() + groups.first, groups.count, group_numbers_.begin());
  } else {
    std::iota(group_numbers_.begin(), group_numbers_.begin() + groups.count, groups.first);
  }
  ColumnWriter out = results_[aggregate].writer(&arena_);
  out.errors = &failed;
  function.result((function.forever ? forever_states_ : pane.states).lane(aggregate),
                  group_numbers_.data(), groups.count, out);
  columns_.push_back(results_[aggregate].column(out));
}

void WindowAggregateOperator::emit_groups(OpenPane& pane, const Batch& shape) {
  const std::uint32_t groups = pane.states.size();
  for (std::uint32_t first = 0; first < groups; first += batch_rows_max) {
    const std::uint32_t count = std::min(groups - first, batch_rows_max);
    arena_.reset();
    columns_.clear();
    append_keys(pane, first);
    RowErrors& failed = output_.begin();
    for (std::size_t i = 0; i < spec_.aggregates.size(); ++i)
      append_result(pane, i, {first, count}, failed);
    Batch slice = shape;
    emit_slice(slice, count, pane.bounds);
  }
}

void WindowAggregateOperator::emit_rows(OpenPane& pane, const Batch& shape) {
  for (std::uint32_t first = 0; first < pane.rows.rows(); first += batch_rows_max) {
    const std::uint32_t count = std::min(pane.rows.rows() - first, batch_rows_max);
    const Batch view = pane.rows.view(first, count, slice_columns_);
    columns_.assign(view.columns.begin(), view.columns.end());
    Batch slice = shape;
    output_.begin();
    emit_slice(slice, count, pane.bounds);
  }
}

/// Completes `columns_` with the bounds, evaluates the output and emits or collects it.
void WindowAggregateOperator::emit_slice(Batch& slice, std::uint32_t count, const Pane& bounds) {
  columns_.push_back({Type::timestamp, Shape::constant, &bounds.start, nullptr});
  columns_.push_back({Type::timestamp, Shape::constant, &bounds.end, nullptr});
  slice.rows = count;
  slice.selection = {nullptr, count};
  slice.columns = columns_;
  Selection left = output_.evaluate(slice, columns_);
  counters.drop(DropReason::filtered, output_.filtered());
  left = reject(slice, output_.errors(), left);
  if (left.count == 0) return;
  if (spec_.order) {
    BatchBuilder& rows = *spec_.order->rows;
    for_each_row(left, [&](std::uint32_t row) {
      for (std::size_t c = 0; c < rows.width(); ++c)
        rows.column(c).append_from(output_.columns()[c], row);
      rows.end_row(Timestamp{0});
    });
    return;
  }
  slice.columns = output_.columns();
  slice.selection = left;
  emit(slice);
}

/// Emits what ORDER BY and LIMIT leave of one close.
void WindowAggregateOperator::finish_close(const Batch& shape) {
  BatchBuilder& rows = *spec_.order->rows;
  const std::vector<std::uint32_t> order = spec_.order->select();
  Schema schema;
  for (std::size_t c = 0; c < spec_.order->output_columns; ++c)
    schema.fields.push_back({"", rows.column(c).type()});
  BatchBuilder sorted(schema);
  for (const std::uint32_t row : order) {
    for (std::size_t c = 0; c < schema.size(); ++c)
      sorted.column(c).append_from(rows.column(c).column(), row);
    sorted.end_row(Timestamp{0});
  }
  for (std::uint32_t first = 0; first < sorted.rows(); first += batch_rows_max) {
    const std::uint32_t count = std::min(sorted.rows() - first, batch_rows_max);
    Batch slice = shape;
    const Batch view = sorted.view(first, count, slice_columns_);
    slice.columns = view.columns;
    slice.rows = count;
    slice.selection = {nullptr, count};
    emit(slice);
  }
  rows.clear();
}

std::uint64_t WindowAggregateOperator::changed_units() const {
  std::uint64_t sum = changed_partitions_.count() + changed_forever_.count() + closed_.size();
  for (const auto& [key, pane] : panes_)
    sum += pane->changed.count();
  return sum;
}

std::uint32_t WindowAggregateOperator::snapshot(DeltaWriter& writer) {
  SnapshotWriter window;
  window.put(next_age_);
  spec_.window->snapshot(window);
  const std::uint64_t changed = stored_window_.note(window.take()) + changed_units();
  if (changed == 0) return 0;
  compaction_.begin(changed);
  stored_window_.write(writer, window_section, compaction_, window_key);
  GroupStateCodec{partitions_}.write(partition_section, 0, changed_partitions_,
                                     compaction_.take(partition_key, partitions_.size()), writer);
  GroupStateCodec{forever_index_, &forever_states_}.write(
      forever_section, 0, changed_forever_, compaction_.take(forever_key, forever_index_.size()),
      writer);
  for (const std::uint64_t age : closed_)
    writer.block(closed_section, age);
  closed_.clear();
  for (const auto& [key, pane] : panes_)
    write_pane(*pane, writer);
  return compaction_.end();
}

void WindowAggregateOperator::write_pane(OpenPane& pane, DeltaWriter& writer) {
  const std::uint32_t units = spec_.aggregated ? pane.index.size() : pane.chunks;
  const auto share = compaction_.take({pane.key.first, pane.key.second}, units);
  if (pane.stored && !pane.changed.any() && share.first == share.second) return;
  const std::uint64_t age = pane.key.second;
  writer.block(pane_section, age);
  SnapshotWriter& header = writer.record(0);
  header.put(pane.bounds);
  header.put(pane.partition);
  header.put(pane.key.first);
  header.put(pane.held);
  pane.stored = true;
  if (spec_.aggregated) {
    auto* forever = has_forever_ ? &pane.forever : nullptr;
    return GroupStateCodec{pane.index, &pane.states, forever}.write(group_section, age,
                                                                    pane.changed, share, writer);
  }
  writer.block(row_section, age);
  pane.changed.take(share.first, share.second, units, [&](std::uint32_t chunk) {
    const std::uint32_t first = std::min(chunk * chunk_rows, pane.rows.rows());
    const std::uint32_t last = std::min((chunk + 1) * chunk_rows, pane.rows.rows());
    save_rows(pane.rows, first, last, writer.record(chunk));
  });
}

Result<void> WindowAggregateOperator::restore(const MergedState& records) {
  EF_TRY(const std::string window, BlobState::restore(records, window_section));
  SnapshotReader reader(window);
  EF_TRY(next_age_, reader.get<std::uint64_t>());
  EF_CHECK(spec_.window->restore(reader));
  EF_CHECK(GroupStateCodec{partitions_}.read(records.parts(partition_section)));
  EF_CHECK(
      (GroupStateCodec{forever_index_, &forever_states_}.read(records.parts(forever_section))));
  return read_panes(records);
}

Result<void> WindowAggregateOperator::read_panes(const MergedState& records) {
  const MergedState::Units& closed = records.units(closed_section);
  for (const auto& [age, parts] : records.units(pane_section))
    if (!closed.contains(age)) EF_CHECK(read_pane(age, parts[0], records));
  return {};
}

Result<void> WindowAggregateOperator::read_rows(OpenPane& pane, const MergedState::Parts& chunks) {
  for (const std::string_view chunk : chunks) {
    SnapshotReader part(chunk);
    EF_CHECK(load_rows(pane.rows, part));
    ++pane.chunks;
  }
  if (pane.best) pane.best->rebuild(pane.rows);
  return {};
}

Result<void> WindowAggregateOperator::read_pane(std::uint64_t age, std::string_view header,
                                                const MergedState& records) {
  SnapshotReader reader(header);
  auto node = take_spare();
  OpenPane* const pane = node.mapped().get();
  EF_TRY(pane->bounds, reader.get<Pane>());
  EF_TRY(pane->partition, reader.get<std::uint32_t>());
  EF_TRY(const auto end, reader.get<std::int64_t>());
  EF_TRY(pane->held, reader.get<std::uint64_t>());
  pane->key = {end, age};
  pane->stored = true;
  if (const auto groups = records.units(group_section).find(age);
      groups != records.units(group_section).end()) {
    auto* forever = has_forever_ ? &pane->forever : nullptr;
    EF_CHECK((GroupStateCodec{pane->index, &pane->states, forever}.read(groups->second)));
  }
  if (const auto rows = records.units(row_section).find(age);
      rows != records.units(row_section).end())
    EF_CHECK(read_rows(*pane, rows->second));
  held_ += pane->held;
  by_bounds_[{pane->partition, pane->bounds.start}] = pane;
  node.key() = pane->key;
  panes_.insert(std::move(node));
  return {};
}

}  // namespace eventflux::runtime
