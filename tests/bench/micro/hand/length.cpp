// Two stacks in one ring per key, for sum, least and greatest together. Slots from `at` on that
// still count in `front` hold suffix aggregates; the others hold single values. When the front is
// used up, one backward pass turns all slots into suffix aggregates.
// Source: Tangwongsan, Hirzel, Schneider, In-order sliding-window aggregation in worst-case
// constant time, VLDB Journal 30, 2021.
#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "tests/bench/micro/hand/keys.hpp"
#include "tests/bench/micro/hand/loops.hpp"

namespace eventflux::bench::hand {
namespace {

constexpr std::uint32_t window = 100;

struct Extent {
  double sum;
  double least;
  double greatest;
};

inline Extent merged(Extent older, Extent newer) {
  return {older.sum + newer.sum, std::min(older.least, newer.least),
          std::max(older.greatest, newer.greatest)};
}

/// Single values stand in `sum` alone; their least and greatest are made when they become suffixes.
struct Ring {
  std::array<double, window> sum;
  std::array<double, window> least;
  std::array<double, window> greatest;
  Extent back;
  std::uint32_t at = 0;
  std::uint32_t rows = 0;
  std::uint32_t front = 0;

  void flip() {
    constexpr double endless = std::numeric_limits<double>::infinity();
    Extent all{0.0, endless, -endless};
    std::uint32_t slot = at;
    for (std::uint32_t k = 0; k < window; ++k) {
      slot = slot == 0 ? window - 1 : slot - 1;
      const double value = sum[slot];
      all = merged({value, value, value}, all);
      sum[slot] = all.sum;
      least[slot] = all.least;
      greatest[slot] = all.greatest;
    }
    front = window;
    back = {0.0, endless, -endless};
  }

  Extent push(double value) {
    if (rows == window) {
      if (front == 0) flip();
      --front;
    } else if (rows++ == 0) {
      back = {0.0, value, value};
    }
    sum[at] = value;
    at = at + 1 == window ? 0 : at + 1;
    back = merged(back, {value, value, value});
    if (front == 0) return back;
    return merged({sum[at], least[at], greatest[at]}, back);
  }
};

class Length final : public Side {
 public:
  Length(const Rows& rows, PassPlan plan) : rows_(rows), plan_(plan), cursor_(rows.size()) {}

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::uint32_t first = cursor_.next(plan_.batch);
      process(first);
      if (checksum() != nullptr) report(first);
    }
  }

 private:
  void process(std::uint32_t first) {
    const Text* symbol = rows_.symbol.data() + first;
    const double* price = rows_.price.data() + first;
    for (std::uint32_t row = 0; row < plan_.batch; ++row) {
      Ring& ring = ring_of(symbol[row]);
      const Extent all = ring.push(price[row]);
      mean_[row] = all.sum / static_cast<double>(ring.rows);
      least_[row] = all.least;
      greatest_[row] = all.greatest;
    }
  }

  Ring& ring_of(const Text& symbol) {
    const auto [place, added] =
        index_.try_emplace(TextKey(symbol), static_cast<std::uint32_t>(rings_.size()));
    if (added) rings_.push_back(std::make_unique<Ring>());
    return *rings_[place->second];
  }

  void report(std::uint32_t first) {
    for (std::uint32_t row = 0; row < plan_.batch; ++row) {
      checksum()->add(rows_.symbol[first + row].view());
      checksum()->add(mean_[row]);
      checksum()->add(least_[row]);
      checksum()->add(greatest_[row]);
      checksum()->end_row();
    }
  }

  const Rows& rows_;
  PassPlan plan_;
  RowCursor cursor_;
  Map<ByText, std::uint32_t> index_;
  std::vector<std::unique_ptr<Ring>> rings_;
  std::array<double, batch_rows_max> mean_{};
  std::array<double, batch_rows_max> least_{};
  std::array<double, batch_rows_max> greatest_{};
};

}  // namespace

SidePtr length(const Rows& rows, PassPlan plan) {
  return std::make_unique<Length>(rows, plan);
}

}  // namespace eventflux::bench::hand
