#include "runtime/delivery/source_node.hpp"

#include <algorithm>
#include <numeric>

#include "base/compress.hpp"
#include "base/text.hpp"
#include "runtime/operators/order_limit.hpp"

namespace eventflux::runtime {
namespace {

// The graph sleeps while it waits: two of its batches at a time wake it half as often as one.
constexpr std::uint32_t hand_over_rows = 2 * batch_rows_target;
constexpr std::size_t hand_over_bytes = 256U << 10U;
constexpr std::size_t spare_bytes = 64;  // parsers read behind the payload

void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  Counters::add(counter, by);
}

base::Compression compression_of(model::Decompress decompress) {
  switch (decompress) {
    case model::Decompress::none:
      return base::Compression::none;
    case model::Decompress::automatic:
      return base::Compression::automatic;
    case model::Decompress::gzip:
      return base::Compression::gzip;
    case model::Decompress::deflate:
      return base::Compression::deflate;
    case model::Decompress::zlib:
      return base::Compression::zlib;
    case model::Decompress::zstd:
      return base::Compression::zstd;
  }
  return base::Compression::none;
}

}  // namespace

bool holds(Evaluator& when, const BatchBuilder& row, std::vector<Column>& columns, Arena& arena,
           RowErrors& errors) {
  const Batch batch = row.view(0, 1, columns);
  arena.reset();
  errors.clear();
  const Frame frame{columns, batch.time, batch.time, nullptr, 0, 0, &arena, &errors};
  const Column passes = when.evaluate(frame, {nullptr, 1});
  return !passes.is_null(0) && passes.at<std::uint8_t>(0) != 0 && errors.empty();
}

SourceNode::SourceNode(SourceNodeSpec spec, IntakeTarget& target, ErrorPolicy& policy, Clock& clock,
                       Failure& failure)
    : spec_(std::move(spec)),
      target_(target),
      policy_(policy),
      clock_(clock),
      failure_(failure),
      intake_(new_intake()) {
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

std::unique_ptr<Intake> SourceNode::new_intake() const {
  auto intake = std::make_unique<Intake>();
  intake->source = spec_.source;
  for (const ResourceRoute& route : spec_.routes)
    intake->parts.push_back({route.entry, BatchBuilder(route.schema)});
  return intake;
}

Result<void> SourceNode::emit(const Envelope& envelope) {
  if (stopping()) return Error{Code::wrong_lifecycle, "the source is to stop"};
  count(counters_.received);
  note_arrival();
  intake_->payload_bytes += envelope.payload.size();
  if (envelope.error != nullptr) {
    count(counters_.rejected);
    policy_.payload_rejected({envelope.payload.data(), envelope.payload.size()}, {}, Stage::decode,
                             *envelope.error, envelope.full_length);
  } else if (envelope.payload.size() > spec_.options.message_max.bytes) {
    count(counters_.rejected);
    policy_.payload_rejected(
        {envelope.payload.data(), envelope.payload.size()}, {}, Stage::decode,
        {Code::too_large,
         "payload of " + std::to_string(envelope.payload.size()) + " bytes is too large"});
  } else if (auto payload = inflate(envelope.payload); payload.ok()) {
    EF_CHECK(route(*payload));
  } else {
    count(counters_.rejected);
    policy_.payload_rejected({envelope.payload.data(), envelope.payload.size()}, {}, Stage::decode,
                             payload.error());
  }
  if (failure_.is_ending()) return stop_before_payload();
  if (envelope.cursor) intake_->set_cursor(*envelope.cursor);
  // The size of the rows themselves would take longer to ask for than most messages to be read.
  return hand_over_if_due(intake_->payload_bytes);
}

Result<std::span<char>> SourceNode::inflate(std::span<char> payload) {
  if (spec_.options.decompress == model::Decompress::none) return payload;
  inflated_.clear();
  EF_CHECK(base::decompress(compression_of(spec_.options.decompress),
                            {payload.data(), payload.size()}, spec_.options.message_max.bytes,
                            inflated_));
  const std::size_t size = inflated_.size();
  inflated_.resize(size + spare_bytes);
  return std::span<char>(inflated_.data(), size);
}

/// What is emitted without a pause was there together, so the clock is asked once for it.
void SourceNode::note_arrival() {
  if (!intake_->empty()) return;
  intake_->payload_bytes = 0;  // of messages that left nothing behind
  arrived_ = clock_.now();
  counters_.last_payload_us.store(arrived_.us, std::memory_order_relaxed);
}

Result<void> SourceNode::route(std::span<char> payload) {
  bool claimed = false;
  bool rejected = false;
  for (std::uint32_t index = 0; index < spec_.routes.size(); ++index) {
    if (!claims(spec_.routes[index], payload)) continue;
    claimed = true;
    const auto decoded = decode(index, payload);
    if (decoded.ok()) continue;
    rejected = true;
    policy_.payload_rejected({payload.data(), payload.size()}, spec_.routes[index].name,
                             Stage::decode, decoded.error());
  }
  if (claimed) {
    count(rejected ? counters_.rejected : counters_.claimed);
    return {};
  }
  const Error unclaimed{Code::unclaimed, "no resource of " + spec_.name + " claims this payload"};
  count(counters_.unmatched);
  if (spec_.options.unmatched == model::UnmatchedPolicy::fail) failure_.stop_before(unclaimed);
  if (spec_.options.unmatched == model::UnmatchedPolicy::dlq)
    policy_.payload_unclaimed({payload.data(), payload.size()}, unclaimed);
  return {};
}

/// A payload on which the condition cannot be evaluated is not claimed.
bool SourceNode::claims(ResourceRoute& route, std::span<char> payload) {
  if (route.when_decoder == nullptr) return true;
  BatchBuilder& rows = *when_rows_[static_cast<std::size_t>(&route - spec_.routes.data())];
  rows.clear();
  if (!route.when_decoder->decode(payload, arrived_, rows).ok() || rows.rows() == 0) {
    rows.clear();
    return false;
  }
  return holds(*route.when, rows, when_columns_, arena_, errors_);
}

Result<void> SourceNode::decode(std::uint32_t index, std::span<char> payload) {
  BatchBuilder& rows = intake_->parts[index].rows;
  const std::uint32_t first = rows.rows();
  auto decoded = spec_.routes[index].decoder->decode(payload, arrived_, rows);
  if (!decoded.ok()) {
    rows.truncate(first);
    return decoded;
  }
  const std::uint32_t added = rows.rows() - first;
  if (added > 1 && spec_.routes[index].order_column) put_in_order(spec_.routes[index], rows, first);
  intake_->add_run(index, first, added);
  count(counters_.rows, added);
  return {};
}

/// Sorts the rows of one payload by the checkpoint column: a snapshot may come newest first.
void SourceNode::put_in_order(const ResourceRoute& route, BatchBuilder& rows, std::uint32_t first) {
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

BatchBuilder& SourceNode::rows_of(std::size_t index) {
  const std::uint32_t part = wanted_parts_[index];
  if (part != part_) {
    end_run();
    part_ = part;
  }
  return intake_->parts[part].rows;
}

/// Notes the typed rows that were appended to the current part.
void SourceNode::end_run() {
  const std::uint32_t rows = intake_->parts[part_].rows.rows();
  const std::uint32_t added = rows - noted_rows_[part_];
  if (added == 0) return;
  intake_->add_run(part_, noted_rows_[part_], added);
  noted_rows_[part_] = rows;
  count(counters_.received, added);
  count(counters_.claimed, added);
  count(counters_.rows, added);
}

Result<void> SourceNode::emit_rows(const Cursor& cursor) {
  if (stopping()) return Error{Code::wrong_lifecycle, "the source is to stop"};
  note_arrival();
  end_run();
  intake_->set_cursor(cursor);
  return hand_over_if_due(intake_->bytes());
}

/// The cursor stays before the payload, so that a restart reads it again; what other resources made
/// of it goes no further.
Error SourceNode::stop_before_payload() {
  intake_->clear();
  intake_->failure = failure_.error();
  static_cast<void>(flush());
  stop();
  return {Code::wrong_lifecycle, "the app has failed"};
}

Result<void> SourceNode::hand_over_if_due(std::size_t bytes) {
  const bool full = intake_->rows() >= hand_over_rows || bytes >= hand_over_bytes;
  return full || spec_.payload_by_payload ? flush() : Result<void>{};
}

Result<void> SourceNode::flush() {
  if (intake_->empty()) return {};
  for (const Cursor& cursor : intake_->cursors) {
    const auto known = std::find_if(positions_.begin(), positions_.end(), [&](const Cursor& c) {
      return c.partition == cursor.partition;
    });
    if (known == positions_.end()) {
      positions_.push_back(cursor);
    } else {
      *known = cursor;
    }
  }
  auto next = target_.hand_over(std::move(intake_), *this);
  std::fill(noted_rows_.begin(), noted_rows_.end(), 0);
  if (!next.ok()) {
    intake_ = new_intake();
    return std::move(next).error();
  }
  intake_ = *next == nullptr ? new_intake() : *std::move(next);
  return {};
}

Result<void> SourceNode::end() {
  intake_->end_of_input = true;
  return flush();
}

std::optional<Cursor> SourceNode::resume(std::string_view partition) const {
  for (const Cursor& cursor : positions_)
    if (cursor.partition == partition) return cursor;
  return std::nullopt;
}

void SourceNode::gap(const Gap& gap) {
  count(counters_.gaps);
  policy_.input_lost("lost=" + base::quote_json(gap.where) +
                     " reason=" + base::quote_json(gap.reason));
}

void SourceNode::live() {
  if (live_since_) return;
  live_since_ = clock_.steady();
  count(counters_.connects);
  counters_.connected = true;
}

void SourceNode::disconnected() {
  if (counters_.connected.exchange(false)) count(counters_.disconnects);
}

void SourceNode::pause(Duration wait) {
  static_cast<void>(flush());
  clock_.wait_until(clock_.steady() + wait, *this);
}

}  // namespace eventflux::runtime
