#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/source.hpp"

#include "runtime/graph/operator.hpp"
#include "runtime/operators/late_action.hpp"
#include "runtime/state/blob_state.hpp"
#include "runtime/time/time_domain.hpp"
#include "runtime/time/watermark.hpp"

namespace eventflux::runtime {

/// What becomes of a row whose time is too far ahead of its arrival.
enum class AheadAction : std::uint8_t {
  reject,  ///< It fails.
  drop,
  clamp,  ///< It counts as of the latest time allowed; its columns stay.
};

/// How a stream gets its event time.
struct EventTime {
  std::size_t column = 0;
  bool milliseconds = false;  ///< The column is BIGINT in epoch milliseconds.
  std::int64_t delay_us = 0;  ///< Of the watermark after the largest time seen.
  LateAction late = LateAction::drop;
  std::int64_t idle_us = 0;       ///< Arrival silence after which others need not wait; 0: never.
  std::int64_t ahead_us = never;  ///< How far a time may be ahead of the arrival; never: any.
  AheadAction ahead = AheadAction::reject;
};

/// Hands the rows of a stream to all that read it. It owns the stream's event time, if declared.
class StreamOperator final : public Operator {
 public:
  explicit StreamOperator(Schema schema) : schema_(std::move(schema)) {}

  /// Makes the stream the owner of an event-time clock.
  void set_event_time(EventTime spec, TimeDomain& domain, TimeDomain& processing);
  /// Takes what the source says of a partition. `id` is the number that rows carry in
  /// Batch::partition, counted from 1; `name` is stored.
  void set_partition(std::uint32_t id, PartitionState state, std::string_view name);

  const Schema& schema() const { return schema_; }

  void on_batch(Port port, const Batch& batch) override;

  bool passes_rows_on() const override { return true; }

  void on_start(std::int64_t now) override;
  std::int64_t next_due() const override;
  void on_time(std::int64_t due) override;

  bool has_state() const override { return event_time_.has_value(); }

  std::uint32_t snapshot(DeltaWriter& writer) override;
  Result<void> restore(const MergedState& records) override;

 private:
  struct Dropped {
    FirstDropped late;
    FirstDropped ahead;
  };

  void take_event_time(const Batch& batch);
  void enter(const Batch& batch);
  bool hand_on_whole(const Batch& batch);
  bool read_time(const Column& column, std::uint32_t row);
  bool keep_in_bounds(const Batch& batch, std::uint32_t row, Dropped& dropped);
  bool keep_late(std::uint32_t row, Dropped& dropped);
  std::uint32_t keep_timely(const Batch& batch);
  std::int64_t latest_allowed(std::int64_t arrived) const;
  Error late_row(std::uint32_t row) const;
  Error row_ahead(std::uint32_t row, std::int64_t arrived) const;
  std::uint32_t partition_of(const Batch& batch) const;
  void follow_watermark();
  void hand_on_kept(const Batch& batch, std::uint32_t count);
  void hand_on(const Batch& batch, std::uint32_t first, std::uint32_t count);

  Schema schema_;
  std::optional<EventTime> event_time_;
  TimeDomain* domain_ = nullptr;
  TimeDomain* processing_ = nullptr;
  Watermark watermark_{{}};
  std::vector<std::uint32_t> partitions_;  // by the number that rows carry, less one
  std::vector<std::int64_t> time_;
  std::vector<std::int64_t> watermarks_;  // per kept row
  std::vector<std::uint16_t> kept_;
  BlobState stored_;
  RowErrors errors_;
};

}  // namespace eventflux::runtime
