#include <array>

#include "tests/bench/micro/hand/keys.hpp"
#include "tests/bench/micro/hand/loops.hpp"

namespace eventflux::bench::hand {
namespace {

void add_key(Checksum& checksum, const Text& key) {
  checksum.add(key.view());
}

void add_key(Checksum& checksum, std::int64_t key) {
  checksum.add(key);
}

struct Group {
  double total = 0;
  std::int64_t rows = 0;
};

/// The state stands in the table itself: one probe, one cache line.
template <class By>
class GroupBy final : public Side {
 public:
  GroupBy(const Rows& rows, PassPlan plan) : rows_(rows), plan_(plan), cursor_(rows.size()) {}

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::uint32_t first = cursor_.next(plan_.batch);
      process(first);
      if (checksum() != nullptr) report(first);
    }
  }

 private:
  void process(std::uint32_t first) {
    const auto* key = By::column(rows_) + first;
    const double* price = rows_.price.data() + first;
    for (std::uint32_t row = 0; row < plan_.batch; ++row) {
      Group& group = groups_[typename By::Key(key[row])];
      group.total += price[row];
      ++group.rows;
      total_[row] = group.total;
      mean_[row] = group.total / static_cast<double>(group.rows);
      count_[row] = group.rows;
    }
  }

  void report(std::uint32_t first) {
    for (std::uint32_t row = 0; row < plan_.batch; ++row) {
      add_key(*checksum(), By::column(rows_)[first + row]);
      checksum()->add(total_[row]);
      checksum()->add(mean_[row]);
      checksum()->add(count_[row]);
      checksum()->end_row();
    }
  }

  const Rows& rows_;
  PassPlan plan_;
  RowCursor cursor_;
  Map<By, Group> groups_;
  std::array<double, batch_rows_max> total_{};
  std::array<double, batch_rows_max> mean_{};
  std::array<std::int64_t, batch_rows_max> count_{};
};

/// Groups have dense numbers in order of first appearance, which is the order in which they leave.
template <class By>
class Tumbling final : public Side {
 public:
  Tumbling(const Rows& rows, PassPlan plan) : rows_(rows), plan_(plan), cursor_(rows.size()) {}

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::int64_t time = cursor_.rows();
      process(cursor_.next(plan_.batch), time);
    }
  }

 private:
  static constexpr std::int64_t size_us = 1'000'000;

  void process(std::uint32_t first, std::int64_t time) {
    const auto* key = By::column(rows_) + first;
    const double* price = rows_.price.data() + first;
    for (std::uint32_t row = 0; row < plan_.batch; ++row) {
      if (time + row >= end_) close(time + row);
      const auto [place, added] = index_.try_emplace(typename By::Key(key[row]),
                                                     static_cast<std::uint32_t>(groups_.size()));
      if (added) {
        groups_.emplace_back();
        keys_.push_back(key[row]);
      }
      Group& group = groups_[place->second];
      group.total += price[row];
      ++group.rows;
    }
  }

  void close(std::int64_t time) {
    total_.resize(groups_.size());
    mean_.resize(groups_.size());
    count_.resize(groups_.size());
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      total_[i] = groups_[i].total;
      mean_[i] = groups_[i].total / static_cast<double>(groups_[i].rows);
      count_[i] = groups_[i].rows;
    }
    if (checksum() != nullptr) report();
    index_.clear();
    groups_.clear();
    keys_.clear();
    end_ = time / size_us * size_us + size_us;
  }

  void report() {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      add_key(*checksum(), keys_[i]);
      checksum()->add(total_[i]);
      checksum()->add(mean_[i]);
      checksum()->add(count_[i]);
      checksum()->end_row();
    }
  }

  const Rows& rows_;
  PassPlan plan_;
  RowCursor cursor_;
  std::int64_t end_ = size_us;
  Map<By, std::uint32_t> index_;
  std::vector<Group> groups_;
  std::vector<typename By::Value> keys_;
  std::vector<double> total_;
  std::vector<double> mean_;
  std::vector<std::int64_t> count_;
};

}  // namespace

SidePtr group_by_text(const Rows& rows, PassPlan plan) {
  return std::make_unique<GroupBy<ByText>>(rows, plan);
}

SidePtr group_by_number(const Rows& rows, PassPlan plan) {
  return std::make_unique<GroupBy<ByNumber>>(rows, plan);
}

SidePtr tumbling_text(const Rows& rows, PassPlan plan) {
  return std::make_unique<Tumbling<ByText>>(rows, plan);
}

SidePtr tumbling_number(const Rows& rows, PassPlan plan) {
  return std::make_unique<Tumbling<ByNumber>>(rows, plan);
}

}  // namespace eventflux::bench::hand
