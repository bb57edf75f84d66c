#include "runtime/delivery/sink_operator.hpp"

#include "runtime/delivery/row_json.hpp"

namespace eventflux::runtime {

void SinkBatch::clear() {
  bytes.clear();
  ends.clear();
  emitted_us.clear();
  epochs.clear();
  if (rows != nullptr) rows->clear();
  token = {};
}

void append_row(SinkBatch& to, const SinkBatch& item, const Schema& schema, std::uint32_t row) {
  to.emitted_us.push_back(item.emitted_us[row]);
  if (!item.epochs.empty()) to.epochs.push_back(item.epochs[row]);
  const std::uint32_t begin = row == 0 ? 0 : item.ends[row - 1];
  to.bytes.append(item.bytes, begin, item.ends[row] - begin);
  to.ends.push_back(static_cast<std::uint32_t>(to.bytes.size()));
  if (item.rows == nullptr) return;
  std::vector<Column> columns;
  const Batch all = item.rows->view(0, item.rows->rows(), columns);
  if (to.rows == nullptr) to.rows = std::make_unique<BatchBuilder>(schema);
  for (std::size_t c = 0; c < all.columns.size(); ++c)
    to.rows->column(c).append_from(all.columns[c], row);
  to.rows->end_row(Timestamp{all.time[row]});
}

SinkBatch one_row(const SinkBatch& item, const Schema& schema, std::uint32_t row) {
  SinkBatch one;
  append_row(one, item, schema, row);
  return one;
}

SinkOperator::SinkOperator(SinkOperatorSpec spec, OutputTarget& target, ErrorPolicy& policy,
                           const Graph& graph)
    : spec_(std::move(spec)), target_(target), policy_(policy), graph_(graph) {}

void SinkOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  const std::int64_t now = graph_.now().us;
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    if (open_.size() == 0) opened_us_ = now;
    if (!encode(batch, row)) continue;
    open_.emitted_us.push_back(now);
    Counters::add(counters.out, 1);
    if (open_.size() >= spec_.batch_rows || open_.bytes.size() >= spec_.batch_bytes) close_batch();
  }
}

bool SinkOperator::encode(const Batch& batch, std::uint32_t row) {
  if (spec_.encoder == nullptr) {
    if (open_.rows == nullptr) open_.rows = std::make_unique<BatchBuilder>(spec_.schema);
    const std::uint32_t at = batch.selection[row];
    for (std::size_t c = 0; c < batch.columns.size(); ++c)
      open_.rows->column(c).append_from(batch.columns[c], at);
    open_.rows->end_row(Timestamp{batch.time[at]});
    open_.ends.push_back(0);
    return true;
  }
  const std::size_t before = open_.bytes.size();
  const auto encoded = spec_.encoder->encode(batch, row, open_.bytes);
  if (encoded.ok()) {
    open_.ends.push_back(static_cast<std::uint32_t>(open_.bytes.size()));
    return true;
  }
  open_.bytes.resize(before);
  counters.drop(DropReason::failed, 1);
  policy_.row_rejected(row_json(batch, row, spec_.schema), Stage::encode, encoded.error(), 1);
  return false;
}

void SinkOperator::close_batch() {
  if (open_.size() != 0) {
    // What stands after the last barrier belongs to the epoch after it.
    if (!open_.epochs.empty()) open_.epochs.resize(open_.size(), pending_barriers_.back() + 1);
    target_.push(std::move(open_));
    open_ = target_.acquire();
  }
  for (const std::uint64_t epoch : pending_barriers_)
    target_.push(Barrier{epoch});
  pending_barriers_.clear();
}

void SinkOperator::close_batch_if_idle() {
  if (open_.size() != 0 && spec_.batch_interval_us == 0 && target_.idle()) close_batch();
}

void SinkOperator::barrier(std::uint64_t epoch) {
  pending_barriers_.push_back(epoch);
  if (open_.size() != 0) open_.epochs.resize(open_.size(), epoch);
  if (spec_.batch_interval_us == 0 || open_.size() == 0) close_batch();
}

void SinkOperator::tick(std::int64_t now) {
  if (now >= deadline()) close_batch();
}

std::int64_t SinkOperator::deadline() const {
  if (spec_.batch_interval_us == 0 || open_.size() == 0) return never;
  return opened_us_ + spec_.batch_interval_us;
}

}  // namespace eventflux::runtime
