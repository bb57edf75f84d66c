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
  pending_.fetch_add(1, std::memory_order_relaxed);
  waiting_bytes_ += item.bytes.size();
  waiting_.push_back(std::move(item));
  filled_.notify_one();
}

OutputItem SinkWriter::spare() {
  const std::lock_guard lock(mutex_);
  if (spares_.empty()) return {};
  OutputItem item = std::move(spares_.back());
  spares_.pop_back();
  return item;
}

/// Gives the memory of a settled item back.
void SinkWriter::keep(OutputItem item) {
  constexpr std::size_t spares_max = 4;
  pending_.fetch_sub(1, std::memory_order_relaxed);
  item.clear();
  const std::lock_guard lock(mutex_);
  if (spares_.size() < spares_max) spares_.push_back(std::move(item));
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
    } else {
      end_epoch(item->epoch);
    }
    keep(*std::move(item));
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

void SinkWriter::end_epoch(std::uint64_t epoch) {
  if (!flush()) return;
  EF_FAIL("sink.flush.after");
  spec_.acknowledge(epoch);
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

/// Makes and opens the sink, unless it is open.
Result<void> SinkWriter::open() {
  if (opened_) return {};
  if (sink_ == nullptr) {
    auto made = spec_.make();
    if (!made.ok()) {
      failure_.set(made.error());
      return std::move(made).error();
    }
    const std::lock_guard lock(sink_mutex_);
    sink_ = *std::move(made);
    running_ = sink_.get();
  }
  EF_CHECK(sink_->open(spec_.schema));
  opened_ = true;
  return {};
}

WriteResult SinkWriter::write_once(const OutputItem& item) {
  std::vector<Column> columns;
  Batch rows;
  if (item.rows != nullptr) rows = item.rows->view(0, item.rows->rows(), columns);
  EF_FAIL("sink.write.before");
  WriteResult result = sink_->write({.bytes = item.bytes,
                                     .prologue = spec_.prologue,
                                     .ends = item.ends,
                                     .rows = item.rows == nullptr ? nullptr : &rows,
                                     .emitted_us = item.emitted_us});
  EF_FAIL("sink.write.after");
  counters_.blocked = result.verdict == Verdict::refused;
  if (result.verdict == Verdict::unknown) count(counters_.possible_duplicates, item.size());
  return result;
}

/// Tries once; nothing when the app fails. `failed_opens` counts those in a row.
std::optional<WriteResult> SinkWriter::open_and_write(const OutputItem& item,
                                                      std::int64_t& failed_opens) {
  const Result<void> opened = open();
  failed_opens = opened.ok() ? 0 : failed_opens + 1;
  if (!opened.ok() && !may_reconnect(failed_opens)) failure_.set(opened.error());
  if (failure_.is_set()) return std::nullopt;
  if (!opened.ok()) return WriteResult::failed(Verdict::retriable, opened.error());
  return write_once(item);
}

/// Writes until the sink has taken a batch or rejected rows of it. A failure to open is an attempt
/// like a failed write. Nothing: stopped, or retries are used up and on_exhausted has decided.
std::optional<SinkWriter::Settled> SinkWriter::settle(const OutputItem& item) {
  const model::SinkOptions& options = spec_.options;
  Backoff retries(options.retry_initial_delay, options.retry_max_delay, rng_);
  retries.grow(options.sink_backoff);
  Backoff reconnects(options.reconnect_delay, options.reconnect_max_delay, rng_);
  const Timestamp since = clock_.steady();
  std::int64_t failed_opens = 0;
  for (std::int64_t attempts = 1; !stopping(); ++attempts) {
    auto result = open_and_write(item, failed_opens);
    if (!result) return std::nullopt;
    if (result->verdict == Verdict::accepted || result->verdict == Verdict::row_rejected)
      return Settled{*std::move(result), attempts};
    opened_ = false;
    if (give_up(item, result->error, attempts, since)) return std::nullopt;
    wait_before_retry(result->error,
                      failed_opens != 0 && spec_.network ? reconnects.next() : retries.next());
  }
  return std::nullopt;
}

bool SinkWriter::may_reconnect(std::int64_t failed_opens) const {
  const model::SinkOptions& options = spec_.options;
  if (!spec_.network) return true;
  if (!options.reconnect) return false;
  return options.reconnect_attempts < 0 || failed_opens <= options.reconnect_attempts;
}

void SinkWriter::write(const OutputItem& item) {
  if (spec_.dry_run) return count(counters_.written, item.size());
  const auto settled = settle(item);
  if (!settled) return;
  const WriteResult& result = settled->result;
  count(counters_.written, item.size() - result.rejected.size());
  for (const std::uint32_t row : result.rejected) {
    if (failure_.is_set() || stopping()) return;
    if (spec_.options.strategy == model::ErrorStrategy::retry) {
      retry_row(one_row(item, spec_.schema, row), result.error);
    } else {
      reject_row(item, row, result.error, settled->attempts);
    }
  }
}

/// Writes a rejected row again, alone: what the other side rejects now it may take later.
void SinkWriter::retry_row(const OutputItem& row, Error error) {
  const model::SinkOptions& options = spec_.options;
  Backoff backoff(options.retry_initial, options.retry_max, rng_);
  backoff.grow(options.retry_backoff);
  std::int64_t attempts = 1;
  for (; attempts < options.retry_attempts; ++attempts) {
    wait_before_retry(error, backoff.next_whole());
    auto settled = settle(row);
    if (!settled) return;
    if (settled->result.rejected.empty()) return count(counters_.written, 1);
    error = std::move(settled->result.error);
  }
  reject_row(row, 0, error, attempts);
}

void SinkWriter::reject_row(const OutputItem& item, std::uint32_t row, const Error& error,
                            std::int64_t attempts) {
  policy_.row_rejected(row_text(item, row), Stage::sink, error,
                       static_cast<std::int32_t>(attempts));
  count(counters_.rejected, 1);
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
  if (options.on_exhausted == model::OnExhausted::fail) {
    failure_.set({Code::retries_exhausted, spec_.name + ": " + error.message,
                  "raise retry.max-attempts, or -1 for no limit"});
  }
  if (options.on_exhausted == model::OnExhausted::dlq) {
    for (std::size_t row = 0; row < item.size(); ++row)
      policy_.row_unwritten(row_text(item, row), error, static_cast<std::int32_t>(attempts));
  }
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

void SinkWriter::wait_before_retry(const Error& error, Duration wait) {
  count(counters_.retries, 1);
  log_.write(LogLevel::warn,
             "sink=" + spec_.name + " " + code_text(error.code) +
                 " reason=" + base::quote_json(error.message) + " next_try=" +
                 to_text(std::chrono::duration_cast<std::chrono::milliseconds>(wait)));
  clock_.wait_until(clock_.steady() + wait, *this);
}

/// Makes all accepted rows durable, however often that takes: they are out of reach of any other
/// policy than to end the app. A sink that was never opened holds none.
bool SinkWriter::flush() {
  const model::SinkOptions& options = spec_.options;
  Backoff backoff(options.retry_initial_delay, options.retry_max_delay, rng_);
  backoff.grow(options.sink_backoff);
  const Timestamp since = clock_.steady();
  for (std::int64_t attempts = 1; !stopping(); ++attempts) {
    if (sink_ == nullptr) return true;
    const auto flushed = sink_->flush();
    if (flushed.ok()) return true;
    if (options.on_exhausted == model::OnExhausted::fail &&
        give_up(OutputItem(), flushed.error(), attempts, since))
      return false;
    wait_before_retry(flushed.error(), backoff.next());
  }
  return false;
}

}  // namespace eventflux::runtime
