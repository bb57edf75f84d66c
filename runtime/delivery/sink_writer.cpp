#include "runtime/delivery/sink_writer.hpp"

#include <algorithm>

#include "base/fail_point.hpp"
#include "base/text.hpp"
#include "runtime/delivery/row_json.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::size_t waiting_items_max = 1024;
constexpr std::size_t waiting_bytes_max = 8U << 20U;

void count(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace

SinkWriter::SinkWriter(SinkWriterSpec spec, ErrorPolicy& policy, Failure& failure, Clock& clock,
                       Rng rng, Log& log)
    : spec_(std::move(spec)),
      policy_(policy),
      failure_(failure),
      clock_(clock),
      rng_(rng),
      log_(log) {}

void SinkWriter::put(OutputItem item) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] {
    return stopping() || waiting_.empty() ||
           (waiting_.size() < waiting_items_max &&
            waiting_bytes_ + item.bytes.size() <= waiting_bytes_max);
  });
  waiting_bytes_ += item.bytes.size();
  waiting_.push_back(std::move(item));
  filled_.notify_one();
}

std::optional<OutputItem> SinkWriter::next() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [&] { return stopping() || finished_ || !waiting_.empty(); });
  if (stopping() || waiting_.empty()) return std::nullopt;
  OutputItem item = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= item.bytes.size();
  freed_.notify_one();
  return item;
}

void SinkWriter::run() {
  while (auto item = next()) {
    if (item->epoch == 0) {
      write(*item);
    } else if (flush()) {
      EF_FAIL("sink.flush.after");
      spec_.acknowledge(item->epoch);
    }
    if (failure_.is_set()) break;
  }
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    freed_.notify_all();
  }
  const std::lock_guard lock(sink_mutex_);
  running_ = nullptr;
  sink_.reset();
}

void SinkWriter::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  filled_.notify_all();
}

void SinkWriter::stop() {
  stopping_ = true;
  {
    const std::lock_guard lock(sink_mutex_);
    if (running_ != nullptr) running_->stop();
  }
  const std::lock_guard lock(mutex_);
  filled_.notify_all();
  freed_.notify_all();
}

/// Makes and opens the sink; a failure is an attempt like a failed write.
bool SinkWriter::open() {
  Backoff backoff(spec_.options.reconnect_delay, spec_.options.reconnect_max_delay, rng_);
  const Timestamp since = clock_.steady();
  for (std::int64_t attempts = 1; !stopping(); ++attempts) {
    if (sink_ == nullptr) {
      auto made = spec_.make();
      if (!made.ok()) {
        failure_.set(std::move(made).error());
        return false;
      }
      const std::lock_guard lock(sink_mutex_);
      sink_ = *std::move(made);
      running_ = sink_.get();
    }
    auto opened = sink_->open(spec_.schema);
    if (opened.ok()) {
      opened_ = true;
      return true;
    }
    const bool over =
        spec_.options.reconnect_attempts >= 0 && attempts > spec_.options.reconnect_attempts;
    if (over || !spec_.options.reconnect ||
        give_up(OutputItem(), opened.error(), attempts, since)) {
      failure_.set(std::move(opened).error());
      return false;
    }
    wait_before_retry(opened.error(), backoff);
  }
  return false;
}

void SinkWriter::write(OutputItem& item) {
  if (spec_.dry_run) return count(counters_.written, item.size());
  Backoff backoff(spec_.options.retry_initial_delay, spec_.options.retry_max_delay, rng_);
  backoff.grow(spec_.options.sink_backoff);
  const Timestamp since = clock_.steady();
  for (std::int64_t attempts = 1; !stopping(); ++attempts) {
    if (!opened_ && !open()) return;
    std::vector<Column> columns;
    Batch rows;
    if (item.rows != nullptr) rows = item.rows->view(0, item.rows->rows(), columns);
    EF_FAIL("sink.write.before");
    const WriteResult result = sink_->write({.bytes = item.bytes,
                                             .prologue = spec_.prologue,
                                             .ends = item.ends,
                                             .rows = item.rows == nullptr ? nullptr : &rows,
                                             .emitted_us = item.emitted_us});
    EF_FAIL("sink.write.after");
    if (write_once(item, result, attempts, since)) return;
    wait_before_retry(result.error, backoff);
  }
}

/// Takes the answer of one attempt; returns whether the batch is settled.
bool SinkWriter::write_once(const OutputItem& item, const WriteResult& result,
                            std::int64_t attempts, Timestamp since) {
  counters_.blocked = result.verdict == Verdict::refused;
  switch (result.verdict) {
    case Verdict::accepted:
      count(counters_.written, item.size());
      return true;
    case Verdict::row_rejected:
      reject_rows(item, result, attempts);
      return true;
    case Verdict::unknown:
      count(counters_.possible_duplicates, item.size());
      break;
    case Verdict::retriable:
    case Verdict::refused:
      break;
  }
  opened_ = false;
  return give_up(item, result.error, attempts, since);
}

void SinkWriter::reject_rows(const OutputItem& item, const WriteResult& result,
                             std::int64_t attempts) {
  for (const std::uint32_t row : result.rejected)
    policy_.row_rejected(row_text(item, row), Stage::sink, result.error,
                         static_cast<std::int32_t>(attempts));
  count(counters_.rejected, result.rejected.size());
  count(counters_.written, item.size() - result.rejected.size());
}

/// Returns whether retries are used up; then on_exhausted has decided about the rows.
bool SinkWriter::give_up(const OutputItem& item, const Error& error, std::int64_t attempts,
                         Timestamp since) {
  const model::SinkOptions& options = spec_.options;
  const bool attempts_over =
      options.retry_max_attempts >= 0 && attempts >= options.retry_max_attempts;
  const bool time_over = options.retry_max_elapsed.count() != 0 &&
                         clock_.steady() - since >= options.retry_max_elapsed;
  if (!attempts_over && !time_over) return false;
  if (options.on_exhausted == model::OnExhausted::fail)
    failure_.set({Code::retries_exhausted, spec_.name + ": " + error.message,
                  "raise retry.max-attempts, or -1 for no limit"});
  if (options.on_exhausted == model::OnExhausted::dlq)
    for (std::size_t row = 0; row < item.size(); ++row)
      policy_.row_rejected(row_text(item, row), Stage::sink, error,
                           static_cast<std::int32_t>(attempts));
  count(counters_.rejected, item.size());
  return true;
}

std::string SinkWriter::row_text(const OutputItem& item, std::size_t row) const {
  if (item.rows != nullptr) {
    std::vector<Column> columns;
    const Batch batch = item.rows->view(0, item.rows->rows(), columns);
    return row_json(batch, static_cast<std::uint32_t>(row), spec_.schema);
  }
  const std::uint32_t begin = row == 0 ? 0 : item.ends[row - 1];
  const std::string text = item.bytes.substr(begin, item.ends[row] - begin);
  return text.starts_with('{') ? text : base::quote_json(text);
}

void SinkWriter::wait_before_retry(const Error& error, Backoff& backoff) {
  const Duration wait = backoff.next();
  count(counters_.retries, 1);
  log_.write(LogLevel::warn,
             "sink=" + spec_.name + " " + code_text(error.code) +
                 " reason=" + base::quote_json(error.message) + " next_try=" +
                 to_text(std::chrono::duration_cast<std::chrono::milliseconds>(wait)));
  clock_.wait_until(clock_.steady() + wait, *this);
}

/// Makes all accepted rows durable, however often that takes. A sink that was never opened holds
/// none.
bool SinkWriter::flush() {
  Backoff backoff(spec_.options.retry_initial_delay, spec_.options.retry_max_delay, rng_);
  backoff.grow(spec_.options.sink_backoff);
  while (!stopping()) {
    if (sink_ == nullptr) return true;
    const auto flushed = sink_->flush();
    if (flushed.ok()) return true;
    wait_before_retry(flushed.error(), backoff);
  }
  return false;
}

}  // namespace eventflux::runtime
