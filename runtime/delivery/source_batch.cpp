#include "runtime/delivery/source_batch.hpp"

#include <algorithm>
#include <utility>

namespace eventflux::runtime {

std::uint32_t SourceBatch::rows() const {
  std::uint32_t all = 0;
  for (const StreamRows& part : parts)
    all += part.rows.rows();
  return all;
}

std::size_t SourceBatch::bytes() const {
  std::size_t all = 0;
  for (const StreamRows& part : parts)
    all += part.rows.bytes();
  return all;
}

void SourceBatch::add_run(std::uint32_t part, std::uint32_t first, std::uint32_t count,
                          std::uint32_t partition) {
  if (count == 0) return;
  const bool noted = !partitions.empty() && partitions.back().before_run == runs.size();
  if (!runs.empty() && !noted && runs.back().part == part && runs.back().partition == partition &&
      runs.back().first + runs.back().count == first) {
    runs.back().count += count;
    return;
  }
  runs.push_back({part, first, count, partition});
}

void SourceBatch::set_partition(std::uint32_t partition, PartitionState state,
                                std::string_view name) {
  partitions.push_back({runs.size(), partition, state, std::string(name)});
}

void SourceBatch::set_cursor(const Cursor& cursor) {
  for (Cursor& known : cursors) {
    if (known.partition != cursor.partition) continue;
    known = cursor;
    return;
  }
  cursors.push_back(cursor);
}

void SourceBatch::clear() {
  for (StreamRows& part : parts)
    part.rows.clear();
  runs.clear();
  partitions.clear();
  dead_letters.clear();
  gaps.clear();
  cursors.clear();
  generation = 0;
  in_transaction = false;
  transaction_lost = false;
  end_of_input = false;
  failure.reset();
  turn = nullptr;
  payload_bytes = 0;
}

Result<std::unique_ptr<SourceBatch>> InputQueue::push(std::unique_ptr<SourceBatch> source_batch,
                                                      const StopSignal& stop) {
  const std::uint32_t source = source_batch->source;
  EF_CHECK(try_push(source_batch, stop));
  return acquire(source);
}

Result<void> InputQueue::try_push(std::unique_ptr<SourceBatch>& source_batch,
                                  const StopSignal& stop) {
  const std::uint64_t rows = std::max<std::uint64_t>(source_batch->rows(), 1);
  exec::Lock lock(mutex_);
  Edge& edge = edges_[source_batch->source];
  // One source batch larger than the edge passes alone, or it would wait for ever.
  const auto fits = [&] { return edge.rows == 0 || edge.rows + rows <= edge.rows_max; };
  freed_.wait(lock, [&] { return closed_ || stop.stopping() || fits(); });
  if (closed_ || !fits()) return Error{Code::wrong_lifecycle, "the app takes no more rows"};
  edge.rows += rows;
  waiting_rows_.fetch_add(rows, std::memory_order_relaxed);
  waiting_.push_back(std::move(source_batch));
  filled_.notify_one();
  return {};
}

std::unique_ptr<SourceBatch> InputQueue::acquire(std::uint32_t source) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(spare_.begin(), spare_.end(),
                                  [&](const auto& spare) { return spare->source == source; });
  if (found == spare_.end()) return nullptr;
  auto spare = std::move(*found);
  spare_.erase(found);
  return spare;
}

std::vector<std::unique_ptr<SourceBatch>> InputQueue::pop(Duration wait) {
  exec::Lock lock(mutex_);
  if (waiting_.empty() && !woken_ && !closed_)
    filled_.wait_for(lock, wait, [&] { return !waiting_.empty() || woken_ || closed_; });
  woken_ = false;
  std::vector<std::unique_ptr<SourceBatch>> taken;
  for (auto& source_batch : waiting_)
    taken.push_back(std::move(source_batch));
  waiting_.clear();
  return taken;
}

void InputQueue::recycle(std::unique_ptr<SourceBatch> source_batch) {
  constexpr std::size_t spare_max = 16;
  const std::uint64_t rows = std::max<std::uint64_t>(source_batch->rows(), 1);
  source_batch->clear();
  const std::lock_guard lock(mutex_);
  edges_[source_batch->source].rows -= rows;
  waiting_rows_.fetch_sub(rows, std::memory_order_relaxed);
  if (spare_.size() < spare_max) spare_.push_back(std::move(source_batch));
  freed_.notify_all();
}

void InputQueue::credit(const SourceBatch& source_batch) {
  const std::uint64_t rows = std::max<std::uint64_t>(source_batch.rows(), 1);
  const std::lock_guard lock(mutex_);
  edges_[source_batch.source].rows -= rows;
  waiting_rows_.fetch_sub(rows, std::memory_order_relaxed);
  freed_.notify_all();
}

void InputQueue::wake_consumer() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  filled_.notify_one();
}

void InputQueue::wake() {
  const std::lock_guard lock(mutex_);
  freed_.notify_all();
}

void InputQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  filled_.notify_all();
  freed_.notify_all();
}

}  // namespace eventflux::runtime
