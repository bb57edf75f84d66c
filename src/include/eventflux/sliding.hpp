#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "eventflux/aggregate.hpp"

namespace eventflux {
namespace detail {

/// Slots in arrival order, oldest first. Shape: capacity is a power of two and doubles when full.
template <class Slot>
class SlotRing {
 public:
  std::uint32_t size() const { return size_; }

  Slot& operator[](std::uint32_t i) { return slots_[(head_ + i) & (capacity_ - 1)]; }

  const Slot& operator[](std::uint32_t i) const { return slots_[(head_ + i) & (capacity_ - 1)]; }

  Slot& push() {
    if (size_ == capacity_) grow();
    return (*this)[size_++];
  }

  void pop() {
    head_ = (head_ + 1) & (capacity_ - 1);
    --size_;
  }

 private:
  void grow() {
    const std::uint32_t larger = std::max<std::uint32_t>(8, capacity_ * 2);
    std::vector<Slot> slots(larger);
    for (std::uint32_t i = 0; i < size_; ++i)
      slots[i] = std::move((*this)[i]);
    slots_ = std::move(slots);
    capacity_ = larger;
    head_ = 0;
  }

  std::vector<Slot> slots_;
  std::uint32_t capacity_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
};

template <class T>
struct InputSlot {
  T value{};
  bool present = false;
};

/// A window over values that can be taken out exactly: the values, and one running state.
template <class A>
class SubtractingWindow {
 public:
  void push(const Column& input, std::uint32_t row) {
    if constexpr (has_input<A>) {
      auto& slot = ring_.push();
      slot.present = !input.is_null(row);
      if (slot.present) slot.value = read<typename A::Input>(input, row);
    }
    add_row<A>(state_, input, row);
  }

  void pop() {
    if constexpr (has_input<A>) {
      if (ring_[0].present) A::remove(state_, ring_[0].value);
      ring_.pop();
    } else {
      A::remove(state_);
    }
  }

  void write(ColumnWriter& out, std::uint32_t row) const { write_result<A>(state_, out, row); }

  void save(SnapshotWriter& writer) const {
    save_state(state_, writer);
    writer.put(ring_.size());
    for (std::uint32_t i = 0; i < ring_.size(); ++i) {
      writer.put(ring_[i].present);
      if (ring_[i].present) writer.put(ring_[i].value);
    }
  }

  Result<void> load(SnapshotReader& reader) {
    EF_CHECK(load_state(state_, reader));
    EF_TRY(const auto size, reader.get<std::uint32_t>());
    for (std::uint32_t i = 0; i < size; ++i) {
      Slot& slot = ring_.push();
      EF_TRY(slot.present, reader.get<bool>());
      if (!slot.present) continue;
      EF_TRY(slot.value, reader.get<decltype(slot.value)>());
    }
    return {};
  }

 private:
  using Slot = InputSlot<std::conditional_t<has_input<A>, typename A::Input, char>>;

  typename A::State state_{};
  SlotRing<Slot> ring_;
};

/// A window over values that cannot be taken out: min, max, sums of doubles. The ring holds suffix
/// aggregates of its front rows and single values behind them; when the front is used up, one
/// backward pass turns all slots into suffix aggregates.
/// Invariant: result = merge(slot 0 when front > 0, merge of the single values).
/// Source: two stacks in one ring; Tangwongsan, Hirzel, Schneider, In-order sliding-window
/// aggregation in worst-case constant time, VLDB Journal 30, 2021.
template <class A>
class TwoStackWindow {
 public:
  void push(const Column& input, std::uint32_t row) {
    typename A::State& slot = ring_.push();
    slot = typename A::State();
    add_row<A>(slot, input, row);
    add_row<A>(back_, input, row);
  }

  void pop() {
    if (front_ == 0) flip();
    ring_.pop();
    --front_;
  }

  void write(ColumnWriter& out, std::uint32_t row) const {
    if (front_ == 0) return write_result<A>(back_, out, row);
    typename A::State all{};
    A::merge(all, ring_[0]);
    A::merge(all, back_);
    write_result<A>(all, out, row);
  }

  void save(SnapshotWriter& writer) const {
    writer.put(front_);
    save_state(back_, writer);
    writer.put(ring_.size());
    for (std::uint32_t i = 0; i < ring_.size(); ++i)
      save_state(ring_[i], writer);
  }

  Result<void> load(SnapshotReader& reader) {
    EF_TRY(front_, reader.get<std::uint32_t>());
    EF_CHECK(load_state(back_, reader));
    EF_TRY(const auto size, reader.get<std::uint32_t>());
    for (std::uint32_t i = 0; i < size; ++i)
      EF_CHECK(load_state(ring_.push(), reader));
    return {};
  }

 private:
  void flip() {
    for (std::uint32_t i = ring_.size(); i-- > 1;) {
      A::merge(ring_[i - 1], ring_[i]);
    }
    front_ = ring_.size();
    back_ = typename A::State();
  }

  SlotRing<typename A::State> ring_;
  typename A::State back_{};
  std::uint32_t front_ = 0;
};

/// A window of an aggregate that never forgets.
template <class A>
class ForeverWindow {
 public:
  void push(const Column& input, std::uint32_t row) { add_row<A>(state_, input, row); }

  void pop() {}

  void write(ColumnWriter& out, std::uint32_t row) const { write_result<A>(state_, out, row); }

  void save(SnapshotWriter& writer) const { save_state(state_, writer); }

  Result<void> load(SnapshotReader& reader) { return load_state(state_, reader); }

 private:
  typename A::State state_{};
};

template <class A>
inline constexpr bool has_remove = [] {
  if constexpr (!has_input<A>) {
    return requires(typename A::State & s) {
      A::remove(s);
    };
  } else {
    return requires(typename A::State & s, typename A::Input v) {
      A::remove(s, v);
    };
  }
}();

template <class A>
using SlidingWindow =
    std::conditional_t<is_forever<A>, ForeverWindow<A>,
                       std::conditional_t<has_remove<A>, SubtractingWindow<A>, TwoStackWindow<A>>>;

template <class A>
void slide(const SlideBatch& batch, ColumnWriter& out) {
  using Window = SlidingWindow<A>;
  const SlideBatch b = batch;
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < b.rows.count; ++i) {
    for (; next < b.ends[i]; ++next)
      b.lane.template at<Window>(b.expired[next]).pop();
    if (b.counted != nullptr && ((b.counted[i / 64] >> (i % 64)) & 1U) == 0) continue;
    const std::uint32_t row = b.rows[i];
    Window& window = b.lane.template at<Window>(b.groups[row]);
    window.push(b.input, row);
    window.write(out, row);
  }
}

}  // namespace detail

/// Makes an aggregate for the registry from its parts; see `Aggregate`.
template <Aggregate A>
AggregateFunction aggregate_function(std::string name, std::string text) {
  AggregateFunction made;
  made.name = std::move(name);
  made.text = std::move(text);
  if constexpr (detail::has_input<A>) made.input = detail::ArgumentType<typename A::Input>::type;
  made.output = detail::ArgumentType<typename A::Output>::type;
  made.forever = detail::is_forever<A>;
  made.state = detail::state_ops<typename A::State>();
  made.add = &detail::add<A>;
  made.add_and_result = &detail::add_and_result<A>;
  made.result = &detail::result<A>;
  made.slide_state = detail::state_ops<detail::SlidingWindow<A>>();
  made.slide = &detail::slide<A>;
  return made;
}

}  // namespace eventflux
