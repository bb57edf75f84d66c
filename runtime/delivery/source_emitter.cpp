#include "runtime/delivery/source_emitter.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "eventflux/text.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "runtime/operators/order_limit.hpp"

namespace eventflux::runtime {
namespace {

// The graph sleeps while it waits: two of its batches at a time wake it half as often as one.
constexpr std::uint32_t flush_rows = 2 * batch_rows_target;
constexpr std::size_t flush_bytes = 256U << 10U;
// A transaction that is not larger goes on in one piece, so that an epoch can end at its border.
constexpr std::uint32_t transaction_factor = 4;

void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  Counters::add(counter, by);
}

}  // namespace

void holds(Evaluator& when, const BatchBuilder& rows, HoldsMemory& memory,
           std::vector<bool>& result) {
  result.clear();
  for (std::uint32_t first = 0; first < rows.rows(); first += batch_rows_max) {
    const std::uint32_t count = std::min(rows.rows() - first, batch_rows_max);
    const Batch batch = rows.view(first, count, memory.columns);
    memory.arena.reset();
    memory.errors.clear();
    const EvalContext context{memory.columns, batch.time,    batch.time, nullptr, 0, 0,
                              &memory.arena,  &memory.errors};
    const Column passes = when.evaluate(context, {nullptr, count});
    for (std::uint32_t row = 0; row < count; ++row)
      result.push_back(!passes.is_null(row) && passes.at<std::uint8_t>(row) != 0);
    for (const RowErrors::Entry& entry : memory.errors.entries())
      result[first + entry.row] = false;
  }
}

SourceEmitter::SourceEmitter(SourceEmitterSpec spec, InputConsumer& target, ErrorPolicy& policy,
                             DeadLetterBuffer& letters, Clock& clock, Failure& failure)
    : spec_(std::move(spec)),
      payloads_(spec_.options),
      target_(target),
      policy_(policy),
      letters_(letters),
      clock_(clock),
      failure_(failure),
      source_batch_(new_source_batch()) {
  for (std::uint32_t part = 0; part < spec_.routes.size(); ++part) {
    const ResourceRoute& route = spec_.routes[part];
    when_rows_.push_back(std::make_unique<BatchBuilder>(route.when_schema));
    if (!route.wanted) continue;
    wanted_.push_back(*route.wanted);
    wanted_parts_.push_back(part);
  }
  noted_rows_.resize(spec_.routes.size());
  positions_ = spec_.resume;
}

std::unique_ptr<SourceBatch> SourceEmitter::new_source_batch() const {
  auto source_batch = std::make_unique<SourceBatch>();
  source_batch->source = spec_.source;
  for (const ResourceRoute& route : spec_.routes)
    source_batch->parts.push_back({route.entry, BatchBuilder(route.schema)});
  return source_batch;
}

Result<void> SourceEmitter::emit(const Envelope& envelope) {
  if (stopping()) return Error{Code::wrong_lifecycle, "the source is to stop"};
  count(counters_.received);
  note_arrival();
  const SourceBatch::Mark before = source_batch_->mark();
  if (!partitions_.empty() && envelope.cursor)
    partition_ = partition_of(envelope.cursor->partition);
  source_batch_->payload_bytes += envelope.payload.size();
  if (envelope.error != nullptr) {
    reject(envelope.payload, *envelope.error, envelope.full_length);
  } else if (envelope.plain) {
    EF_CHECK(route(envelope.payload));
  } else if (auto payload = payloads_.plain(envelope.payload); payload.ok()) {
    EF_CHECK(route(*payload));
  } else {
    reject(envelope.payload, payload.error());
  }
  if (failure_.is_ending()) return fail_before_payload(before);
  if (envelope.cursor) source_batch_->set_cursor(*envelope.cursor);
  // The size of the rows themselves would take longer to ask for than most messages to be read.
  return flush_if_due(source_batch_->payload_bytes);
}

/// Refuses a payload before any resource has seen it.
void SourceEmitter::reject(std::span<char> payload, const Error& error, std::uint64_t full_length) {
  count(counters_.rejected);
  policy_.payload_rejected({payload.data(), payload.size()}, {}, Stage::decode, error, full_length);
}

/// What is emitted without a pause was there together, so the clock is asked once for it.
void SourceEmitter::note_arrival() {
  if (!source_batch_->empty()) return;
  source_batch_->payload_bytes = 0;  // of messages that left nothing behind
  arrived_ = clock_.now();
  counters_.last_payload_us.store(arrived_.us, std::memory_order_relaxed);
}

Result<void> SourceEmitter::route(std::span<char> payload) {
  Routed routed;
  for (std::uint32_t index = 0; index < spec_.routes.size(); ++index) {
    const Claim claim = claims(spec_.routes[index], payload);
    if (claim == Claim::none) continue;
    routed.claimed = true;
    const bool all = claim == Claim::all;
    routed.whole = routed.whole || all;
    const auto decoded = all ? decode(index, payload) : decode_claimed(index, payload, routed);
    if (decoded.ok()) continue;
    routed.rejected = true;
    policy_.payload_rejected({payload.data(), payload.size()}, spec_.routes[index].name,
                             Stage::decode, decoded.error());
  }
  if (!routed.claimed) {
    leave(payload);
    return {};
  }
  count(routed.rejected ? counters_.rejected : counters_.claimed);
  leave_unclaimed(routed);
  return {};
}

/// No resource takes a payload, or an element of it.
void SourceEmitter::leave(std::span<char> payload) {
  const Error unclaimed{Code::unclaimed, "no resource of " + spec_.name + " claims this payload"};
  count(counters_.unmatched);
  if (spec_.options.unmatched == model::UnmatchedPolicy::fail) failure_.fail_before_row(unclaimed);
  if (spec_.options.unmatched == model::UnmatchedPolicy::dlq)
    policy_.payload_unclaimed({payload.data(), payload.size()}, unclaimed);
  if (spec_.options.unmatched == model::UnmatchedPolicy::ignore)
    policy_.payload_ignored({payload.data(), payload.size()}, unclaimed);
}

/// Shape: every resource that claimed something of the payload claimed it by elements.
void SourceEmitter::leave_unclaimed(const Routed& routed) {
  if (routed.whole) return;
  for (std::size_t i = 0; i < routed.taken.size(); ++i)
    if (!routed.taken[i]) leave(routed.elements[i]);
}

/// A payload on which the condition cannot be evaluated is not claimed. The elements of an array
/// that holds several kinds of messages are judged one by one.
SourceEmitter::Claim SourceEmitter::claims(ResourceRoute& route, std::span<char> payload) {
  if (route.when_decoder == nullptr) return Claim::all;
  BatchBuilder& rows = *when_rows_[static_cast<std::size_t>(&route - spec_.routes.data())];
  rows.clear();
  const bool decoded = route.when_decoder->decode(payload, arrived_, rows).ok();
  if (!decoded || rows.rows() == 0) {
    rows.clear();
    return Claim::none;
  }
  holds(*route.when, rows, when_memory_, claimed_);
  const auto count = std::count(claimed_.begin(), claimed_.end(), true);
  if (count == 0) return Claim::none;
  return count == std::ssize(claimed_) ? Claim::all : Claim::some;
}

/// Decodes the elements of an array that the last call of claims() found.
Result<void> SourceEmitter::decode_claimed(std::uint32_t index, std::span<char> payload,
                                           Routed& routed) {
  if (routed.elements.empty()) {
    const auto texts = json_elements({payload.data(), payload.size()});
    if (!texts || texts->size() != claimed_.size())
      return Error{Code::undecodable, "payload cannot be divided into messages"};
    for (const std::string_view text : *texts) {
      const auto begin = static_cast<std::size_t>(text.data() - payload.data());
      routed.elements.push_back(payload.subspan(begin, text.size()));
    }
    routed.taken.resize(texts->size());
  }
  const std::uint32_t first = source_batch_->parts[index].rows.rows();
  for (std::size_t i = 0; i < claimed_.size(); ++i) {
    if (!claimed_[i]) continue;
    routed.taken[i] = true;
    const std::span<char> element = routed.elements[i];
    const auto decoded = append(index, element);
    if (decoded.ok()) continue;
    routed.rejected = true;
    policy_.payload_rejected({element.data(), element.size()}, spec_.routes[index].name,
                             Stage::decode, decoded.error());
  }
  note_rows(index, first);
  return {};
}

Result<void> SourceEmitter::decode(std::uint32_t index, std::span<char> payload) {
  const std::uint32_t first = source_batch_->parts[index].rows.rows();
  EF_CHECK(append(index, payload));
  note_rows(index, first);
  return {};
}

Result<void> SourceEmitter::append(std::uint32_t index, std::span<char> payload) {
  BatchBuilder& rows = source_batch_->parts[index].rows;
  const std::uint32_t first = rows.rows();
  auto decoded = spec_.routes[index].decoder->decode(payload, arrived_, rows);
  if (!decoded.ok()) rows.truncate(first);
  return decoded;
}

/// Hands the rows of one payload to their run.
void SourceEmitter::note_rows(std::uint32_t index, std::uint32_t first) {
  BatchBuilder& rows = source_batch_->parts[index].rows;
  const std::uint32_t added = rows.rows() - first;
  if (added > 1 && spec_.routes[index].order_column) put_in_order(spec_.routes[index], rows, first);
  source_batch_->add_run(index, first, added, partition_);
  count(counters_.rows, added);
}

/// Sorts the rows of one payload by the checkpoint column: a snapshot may come newest first.
void SourceEmitter::put_in_order(const ResourceRoute& route, BatchBuilder& rows,
                                 std::uint32_t first) {
  const std::uint32_t last = rows.rows();
  OrderLimit order;
  order.keys.push_back({*route.order_column, false, true});
  auto copy = std::make_shared<BatchBuilder>(route.schema);
  std::vector<Column> columns;
  for (std::size_t c = 0; c < rows.width(); ++c)
    columns.push_back(rows.column(c).column());
  std::vector<Column> unused;
  const Batch all = rows.view(0, last, unused);
  const Timestamp arrived{all.time[first]};
  for (std::uint32_t row = first; row < last; ++row) {
    for (std::size_t c = 0; c < rows.width(); ++c)
      copy->column(c).append_from(columns[c], row);
    copy->end_row(arrived);
  }
  order.rows = copy;
  const std::vector<std::uint32_t> sorted = order.select();
  if (std::is_sorted(sorted.begin(), sorted.end())) return;
  rows.truncate(first);
  for (const std::uint32_t row : sorted) {
    for (std::size_t c = 0; c < rows.width(); ++c)
      rows.column(c).append_from(copy->column(c).column(), row);
    rows.end_row(arrived);
  }
}

BatchBuilder& SourceEmitter::rows_of(std::size_t index) {
  const std::uint32_t part = wanted_parts_[index];
  if (part != part_) {
    end_run();
    part_ = part;
  }
  return source_batch_->parts[part].rows;
}

/// Notes the typed rows that were appended to the current part.
void SourceEmitter::end_run() {
  const std::uint32_t rows = source_batch_->parts[part_].rows.rows();
  const std::uint32_t added = rows - noted_rows_[part_];
  if (added == 0) return;
  source_batch_->add_run(part_, noted_rows_[part_], added);
  noted_rows_[part_] = rows;
  count(counters_.received, added);
  count(counters_.claimed, added);
  count(counters_.rows, added);
}

Result<void> SourceEmitter::emit_rows(const Cursor& cursor) {
  if (stopping()) return Error{Code::wrong_lifecycle, "the source is to stop"};
  note_arrival();
  end_run();
  source_batch_->set_cursor(cursor);
  return flush_if_due(source_batch_->bytes());
}

/// The cursor stays before the payload, so that a restart reads it again; rows that other resources
/// made of it go no further than rows of this epoch do.
Error SourceEmitter::fail_before_payload(SourceBatch::Mark before) {
  source_batch_->rewind(before);
  source_batch_->failure = failure_.error();
  static_cast<void>(flush());
  stop();
  return {Code::wrong_lifecycle, "the app has failed"};
}

Result<void> SourceEmitter::flush_if_due(std::size_t bytes) {
  const std::uint32_t factor = in_transaction_ ? transaction_factor : 1;
  const bool full = source_batch_->rows() >= factor * flush_rows || bytes >= factor * flush_bytes;
  return full ? flush() : Result<void>{};
}

/// Fails: EF0802 when a source or mapper has appended a value to a column of another type.
Result<void> SourceEmitter::check_types() {
  for (SourceBatch::StreamRows& part : source_batch_->parts) {
    for (std::size_t c = 0; c < part.rows.width(); ++c) {
      const auto& mismatch = part.rows.column(c).mismatch();
      if (!mismatch) continue;
      return Error{Code::app_failed, "source " + spec_.name + ", column " + std::to_string(c + 1) +
                                         ": " + mismatch->message};
    }
  }
  return {};
}

Result<void> SourceEmitter::flush() {
  // Each payload has a fate; the elements of an array may have one each.
  EF_ASSERT(counters_.claimed + counters_.rejected + counters_.unmatched >= counters_.received);
  if (!letters_.empty()) source_batch_->dead_letters = letters_.take();
  if (source_batch_->empty()) return {};
  if (auto checked = check_types(); !checked.ok()) {
    // None of these rows goes further, and the cursor stays before them.
    source_batch_->clear();
    source_batch_->failure = checked.error();
    stop();
  }
  for (const Cursor& cursor : source_batch_->cursors) {
    const auto known = std::find_if(positions_.begin(), positions_.end(), [&](const Cursor& c) {
      return c.partition == cursor.partition;
    });
    if (known == positions_.end()) {
      positions_.push_back(cursor);
    } else {
      *known = cursor;
    }
  }
  source_batch_->in_transaction = in_transaction_ && !source_batch_->end_of_input;
  if (spec_.acknowledger != nullptr) source_batch_->generation = spec_.acknowledger->generation();
  auto next = target_.push(std::move(source_batch_), *this);
  std::fill(noted_rows_.begin(), noted_rows_.end(), 0);
  if (!next.ok()) {
    source_batch_ = new_source_batch();
    return std::move(next).error();
  }
  source_batch_ = *next == nullptr ? new_source_batch() : *std::move(next);
  return {};
}

Result<void> SourceEmitter::end() {
  source_batch_->end_of_input = true;
  return flush();
}

std::optional<Cursor> SourceEmitter::resume(std::string_view partition) const {
  for (const Cursor& cursor : positions_)
    if (cursor.partition == partition) return cursor;
  return std::nullopt;
}

/// Returns the number of a partition; a new one is declared by its first row.
std::uint32_t SourceEmitter::partition_of(const std::string& name) {
  // Neighbouring payloads mostly come from one partition.
  const bool same = entered_ != nullptr && entered_->first == name &&
                    entered_->second.state == PartitionState::reading;
  if (same) return entered_->second.number;
  set_partition(name, PartitionState::reading);
  entered_ = &*partitions_.find(name);
  return entered_->second.number;
}

void SourceEmitter::set_partition(std::string_view name, PartitionState state) {
  auto known = partitions_.find(name);
  if (known == partitions_.end()) {
    if (state != PartitionState::reading) {
      if (state == PartitionState::revoked) revoke(name);
      return;
    }
    const auto number = static_cast<std::uint32_t>(partitions_.size()) + 1;
    known = partitions_.emplace(name, Partition{number, PartitionState::ended}).first;
  }
  Partition& partition = known->second;
  if (partition.state == state) return;
  partition.state = state;
  if (state == PartitionState::revoked) revoke(name);
  source_batch_->set_partition(partition.number, state, name);
}

/// What is emitted of it from now on belongs to another generation.
void SourceEmitter::revoke(std::string_view partition) {
  const auto is_of = [&](const Cursor& cursor) { return cursor.partition == partition; };
  std::erase_if(source_batch_->cursors, is_of);
  std::erase_if(positions_, is_of);
  if (spec_.acknowledger != nullptr) spec_.acknowledger->revoke(partition);
}

Result<void> SourceEmitter::end_transaction() {
  if (stopping()) return Error{Code::wrong_lifecycle, "the source is to stop"};
  in_transaction_ = false;
  return flush_if_due(source_batch_->bytes());
}

void SourceEmitter::end_session() {
  source_batch_->transaction_lost = std::exchange(in_transaction_, false);
}

void SourceEmitter::begin_session() {
  live_since_.reset();
  for (const auto& [name, partition] : partitions_)
    if (partition.state != PartitionState::revoked) set_partition(name, PartitionState::ended);
}

void SourceEmitter::gap(const Gap& gap) {
  count(counters_.gaps);
  source_batch_->gaps.push_back({clock_.now(), spec_.name, gap});
  policy_.input_lost("lost=" + base::quote_json(gap.where) +
                     " reason=" + base::quote_json(gap.reason));
}

void SourceEmitter::live() {
  if (live_since_) return;
  live_since_ = clock_.steady();
  count(counters_.connects);
  counters_.connected = true;
}

void SourceEmitter::disconnected() {
  if (counters_.connected.exchange(false)) count(counters_.disconnects);
}

void SourceEmitter::pause(Duration wait) {
  static_cast<void>(flush());
  clock_.wait_until(clock_.steady() + wait, *this);
}

}  // namespace eventflux::runtime
