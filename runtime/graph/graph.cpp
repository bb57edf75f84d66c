#include "runtime/graph/graph.hpp"

#include <algorithm>
#include <map>

#include "base/assert.hpp"
#include "runtime/kernel/cpu.hpp"

namespace eventflux::runtime {
namespace {

EF_CLONES bool never_falls(const std::int64_t* stamps, std::uint32_t count) {
  std::uint64_t falls = 0;  // as wide as the stamps, so that the loop is one of vectors
  for (std::uint32_t i = 1; i < count; ++i)
    falls |= stamps[i] < stamps[i - 1] ? ~std::uint64_t{0} : 0;
  return falls == 0;
}

}  // namespace

const std::array<std::uint16_t, batch_rows_max>& all_rows() {
  static constexpr auto rows = [] {
    std::array<std::uint16_t, batch_rows_max> indices{};
    for (std::uint32_t i = 0; i < batch_rows_max; ++i)
      indices[i] = static_cast<std::uint16_t>(i);
    return indices;
  }();
  return rows;
}

Graph::Graph() : arrived_(batch_rows_max) {
  processing_.settle = [this] { settle(); };
}

TimeDomain& Graph::add_domain(std::string name) {
  clocks_.push_back({std::move(name), std::make_unique<TimeDomain>()});
  TimeDomain& domain = *clocks_.back().domain;
  domain.settle = [this] { settle(); };
  return domain;
}

void Graph::start(Timestamp now) {
  const std::int64_t begin = std::max(now.us, processing_.now());
  for (const auto& op : operators_)
    op->on_start(begin);
  advance({begin});
}

Timestamp Graph::now() const {
  return {processing_.now() == TimeDomain::start ? 0 : processing_.now()};
}

void Graph::settle() {
  for (Operator* op : flushed_)
    op->flush();
}

/// Returns when rows arrive: their stamps, where none is behind the one before it. Mostly all rise,
/// or all are of the past; only else every stamp has to wait for the one before it.
const std::int64_t* Graph::arrival_stamps(const Batch& rows, std::uint32_t first,
                                          std::uint32_t end) {
  const std::int64_t* stamps = rows.time;
  std::int64_t now = processing_.now();
  const bool rises = rows.time_rises || never_falls(stamps + first, end - first);
  if (rises && stamps[first] >= now) return stamps;
  if (rises && stamps[end - 1] <= now) {
    std::fill(arrived_.begin() + first, arrived_.begin() + end, now);
    return arrived_.data();
  }
  for (std::uint32_t row = first; row < end; ++row) {
    now = std::max(now, stamps[row]);
    arrived_[row] = now;
  }
  return arrived_.data();
}

void Graph::push(Operator& entry, Batch&& batch, std::uint32_t first, std::uint32_t count) {
  EF_ASSERT(batch.selection.rows == nullptr && first + count <= batch_rows_max);
  if (count == 0) return;
  const std::uint32_t end = first + count;
  batch.time = arrival_stamps(batch, first, end);
  batch.arrived = batch.time;
  batch.time_rises = false;                       // nodes replace times
  batch.first_sequence = next_sequence_ - first;  // of row 0, which may not be part of this call
  next_sequence_ += count;
  while (first < end)
    first = push_segment(entry, batch, first, end);
}

/// Hands on the longest run of rows from `first` before which no timer can fall due.
std::uint32_t Graph::push_segment(Operator& entry, Batch& rows, std::uint32_t first,
                                  std::uint32_t end) {
  const std::int64_t* arrived = rows.arrived;
  processing_.advance(arrived[first]);
  const std::int64_t limit = processing_.limit(arrived[first]);
  std::uint32_t last = first + 1;
  if (arrived[end - 1] < limit) {
    last = end;
  } else {
    while (last < end && arrived[last] < limit)
      ++last;
  }
  rows.selection = first == 0 && last == rows.rows
                       ? Selection{nullptr, last}
                       : Selection{all_rows().data() + first, last - first};
  entry.on_batch(0, rows);
  settle();
  return last;
}

void Graph::end_of_input() {
  settle();
  std::vector<std::int64_t> reached;
  for (const EventClock& clock : clocks_)
    reached.push_back(clock.domain->now());
  for (const EventClock& clock : clocks_)
    clock.domain->advance(never - 1);
  settle();
  for (std::size_t i = 0; i < clocks_.size(); ++i)
    clocks_[i].domain->restore(reached[i]);
}

std::string Graph::save_clocks() const {
  SnapshotWriter writer;
  writer.put(next_sequence_);
  writer.put(processing_.now());
  writer.put(static_cast<std::uint32_t>(clocks_.size()));
  for (const EventClock& clock : clocks_) {
    writer.put_text(clock.name);
    writer.put(clock.domain->now());
  }
  return writer.take();
}

void Graph::assert_balance() const {
  for (const auto& op : operators_) {
    const Counters& rows = op->counters;
    EF_ASSERT(!op->passes_rows_on() || rows.in == rows.out + rows.held + rows.dropped_rows());
  }
}

std::vector<StateDelta> Graph::snapshot() {
  std::vector<StateDelta> states;
  states.push_back({"graph", save_clocks()});
  for (const auto& op : operators_) {
    if (!op->has_state()) continue;
    DeltaWriter writer;
    const std::uint32_t deltas_required = op->snapshot(writer);
    if (!writer.empty()) states.push_back({op->id, writer.take(), deltas_required});
  }
  return states;
}

Result<void> Graph::restore_clocks(std::string_view bytes) {
  SnapshotReader reader(bytes);
  EF_TRY(next_sequence_, reader.get<std::uint64_t>());
  EF_TRY(const auto now, reader.get<std::int64_t>());
  // The clock goes on: only rows and timers move it from here.
  processing_.restore(std::max(now, processing_.now()));
  EF_TRY(const auto count, reader.get<std::uint32_t>());
  for (std::uint32_t i = 0; i < count; ++i) {
    EF_TRY(const auto name, reader.get_text());
    EF_TRY(const auto time, reader.get<std::int64_t>());
    // The clock of a stream that is no longer there moves nothing.
    for (const EventClock& clock : clocks_)
      if (clock.name == name) clock.domain->restore(time);
  }
  return {};
}

Result<void> Graph::restore(const std::vector<StateDelta>& states) {
  std::map<std::string_view, Operator*> wanted;
  for (const auto& op : operators_)
    if (op->has_state()) wanted[op->id] = op.get();
  std::map<std::string_view, std::vector<std::string_view>> deltas;
  for (const StateDelta& state : states)
    deltas[state.id].push_back(state.bytes);
  if (const auto clocks = deltas.extract("graph")) EF_CHECK(restore_clocks(clocks.mapped().back()));
  for (const auto& [id, parts] : deltas) {
    const auto found = wanted.find(id);
    if (found == wanted.end()) continue;
    EF_TRY(const auto records, MergedState::read(parts));
    EF_CHECK(found->second->restore(records));
  }
  return {};
}

}  // namespace eventflux::runtime
