#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "eventflux/state.hpp"
#include "eventflux/time.hpp"
#include "eventflux/value.hpp"

namespace eventflux {

/// Rows that arrive at a window, in order.
struct WindowInput {
  std::span<const std::uint32_t> partition;  ///< Dense number of the PER key; 0 without PER.
  std::span<const std::int64_t> time;        ///< Microseconds.
};

/// A window that rows leave oldest first, per partition; it emits per arriving row.
class RowWindow {
 public:
  virtual ~RowWindow() = default;
  /// Says for each row how many of the oldest rows of its partition leave before it enters.
  virtual void admit(const WindowInput& rows, std::span<std::uint32_t> expired) = 0;
  virtual void snapshot(SnapshotWriter& writer) const = 0;
  virtual Result<void> restore(SnapshotReader& reader) = 0;
};

/// A time interval or a run of rows that is emitted as one when it closes.
/// Shape: [start, end) in microseconds; a pane of rows is told apart by `start` alone.
struct Pane {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

/// Where a row goes, and whether its pane is complete with it.
struct PaneRow {
  Pane pane;
  bool closes = false;
};

/// A window that emits per pane.
class PaneWindow {
 public:
  virtual ~PaneWindow() = default;
  /// Says for each row which pane of its partition takes it.
  virtual void admit(const WindowInput& rows, std::span<PaneRow> panes) = 0;
  /// True: a pane is due when time reaches its `end`; false: only rows close it.
  virtual bool by_time() const = 0;

  /// Returns the earliest `end` that a pane of rows of `time` or later can have; by_time() only.
  virtual std::int64_t horizon(std::int64_t time) const {
    static_cast<void>(time);
    return std::numeric_limits<std::int64_t>::max();
  }

  virtual void snapshot(SnapshotWriter& writer) const = 0;
  virtual Result<void> restore(SnapshotReader& reader) = 0;
};

/// An argument of a window as written: a duration in microseconds or a whole number.
struct WindowArgument {
  Type type = Type::int64;
  std::int64_t value = 0;
  Span span{};
};

}  // namespace eventflux
