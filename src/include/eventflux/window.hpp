#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "eventflux/batch.hpp"
#include "eventflux/state_ops.hpp"
#include "eventflux/time.hpp"
#include "eventflux/value.hpp"

namespace eventflux {

/// Slots in arrival order, oldest first. Shape: capacity grows by half, and is cut to the size that
/// the window had when the first slot left, because most windows keep it.
template <class Slot>
class SlotRing {
 public:
  std::uint32_t size() const { return size_; }

  Slot& operator[](std::uint32_t i) { return slots_[place(i)]; }

  const Slot& operator[](std::uint32_t i) const { return slots_[place(i)]; }

  [[gnu::always_inline]] Slot& push() {
    if (size_ == capacity_) resize(std::max<std::uint32_t>(8, capacity_ + capacity_ / 2));
    return slots_[place(size_++)];
  }

  [[gnu::always_inline]] void pop() {
    if (!popped_) cut();
    head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
    --size_;
  }

  /// Calls body(slot) from the newest slot to the oldest.
  template <class Body>
  void backwards(Body body) {
    const std::uint32_t end = std::min(head_ + size_, capacity_);
    for (std::uint32_t i = head_ + size_ - end; i-- > 0;)
      body(slots_[i]);
    for (std::uint32_t i = end; i-- > head_;)
      body(slots_[i]);
  }

  /// Writes the slots with save_slot(slot, writer).
  template <class Save>
  void save(SnapshotWriter& writer, Save save_slot) const {
    writer.put(size_);
    for (std::uint32_t i = 0; i < size_; ++i)
      save_slot((*this)[i], writer);
  }

  /// Restores what save() wrote with load_slot(slot, reader). Fails: EF0702.
  template <class Load>
  Result<void> load(SnapshotReader& reader, Load load_slot) {
    EF_TRY(const auto size, reader.get<std::uint32_t>());
    for (std::uint32_t i = 0; i < size; ++i)
      EF_CHECK(load_slot(push(), reader));
    return {};
  }

  /// Fetches what the next push() and pop() touch.
  void prefetch() const {
    __builtin_prefetch(slots_.get() + head_, 1);
    __builtin_prefetch(slots_.get() + place(size_), 1);
  }

 private:
  std::uint32_t place(std::uint32_t i) const {
    const std::uint32_t at = head_ + i;
    return at >= capacity_ ? at - capacity_ : at;
  }

  [[gnu::noinline]] void cut() {
    popped_ = true;
    if (size_ < capacity_) resize(size_);
  }

  [[gnu::noinline]] void resize(std::uint32_t capacity) {
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): one pointer, where a vector has three
    auto slots = std::make_unique<Slot[]>(capacity);
    for (std::uint32_t i = 0; i < size_; ++i)
      slots[i] = std::move((*this)[i]);
    slots_ = std::move(slots);
    capacity_ = capacity;
    head_ = 0;
  }

  // NOLINTNEXTLINE(modernize-avoid-c-arrays): as above
  std::unique_ptr<Slot[]> slots_;
  std::uint32_t capacity_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
  bool popped_ = false;
};

/// Rows on their way through sliding windows, entry i of n in order: first the oldest leaving[i]
/// rows of groups[row] leave, or without `leaving` the oldest rows of groups
/// expired[ends[i-1] … ends[i]); then row rows[i] enters groups[row], unless `counted` (a bit per
/// entry; null pointer: all) is clear, and the result of that group is written to it.
struct SlideBatch {
  StateLane lane;
  const std::uint32_t* groups = nullptr;
  Column input{};
  Selection rows{};
  const std::uint32_t* expired = nullptr;
  const std::uint32_t* ends = nullptr;
  const std::uint64_t* counted = nullptr;
  const std::uint32_t* leaving = nullptr;
  bool all_results = false;  ///< Entries that are not counted get their group's result, too.
  bool scattered = false;    ///< More groups than the cache holds: fetch ahead.
};

/// Rows that arrive at a window, in order.
struct WindowInput {
  std::span<const std::uint32_t> partition;  ///< Dense number of the PER key; 0 without PER.
  std::span<const std::int64_t> time;        ///< Microseconds.
};

/// A window that emits per arriving row, and which rows leave oldest first, per partition.
/// Thread: that of the task.
class WindowEvictor {
 public:
  virtual ~WindowEvictor() = default;
  /// Says for each row how many of the oldest rows of its partition leave before it enters.
  virtual void evict(const WindowInput& rows, std::span<std::uint32_t> leaving) = 0;
  virtual void snapshot(SnapshotWriter& writer) const = 0;
  virtual Result<void> restore(SnapshotReader& reader) = 0;
};

/// A stretch of time that is emitted as one when it closes, or a run of rows. Slices, which
/// overlapping instances share, are stretches too.
/// Shape: [start, end) in microseconds; a run of rows is told apart by `start` alone.
struct WindowInstance {
  std::int64_t start = 0;
  std::int64_t end = 0;

  bool operator==(const WindowInstance&) const = default;
};

/// Where a row goes, and whether its run is complete with it.
struct AssignedSlice {
  WindowInstance slice;
  bool completes = false;
};

/// What closes the instances of a window.
enum class WindowTrigger : std::uint8_t {
  time,  ///< Time reaches `end`.
  row,   ///< The row that completes the run.
};

/// A window that emits per instance. It says where rows belong and when instances end; the runtime
/// keeps the rows or their aggregates per slice, fires the timers, shares slices between
/// overlapping instances and stores all of it.
/// Thread: that of the task.
class WindowAssigner {
 public:
  virtual ~WindowAssigner() = default;

  /// Says for each row which slice of its partition takes it. All rows of a slice belong to the
  /// same instances; where instances overlap, all slices are equally long.
  virtual void assign(const WindowInput& rows, std::span<AssignedSlice> slices) = 0;

  virtual WindowTrigger trigger() const = 0;

  /// Returns the instance that holds a slice and ends first after `time`; nothing when all that
  /// hold it have ended by then. Without overlap the slice is its own instance.
  virtual std::optional<WindowInstance> next_instance(const WindowInstance& slice,
                                                      std::int64_t time) const {
    if (slice.end <= time) return std::nullopt;
    return slice;
  }

  /// True: slices of one partition that overlap become one, as sessions do.
  virtual bool merges() const { return false; }

  /// Returns the earliest `end` that an instance can have which takes rows of `time` or later;
  /// windows that time closes only.
  virtual std::int64_t earliest_end(std::int64_t time) const {
    static_cast<void>(time);
    return std::numeric_limits<std::int64_t>::max();
  }

  /// Returns when the instance after this one ends, be it empty; nothing when only rows tell.
  virtual std::optional<std::int64_t> next_tick(const WindowInstance& instance) const {
    static_cast<void>(instance);
    return std::nullopt;
  }

  virtual void snapshot(SnapshotWriter& writer) const { static_cast<void>(writer); }

  virtual Result<void> restore(SnapshotReader& reader) {
    static_cast<void>(reader);
    return {};
  }
};

/// Returns `time` plus a duration; where that is beyond all times, the last one that can come.
inline std::int64_t later(std::int64_t time, std::int64_t by) {
  std::int64_t sum = 0;
  const bool beyond = __builtin_add_overflow(time, by, &sum);
  return beyond ? std::numeric_limits<std::int64_t>::max() - 1 : sum;
}

/// An argument of a window as written: a duration in microseconds or a whole number.
struct WindowArgument {
  Type type = Type::int64;
  std::int64_t value = 0;
  Span span{};
};

}  // namespace eventflux
