#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/delivery/backoff.hpp"
#include "runtime/delivery/sink_node.hpp"

namespace eventflux::runtime {

/// What a sink has done. Thread: written by one, read by any.
struct SinkCounters {
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> possible_duplicates{0};
  std::atomic<bool> blocked{false};
};

struct SinkWriterSpec {
  std::string name;
  Schema schema;
  std::string prologue;  ///< Of the encoder.
  model::SinkOptions options;
  std::function<Result<std::unique_ptr<Sink>>()> make;
  /// Says that everything of an epoch is written and durable.
  std::function<void(std::uint64_t epoch)> acknowledge;
  bool dry_run = false;  ///< Counts and does not write.
  bool network = false;  ///< Failures to open wait by `reconnect.*`, others by `retry.*`.
};

/// Writes what a sink node sealed, in order, on its own thread: opens the sink, retries, splits off
/// rows that the sink rejects and writes them again under error.strategy='retry', and acknowledges
/// epochs.
/// Thread: put() from the graph's; run() on its own; stop() from any.
class SinkWriter final : public OutputTarget, public StopSignal {
 public:
  SinkWriter(SinkWriterSpec spec, ErrorPolicy& policy, Failure& failure, Clock& clock, Rng rng,
             Log& log);

  void put(OutputItem item) override;

  bool idle() const override { return pending_.load(std::memory_order_relaxed) == 0; }

  OutputItem spare() override;
  /// Blocks: until finish() and everything is written, or stop().
  void run();
  /// Says that nothing more comes.
  void finish();
  /// Gives up what is not written yet.
  void stop();

  bool stopping() const noexcept override { return stopping_.load(std::memory_order_relaxed); }

  const SinkCounters& counters() const { return counters_; }

  const std::string& name() const { return spec_.name; }

 private:
  /// The sink's last word about a batch: accepted, or rows of it rejected.
  struct Settled {
    WriteResult result;
    std::int64_t attempts;
  };

  std::optional<OutputItem> next();
  void keep(OutputItem item);
  Result<void> open();
  void write(const OutputItem& item);
  WriteResult write_once(const OutputItem& item);
  std::optional<WriteResult> open_and_write(const OutputItem& item, std::int64_t& failed_opens);
  void end_epoch(std::uint64_t epoch);
  std::optional<Settled> settle(const OutputItem& item);
  bool may_reconnect(std::int64_t failed_opens) const;
  void retry_row(const OutputItem& row, Error error);
  void reject_row(const OutputItem& item, std::uint32_t row, const Error& error,
                  std::int64_t attempts);
  bool give_up(const OutputItem& item, const Error& error, std::int64_t attempts, Timestamp since);
  void wait_before_retry(const Error& error, Duration wait);
  bool flush();
  std::string row_text(const OutputItem& item, std::size_t row) const;

  SinkWriterSpec spec_;
  ErrorPolicy& policy_;
  Failure& failure_;
  Clock& clock_;
  Rng rng_;
  Log& log_;
  std::unique_ptr<Sink> sink_;
  bool opened_ = false;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable freed_;
  std::deque<OutputItem> waiting_;         // guarded by mutex_
  std::size_t waiting_bytes_ = 0;          // guarded by mutex_
  std::vector<OutputItem> spares_;         // guarded by mutex_
  bool finished_ = false;                  // guarded by mutex_
  std::atomic<std::uint32_t> pending_{0};  // items that are not settled yet
  std::mutex sink_mutex_;
  Sink* running_ = nullptr;  // guarded by sink_mutex_; for stop()
  std::atomic<bool> stopping_{false};
  SinkCounters counters_;
};

}  // namespace eventflux::runtime
