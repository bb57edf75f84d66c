#include <array>

#include "tests/bench/micro/hand/loops.hpp"

namespace eventflux::bench::hand {
namespace {

/// Two loops: the first makes a list of rows that pass without a branch, the second moves them.
class Filter final : public Side {
 public:
  Filter(const Rows& rows, PassPlan plan, double least, double most)
      : rows_(rows), plan_(plan), cursor_(rows.size()), least_(least), most_(most) {}

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::uint32_t count = process(cursor_.next(plan_.batch), plan_.batch);
      if (checksum() != nullptr) report(count);
    }
  }

 private:
  std::uint32_t process(std::uint32_t first, std::uint32_t rows) {
    const double* price = rows_.price.data() + first;
    const double* quantity = rows_.quantity.data() + first;
    const Text* symbol = rows_.symbol.data() + first;
    const std::int64_t* id = rows_.id.data() + first;
    std::uint32_t count = 0;
    for (std::uint32_t row = 0; row < rows; ++row) {
      pass_[count] = static_cast<std::uint16_t>(row);
      count += static_cast<std::uint32_t>((price[row] > least_) & (quantity[row] < most_));
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t row = pass_[i];
      symbol_[i] = symbol[row];
      amount_[i] = price[row] * quantity[row];
      id_[i] = id[row];
    }
    return count;
  }

  void report(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      checksum()->add(symbol_[i].view());
      checksum()->add(amount_[i]);
      checksum()->add(id_[i]);
      checksum()->end_row();
    }
  }

  const Rows& rows_;
  PassPlan plan_;
  RowCursor cursor_;
  double least_;
  double most_;
  std::array<std::uint16_t, batch_rows_max> pass_{};
  std::array<Text, batch_rows_max> symbol_{};
  std::array<double, batch_rows_max> amount_{};
  std::array<std::int64_t, batch_rows_max> id_{};
};

class Expression final : public Side {
 public:
  Expression(const Rows& rows, PassPlan plan) : rows_(rows), plan_(plan), cursor_(rows.size()) {}

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::uint32_t first = cursor_.next(plan_.batch);
      process(first);
      if (checksum() != nullptr) report(first);
    }
  }

 private:
  // The symbol is handed on as it came, which is what the engine does too.
  void process(std::uint32_t first) {
    const double* price = rows_.price.data() + first;
    const double* quantity = rows_.quantity.data() + first;
    double* score = score_.data();
    for (std::uint32_t row = 0; row < plan_.batch; ++row)
      score[row] = (price[row] - quantity[row]) / price[row] * 100.0 + (quantity[row] * 0.5 - 1.0);
  }

  void report(std::uint32_t first) {
    for (std::uint32_t row = 0; row < plan_.batch; ++row) {
      checksum()->add(rows_.symbol[first + row].view());
      checksum()->add(score_[row]);
      checksum()->end_row();
    }
  }

  const Rows& rows_;
  PassPlan plan_;
  RowCursor cursor_;
  std::array<double, batch_rows_max> score_{};
};

}  // namespace

SidePtr filter(const Rows& rows, PassPlan plan, double least, double most) {
  return std::make_unique<Filter>(rows, plan, least, most);
}

SidePtr expression(const Rows& rows, PassPlan plan) {
  return std::make_unique<Expression>(rows, plan);
}

}  // namespace eventflux::bench::hand
