#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventflux/mapper.hpp"
#include "eventflux/source.hpp"

#include "runtime/delivery/acknowledger.hpp"
#include "runtime/delivery/error_policy.hpp"
#include "runtime/delivery/payloads.hpp"
#include "runtime/delivery/source_batch.hpp"
#include "runtime/expression/evaluator.hpp"

namespace eventflux::runtime {

/// How the payloads of a source become rows of one resource.
struct ResourceRoute {
  std::string name;
  Operator* entry = nullptr;
  Schema schema;
  std::unique_ptr<Decoder> decoder;       ///< Null for sources of typed rows.
  std::unique_ptr<Decoder> when_decoder;  ///< Null: takes every payload.
  Schema when_schema;
  EvaluatorPtr when;
  std::optional<std::size_t> order_column{};  ///< Rows of one payload are put in its order.
  std::optional<TableProjection> wanted{};    ///< Of what a source of typed rows offers.
};

/// Memory that holds() uses again.
struct HoldsMemory {
  std::vector<Column> columns{};
  Arena arena{};
  RowErrors errors{};
};

/// Finds of which rows a condition is true. Shape: `result` gets one entry per row.
void holds(Evaluator& when, const BatchBuilder& rows, HoldsMemory& memory,
           std::vector<bool>& result);

/// What became of the payloads of a source. Thread: written by one, read by any.
struct SourceCounters {
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> claimed{0};
  std::atomic<std::uint64_t> unmatched{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> rows{0};
  std::atomic<std::uint64_t> gaps{0};  ///< Stretches of input that are lost.
  std::atomic<std::uint64_t> connects{0};
  std::atomic<std::uint64_t> disconnects{0};
  std::atomic<bool> connected{false};
  std::atomic<std::int64_t> last_payload_us{0};
};

struct SourceEmitterSpec {
  std::uint32_t source = 0;
  std::string name;
  model::SourceOptions options;
  std::vector<ResourceRoute> routes;
  std::vector<Cursor> resume;            ///< Stored positions.
  Acknowledger* acknowledger = nullptr;  ///< Of this source; may be null.
};

/// Takes what a source emits: counts it, decompresses it, finds the resources that claim it,
/// decodes it into rows and hands them on. It is all that a source sees of the runtime. Thread:
/// that of the source; stop() and the counters from any.
class SourceEmitter final : public Emitter {
 public:
  /// `letters` is where `policy` puts dead letters: they travel with the rows around them, so that
  /// they become durable with the cursor that covers them.
  SourceEmitter(SourceEmitterSpec spec, InputConsumer& target, ErrorPolicy& policy,
                DeadLetterBuffer& letters, Clock& clock, Failure& failure);

  Result<void> emit(const Envelope& envelope) override;

  Result<void> idle() override { return flush(); }

  BatchBuilder& rows() override { return source_batch_->parts[0].rows; }

  Result<void> emit_rows(const Cursor& cursor) override;

  const Schema& schema() const override { return spec_.routes[0].schema; }

  std::span<const TableProjection> wanted() const override { return wanted_; }

  BatchBuilder& rows_of(std::size_t index) override;

  std::optional<Cursor> resume(std::string_view partition) const override;
  void set_partition(std::string_view partition, PartitionState state) override;

  void begin_transaction() override { in_transaction_ = true; }

  Result<void> end_transaction() override;
  void gap(const Gap& gap) override;
  void live() override;
  void pause(Duration wait) override;

  bool stopping() const noexcept override { return stopping_.load(std::memory_order_relaxed); }

  void stop() { stopping_ = true; }

  /// Hands on what waits.
  Result<void> flush();
  /// Says that the source has ended for good.
  Result<void> end();
  /// Notes a lost connection; positions of this session stay.
  void disconnected();

  PayloadRules& payloads() { return payloads_; }

  const SourceCounters& counters() const { return counters_; }

  const std::string& name() const { return spec_.name; }

  /// When the current session became live; nothing before that.
  std::optional<Timestamp> live_since() const { return live_since_; }

  /// Ends a session: a transaction that it left open will not be continued.
  void end_session();

  /// Partitions of the session before are not waited for: the new one says what it reads.
  void begin_session();

 private:
  /// How much of a payload a resource takes.
  enum class Claim : std::uint8_t { none, some, all };

  /// What became of a payload so far. Shape: `elements` and `taken` are parallel, and empty until a
  /// resource takes some of its elements.
  struct Routed {
    bool claimed = false;
    bool rejected = false;
    bool whole = false;  ///< A resource takes all of it.
    std::vector<std::span<char>> elements{};
    std::vector<bool> taken{};
  };

  void note_arrival();
  std::uint32_t partition_of(const std::string& name);
  Result<void> route(std::span<char> payload);
  void leave(std::span<char> payload);
  void leave_unclaimed(const Routed& routed);
  Claim claims(ResourceRoute& route, std::span<char> payload);
  Result<void> decode(std::uint32_t index, std::span<char> payload);
  Result<void> decode_claimed(std::uint32_t index, std::span<char> payload, Routed& routed);
  Result<void> append(std::uint32_t index, std::span<char> payload);
  void note_rows(std::uint32_t index, std::uint32_t first);
  void put_in_order(const ResourceRoute& route, BatchBuilder& rows, std::uint32_t first);
  std::unique_ptr<SourceBatch> new_source_batch() const;
  void reject(std::span<char> payload, const Error& error, std::uint64_t full_length = 0);
  Result<void> flush_if_due(std::size_t bytes);
  void revoke(std::string_view partition);
  Error fail_before_payload(SourceBatch::Mark before);
  Result<void> check_types();
  void end_run();

  SourceEmitterSpec spec_;
  Payloads payloads_;
  InputConsumer& target_;
  ErrorPolicy& policy_;
  DeadLetterBuffer& letters_;
  Clock& clock_;
  Failure& failure_;
  std::unique_ptr<SourceBatch> source_batch_;
  Timestamp arrived_{};  // of the payloads in source_batch_
  std::vector<Cursor> positions_;

  struct Partition {
    std::uint32_t number;  // counted from 1
    PartitionState state;
  };

  std::map<std::string, Partition, std::less<>> partitions_;  // empty: they are not told apart
  const std::pair<const std::string, Partition>* entered_ = nullptr;  // of the last payload
  std::uint32_t partition_ = 0;  // of the payload that is being emitted
  std::vector<std::unique_ptr<BatchBuilder>> when_rows_;
  std::vector<bool> claimed_;  // by the last claims(): of each row of its WHEN decoder
  HoldsMemory when_memory_;
  std::vector<TableProjection> wanted_;
  std::vector<std::uint32_t> wanted_parts_;  // parallel: the part of the source_batch
  std::uint32_t part_ = 0;                   // where typed rows are appended now
  std::vector<std::uint32_t> noted_rows_;    // by part: rows that belong to a run
  SourceCounters counters_;
  std::atomic<bool> stopping_{false};
  bool in_transaction_ = false;
  std::optional<Timestamp> live_since_;
};

}  // namespace eventflux::runtime
