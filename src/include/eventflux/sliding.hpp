#pragma once

#include <memory>
#include <utility>

#include "eventflux/aggregate.hpp"
#include "eventflux/window.hpp"

namespace eventflux {
namespace detail {

/// A window whose values can be taken out exactly, or which never forgets: one running state.
template <class A>
class RunningWindow {
 public:
  void push(const Column& input, std::uint32_t row) {
    if constexpr (keeps_values) {
      auto& slot = ring_.push();
      slot.reset();
      if (!input.is_null(row)) slot = read<typename A::Input>(input, row);
    }
    add_row<A>(state_, input, row);
  }

  void pop() {
    if constexpr (keeps_values) {
      if (ring_[0]) A::remove(state_, *ring_[0]);
      ring_.pop();
    } else if constexpr (!is_forever<A>) {
      A::remove(state_);
    }
  }

  void write(ColumnWriter& out, std::uint32_t row) const { write_result<A>(state_, out, row); }

  void prefetch() const { ring_.prefetch(); }

  void save(SnapshotWriter& writer) const {
    save_state(state_, writer);
    ring_.save(writer, [](const Slot& slot, SnapshotWriter& to) {
      to.put(slot.has_value());
      to.put(slot.value_or(Value{}));
    });
  }

  Result<void> load(SnapshotReader& reader) {
    EF_CHECK(load_state(state_, reader));
    return ring_.load(reader, [](Slot& slot, SnapshotReader& from) -> Result<void> {
      EF_TRY(const bool present, from.get<bool>());
      EF_TRY(slot, from.get<Value>());
      if (!present) slot.reset();
      return {};
    });
  }

 private:
  static constexpr bool keeps_values = has_input<A> && !is_forever<A>;
  using Value = std::conditional_t<keeps_values, typename A::Input, char>;
  using Slot = std::optional<Value>;

  typename A::State state_{};
  SlotRing<Slot> ring_;
};

/// What a window of two stacks keeps per row: a State, or A::Packed, which is smaller.
template <class A>
struct StackSlots {
  using Slot = typename A::State;

  static Slot make(const Column& input, std::uint32_t row) {
    Slot slot{};
    add_row<A>(slot, input, row);
    return slot;
  }

  static void merge(Slot& older, const Slot& newer) { A::merge(older, newer); }

  static const Slot& state(const Slot& slot, std::uint32_t) { return slot; }
};

template <Packable A>
struct StackSlots<A> {
  using Slot = typename A::Packed;

  static Slot make(const Column& input, std::uint32_t row) {
    return input.is_null(row) ? A::neutral : A::pack(read<typename A::Input>(input, row));
  }

  static void merge(Slot& older, const Slot& newer) { older = A::merge_packed(older, newer); }

  static typename A::State state(const Slot& slot, std::uint32_t rows) {
    return rows == 0 ? typename A::State() : A::unpack(slot, rows);
  }
};

/// A window over values that cannot be taken out: min, max, sums of doubles. The ring holds suffix
/// aggregates of its front rows and single values behind them; when the front is used up, one
/// backward pass turns all slots into suffix aggregates.
/// Invariant: result = merge(slot 0 when front > 0, merge of the single values).
/// Source: two stacks in one ring; Tangwongsan, Hirzel, Schneider, In-order sliding-window
/// aggregation in worst-case constant time, VLDB Journal 30, 2021. Benchmark: `micro/windows`.
template <class A>
class TwoStackWindow {
 public:
  [[gnu::always_inline]] void push(const Column& input, std::uint32_t row) {
    if (Packable<A> && input.is_null(row)) {
      if (nulls_ == nullptr) nulls_ = std::make_unique<NullRows>();
      nulls_->positions.push() = nulls_->popped + ring_.size();
    }
    Slot slot = Slots::make(input, row);
    const bool first = ring_.size() == front_;
    if (first) back_ = slot;
    if (!first) Slots::merge(back_, slot);
    ring_.push() = std::move(slot);
  }

  [[gnu::always_inline]] void pop() {
    if (front_ == 0) flip();
    ring_.pop();
    --front_;
    if (nulls_ == nullptr) return;
    if (nulls_->positions.size() != 0 && nulls_->positions[0] == nulls_->popped)
      nulls_->positions.pop();
    ++nulls_->popped;
  }

  [[gnu::always_inline]] void write(ColumnWriter& out, std::uint32_t row) const {
    const std::uint32_t size = ring_.size();
    const std::uint32_t rows = nulls_ == nullptr ? size : size - nulls_->positions.size();
    Slot all = front_ == 0 ? back_ : ring_[0];
    if (front_ != 0 && front_ != size) Slots::merge(all, back_);
    write_result<A>(size == 0 ? typename A::State() : Slots::state(all, rows), out, row);
  }

  void prefetch() const { ring_.prefetch(); }

  void save(SnapshotWriter& writer) const {
    writer.put(front_);
    save_state(back_, writer);
    ring_.save(writer, save_state<Slot>);
    writer.put(nulls_ != nullptr);
    if (nulls_ == nullptr) return;
    writer.put(nulls_->popped);
    nulls_->positions.save(writer, save_state<std::uint64_t>);
  }

  Result<void> load(SnapshotReader& reader) {
    EF_TRY(front_, reader.get<std::uint32_t>());
    EF_CHECK(load_state(back_, reader));
    EF_CHECK(ring_.load(reader, load_state<Slot>));
    EF_TRY(const bool nulls, reader.get<bool>());
    if (!nulls) return {};
    nulls_ = std::make_unique<NullRows>();
    EF_TRY(nulls_->popped, reader.get<std::uint64_t>());
    return nulls_->positions.load(reader, load_state<std::uint64_t>);
  }

 private:
  using Slots = StackSlots<A>;
  using Slot = typename Slots::Slot;

  /// Which rows are NULL: their positions in the order of arrival since the first one.
  struct NullRows {
    SlotRing<std::uint64_t> positions;
    std::uint64_t popped = 0;
  };

  /// Packed slots are merged in a register: through memory each would wait for the one before it.
  void flip() {
    Slot all{};
    const Slot* newer = nullptr;
    ring_.backwards([&](Slot& slot) {
      if (newer != nullptr) Slots::merge(slot, Packable<A> ? all : *newer);
      if constexpr (Packable<A>) all = slot;
      newer = &slot;
    });
    front_ = ring_.size();
  }

  SlotRing<Slot> ring_;
  Slot back_{};
  std::uint32_t front_ = 0;
  std::unique_ptr<NullRows> nulls_;  // packed slots only
};

template <class A>
using SlidingWindow =
    std::conditional_t<is_forever<A> || Removable<A>, RunningWindow<A>, TwoStackWindow<A>>;

template <class A>
void slide_aligned(const SlideBatch& batch, ColumnWriter& out) {
  using Window = SlidingWindow<A>;
  constexpr std::uint32_t ahead = 8;  // rows
  const SlideBatch b = batch;
  for (std::uint32_t i = 0; i < b.rows.count; ++i) {
    if (b.scattered && i + 2 * ahead < b.rows.count) {
      __builtin_prefetch(&b.lane.template at<Window>(b.groups[b.rows[i + 2 * ahead]]));
      b.lane.template at<Window>(b.groups[b.rows[i + ahead]]).prefetch();
    }
    const std::uint32_t row = b.rows[i];
    auto& window = b.lane.template at<Window>(b.groups[row]);
    for (std::uint32_t left = b.leaving[i]; left != 0; --left)
      window.pop();
    window.push(b.input, row);
    window.write(out, row);
  }
}

template <class A>
void slide(const SlideBatch& batch, ColumnWriter& out) {
  if (batch.leaving != nullptr) return slide_aligned<A>(batch, out);
  using Window = SlidingWindow<A>;
  const SlideBatch b = batch;
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < b.rows.count; ++i) {
    for (; next < b.ends[i]; ++next)
      b.lane.template at<Window>(b.expired[next]).pop();
    const std::uint32_t row = b.rows[i];
    const bool counts = b.counted == nullptr || ((b.counted[i / 64] >> (i % 64)) & 1U) != 0;
    auto& window = b.lane.template at<Window>(b.groups[row]);
    if (counts) window.push(b.input, row);
    if (counts || b.all_results) window.write(out, row);
  }
}

}  // namespace detail

/// Makes an aggregate for the registry from its parts; see `Aggregate`.
template <Aggregate A>
AggregateFunction aggregate_function(std::string name, std::string text) {
  AggregateFunction made = detail::unsliding_function<A>();
  made.name = std::move(name);
  made.text = std::move(text);
  using Sliding = typename detail::InSliding<A>::Type;
  static_assert(Relocatable<typename A::State> && Relocatable<typename Sliding::State>);
  made.slide_state = detail::state_ops<detail::SlidingWindow<Sliding>>();
  made.slide = &detail::slide<Sliding>;
  return made;
}

}  // namespace eventflux
