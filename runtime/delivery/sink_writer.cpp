#include "runtime/delivery/sink_writer.hpp"

#include <algorithm>
#include <utility>

#include "base/fail_point.hpp"
#include "base/text.hpp"
#include "runtime/delivery/row_json.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::size_t waiting_items_max = 1024;
constexpr std::size_t waiting_bytes_max = 8U << 20U;
// A sink that has taken this much is flushed without waiting for the end of the epoch.
constexpr std::size_t held_bytes_max = 8U << 20U;

/// No second try mends a parameter.
bool is_final(Code code) {
  return code == Code::invalid_value || code == Code::invalid_address;
}

std::size_t bytes_of(const SinkMessage& message) {
  const auto* batch = std::get_if<SinkBatch>(&message);
  return batch == nullptr ? 0 : batch->bytes.size();
}

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

void SinkWriter::push(SinkMessage message) {
  const std::size_t bytes = bytes_of(message);
  exec::Lock lock(mutex_);
  freed_.wait(lock, [&] {
    return stopping() || waiting_.empty() ||
           (waiting_.size() < waiting_items_max && waiting_bytes_ + bytes <= waiting_bytes_max);
  });
  pending_.fetch_add(1, std::memory_order_relaxed);
  waiting_bytes_ += bytes;
  waiting_.push_back(std::move(message));
  filled_.notify_one();
}

SinkBatch SinkWriter::acquire() {
  const std::lock_guard lock(mutex_);
  if (spares_.empty()) return {};
  SinkBatch item = std::move(spares_.back());
  spares_.pop_back();
  return item;
}

/// Gives the memory of an item back.
void SinkWriter::keep(SinkBatch item) {
  constexpr std::size_t spares_max = 16;
  item.clear();
  const std::lock_guard lock(mutex_);
  if (spares_.size() < spares_max) spares_.push_back(std::move(item));
}

/// Returns whether there is something to do; false at the end.
bool SinkWriter::wait_for_work() {
  exec::Lock lock(mutex_);
  const auto has_work = [&] { return !waiting_.empty() || !covered_.empty(); };
  filled_.wait(lock, [&] { return stopping() || finished_ || has_work(); });
  return !stopping() && has_work();
}

std::optional<SinkMessage> SinkWriter::next() {
  const std::lock_guard lock(mutex_);
  if (stopping() || waiting_.empty()) return std::nullopt;
  SinkMessage message = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= bytes_of(message);
  freed_.notify_one();
  return message;
}

void SinkWriter::run() {
  if (spec_.transactional && !spec_.dry_run) recover();
  while (!failure_.is_set() && wait_for_work()) {
    commit_covered();
    if (failure_.is_set()) break;
    auto message = next();
    if (!message) continue;
    if (auto* batch = std::get_if<SinkBatch>(&*message)) {
      write(std::move(*batch));
    } else {
      end_epoch(std::get<Barrier>(*message).epoch);
    }
    pending_.fetch_sub(1, std::memory_order_relaxed);
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
  std::optional<WriteToken> prepared;
  if (std::exchange(prepared_, false)) prepared = transaction();
  if (prepared && !spec_.durable) {
    if (!commit_now()) return;
    prepared.reset();
  }
  spec_.acknowledge(epoch, prepared);
  epoch_ = epoch + 1;
  next_ordinal_ = 0;
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
  auto opened = sink_->open(spec_.schema);
  if (!opened.ok() && is_final(opened.error().code)) failure_.set(opened.error());
  opened_ = opened.ok();
  return opened;
}

WriteResult SinkWriter::write_once(const SinkBatch& item) {
  std::vector<Column> columns;
  Batch rows;
  if (item.rows != nullptr) rows = item.rows->view(0, item.rows->rows(), columns);
  EF_FAIL("sink.write.before");
  WriteResult result = sink_->write({.bytes = item.bytes,
                                     .prologue = spec_.prologue,
                                     .ends = item.ends,
                                     .rows = item.rows == nullptr ? nullptr : &rows,
                                     .emitted_us = item.emitted_us,
                                     .token = item.token});
  EF_FAIL("sink.write.after");
  counters_.blocked = result.status == WriteStatus::sink_unavailable;
  if (result.status == WriteStatus::unknown && !spec_.transactional)
    count(counters_.possible_duplicates, item.size());
  return result;
}

/// Tries once; nothing when the app fails.
std::optional<WriteResult> SinkWriter::open_and_write(const SinkBatch& item) {
  const Result<void> opened = open();
  failed_opens_ = opened.ok() ? 0 : failed_opens_ + 1;
  if (!opened.ok() && !may_reconnect()) failure_.set(opened.error());
  if (failure_.is_set()) return std::nullopt;
  if (!opened.ok()) return WriteResult::failed(WriteStatus::disconnected, opened.error());
  if (auto begun = begin(); !begun.ok())
    return WriteResult::failed(WriteStatus::disconnected, begun.error());
  return write_once(item);
}

SinkWriter::Effort SinkWriter::new_effort() {
  const model::SinkOptions& options = spec_.options;
  Effort effort{Backoff(options.retry_initial_delay, options.retry_max_delay, rng_),
                Backoff(options.reconnect_delay, options.reconnect_max_delay, rng_),
                clock_.steady()};
  effort.retries.grow(options.sink_backoff);
  return effort;
}

/// Writes until the sink has taken or rejected all that is held, from its beginning after each lost
/// connection. A failure to open is an attempt like a failed write. Returns whether nothing is left
/// to send: false when stopped or failed; what retries did not help is in the hands of
/// on_exhausted.
bool SinkWriter::write_with_retries(Effort& effort) {
  while (sent_ < held_.size() && !stopping()) {
    auto result = open_and_write(held_[sent_].item);
    if (!result) return false;
    if (result->status == WriteStatus::accepted || result->status == WriteStatus::rows_rejected) {
      take_answer(*std::move(result), effort.attempts);
      continue;
    }
    const bool lost =
        result->status == WriteStatus::disconnected || result->status == WriteStatus::unknown;
    const std::size_t failed = sent_;
    if (lost) lose_connection();
    if (give_up(lost ? 0 : failed, result->error, effort)) return !failure_.is_set();
    wait_after(result->error, effort);
  }
  return sent_ == held_.size();
}

/// What the sink has taken since its last flush is no longer certain.
void SinkWriter::lose_connection() {
  opened_ = false;
  begun_ = false;
  // What a transaction holds that was not prepared is shown to nobody.
  for (std::size_t i = 0; i < sent_ && !spec_.transactional; ++i)
    count(counters_.possible_duplicates, held_[i].item.size());
  sent_ = 0;
}

/// Notes what the sink said about held_[sent_]: rows that it rejected are taken out, the others
/// wait for the flush.
void SinkWriter::take_answer(WriteResult result, std::int64_t attempts) {
  Held& held = held_[sent_];
  if (!result.rejected.empty()) {
    SinkBatch rest;
    rest.token = held.item.token;
    std::vector<bool> rejected(held.item.size());
    for (const std::uint32_t row : result.rejected)
      rejected[row] = true;
    held_bytes_ -= held.item.bytes.size();
    if (held.counted) counters_.written.fetch_sub(result.rejected.size());
    for (std::uint32_t row = 0; row < rejected.size(); ++row) {
      if (!rejected[row]) {
        append_row(rest, held.item, spec_.schema, row);
      } else {
        refusals_.push_back(
            {one_row(held.item, spec_.schema, row), result.error, held.again ? 0 : attempts});
      }
    }
    held.item = std::move(rest);
    held_bytes_ += held.item.bytes.size();
  }
  if (!held.counted) count(counters_.written, held.item.size());
  held.counted = true;
  if (held.item.size() == 0) {
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(sent_));
  } else {
    ++sent_;
  }
}

/// Holds no more what stands from `first` on.
void SinkWriter::forget_from(std::size_t first) {
  while (held_.size() > first) {
    held_bytes_ -= held_.back().item.bytes.size();
    keep(std::move(held_.back().item));
    held_.pop_back();
  }
  sent_ = std::min(sent_, first);
}

bool SinkWriter::may_reconnect() const {
  const model::SinkOptions& options = spec_.options;
  if (!spec_.network) return true;
  if (!options.reconnect) return false;
  return options.reconnect_attempts < 0 || failed_opens_ < options.reconnect_attempts;
}

void SinkWriter::hold(SinkBatch item, bool again) {
  held_bytes_ += item.bytes.size();
  item.token = {spec_.run, epoch_, next_ordinal_++};
  held_.push_back({std::move(item), false, again});
}

void SinkWriter::write(SinkBatch item) {
  if (spec_.dry_run) {
    count(counters_.written, item.size());
    return keep(std::move(item));
  }
  hold(std::move(item), false);
  Effort effort = new_effort();
  if (write_with_retries(effort)) retry_rejected_rows();
  // A transaction is kept whole: until it is prepared the other side may lose all of it.
  if (held_bytes_ >= held_bytes_max && !spec_.transactional && !failure_.is_set())
    static_cast<void>(flush());
}

void SinkWriter::retry_rejected_rows() {
  while (!refusals_.empty() && !failure_.is_set() && !stopping()) {
    Refusal refusal = std::move(refusals_.front());
    refusals_.pop_front();
    if (spec_.options.strategy == model::ErrorStrategy::retry) {
      retry_row(std::move(refusal));
    } else {
      reject_row(refusal.row, refusal.error, refusal.attempts);
    }
  }
}

/// Writes a rejected row again, alone: what the other side rejects now it may take later.
void SinkWriter::retry_row(Refusal refusal) {
  const model::SinkOptions& options = spec_.options;
  Backoff backoff(options.retry_initial, options.retry_max, rng_);
  backoff.grow(options.retry_backoff);
  std::int64_t attempts = 1;
  for (; attempts < options.retry_attempts; ++attempts) {
    wait_before_retry(refusal.error, backoff.next_whole());
    if (stopping()) return;
    hold(one_row(refusal.row, spec_.schema, 0), true);
    Effort effort = new_effort();
    if (!write_with_retries(effort)) return;
    // Others may have been rejected on the way, when the sink was opened again; attempts of 0 mark
    // the row that was written alone.
    const auto answer = std::find_if(refusals_.begin(), refusals_.end(),
                                     [](const Refusal& r) { return r.attempts == 0; });
    if (answer == refusals_.end()) return;
    refusal.error = std::move(answer->error);
    refusals_.erase(answer);
  }
  reject_row(refusal.row, refusal.error, attempts);
}

void SinkWriter::reject_row(const SinkBatch& row, const Error& error, std::int64_t attempts) {
  policy_.row_rejected(row_text(row, 0), Stage::sink, error,
                       static_cast<std::int32_t>(std::max<std::int64_t>(attempts, 1)),
                       row.epoch_of(0));
  count(counters_.rejected, 1);
}

/// Returns whether attempts are used up; then on_exhausted has decided about all rows from
/// held_[first] on.
bool SinkWriter::give_up(std::size_t first, const Error& error, const Effort& effort) {
  const model::SinkOptions& options = spec_.options;
  const bool attempts_over =
      options.retry_max_attempts >= 0 && effort.attempts >= options.retry_max_attempts;
  const bool time_over = options.retry_max_elapsed.count() != 0 &&
                         clock_.steady() - effort.since >= options.retry_max_elapsed;
  if (!attempts_over && !time_over) return false;
  if (options.on_exhausted == model::OnExhausted::fail) {
    failure_.set({Code::retries_exhausted, spec_.name + ": " + error.message,
                  "raise retry.max-attempts, or -1 for no limit"});
  }
  for (std::size_t i = first; i < held_.size(); ++i) {
    const Held& held = held_[i];
    if (held.counted) counters_.written.fetch_sub(held.item.size(), std::memory_order_relaxed);
    count(counters_.rejected, held.item.size());
    if (options.on_exhausted != model::OnExhausted::dlq) continue;
    for (std::size_t row = 0; row < held.item.size(); ++row)
      policy_.row_unwritten(row_text(held.item, row), error,
                            static_cast<std::int32_t>(effort.attempts), held.item.epoch_of(row));
  }
  forget_from(first);
  return true;
}

std::string SinkWriter::row_text(const SinkBatch& item, std::size_t row) const {
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

void SinkWriter::wait_after(const Error& error, Effort& effort) {
  ++effort.attempts;
  const bool connecting = failed_opens_ != 0 && spec_.network;
  wait_before_retry(error,
                    connecting ? effort.reconnects.next(error.retry) : effort.retries.next());
}

/// Makes all accepted rows durable. A flush that fails says nothing about them: they are written
/// again to a sink that is opened anew, as often as that takes, until attempts are used up. A sink
/// that holds nothing is only closed then, and opened again for the next row.
bool SinkWriter::flush() {
  Effort effort = new_effort();
  while (!stopping()) {
    if (!write_with_retries(effort)) return false;
    retry_rejected_rows();
    if (failure_.is_set()) return false;
    if (!opened_ || stopping()) return !stopping();
    const Result<void> flushed = make_durable();
    if (flushed.ok()) {
      forget_from(0);
      return true;
    }
    lose_connection();
    if (held_.empty()) {
      log_.write(LogLevel::warn, "sink=" + spec_.name + " " + code_text(flushed.error().code) +
                                     " reason=" + base::quote_json(flushed.error().message));
      return true;
    }
    if (give_up(0, flushed.error(), effort)) return !failure_.is_set();
    wait_after(flushed.error(), effort);
  }
  return false;
}

}  // namespace eventflux::runtime
