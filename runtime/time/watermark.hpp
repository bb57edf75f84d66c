#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/state.hpp"

#include "runtime/time/time_domain.hpp"

namespace eventflux::runtime {

/// The watermark of a stream, over the partitions of the source that fills it: the least of "latest
/// time seen, less the delay" over all partitions that count. A partition counts from open() until
/// it is idle or ended, also before its first row: what it has yet to send may be the oldest. When
/// none counts, the latest time of any of them decides. It never goes back.
/// Shape: partition 0 takes rows that belong to no declared partition; it is the only one of most
/// sources. Units: microseconds. Thread: that of the graph.
class Watermark {
 public:
  struct Options {
    std::int64_t delay_us = 0;
    std::int64_t idle_us = 0;  ///< Silence after which a partition is idle; 0: only by caught_up().
  };

  explicit Watermark(Options options);

  std::int64_t value() const { return value_; }

  /// Returns whether no partition holds it back.
  bool all_idle() const;

  /// Declares a partition and returns its number. Rows of it may follow.
  std::uint32_t open(std::string_view name, std::int64_t now);
  /// The partition was read to its end for now.
  void caught_up(std::uint32_t partition);
  /// Nothing else comes from the partition.
  void end(std::uint32_t partition);

  /// Says that the rows that follow are of `partition` and arrive at `now`.
  void enter(std::uint32_t partition, std::int64_t now);

  /// Returns the latest time that the entered partition has sent.
  std::int64_t seen() const { return partitions_[entered_].seen; }

  /// Returns what the watermark is once the entered partition has sent `time`, which is seen() or
  /// later.
  std::int64_t after(std::int64_t time) const {
    return std::max(value_, std::min(others_, time - options_.delay_us));
  }

  /// Takes a time of the entered partition and returns the watermark.
  std::int64_t see(std::int64_t time) {
    std::int64_t& seen = partitions_[entered_].seen;
    seen = std::max(seen, time);
    value_ = after(seen);
    return value_;
  }

  /// Returns the processing time at which the next partition becomes idle.
  std::int64_t next_due() const;
  /// Makes the partitions idle that are due.
  void on_time(std::int64_t now);

  /// Begins to count silence at `now`; the time when nothing ran is no silence.
  void start(std::int64_t now);
  void save(SnapshotWriter& writer, std::int64_t now) const;
  /// Fails: EF0702.
  Result<void> load(SnapshotReader& reader);

 private:
  struct Partition {
    std::string name;
    std::int64_t seen = TimeDomain::start;
    std::int64_t last_arrival = never;  // never: not started
    std::int64_t silence = 0;           // before the restart
    bool counts = true;
    bool idle = false;
  };

  std::int64_t lead(const Partition& partition) const {
    return partition.seen == TimeDomain::start ? TimeDomain::start
                                               : partition.seen - options_.delay_us;
  }

  std::int64_t others_of(std::uint32_t partition) const;
  void update();

  Options options_;
  std::int64_t value_ = TimeDomain::start;
  std::vector<Partition> partitions_;
  std::uint32_t entered_ = 0;
  std::int64_t others_ = never;  // the least of the partitions that count beside the entered one
};

}  // namespace eventflux::runtime
