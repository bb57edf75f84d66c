#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "eventflux/state.hpp"
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
