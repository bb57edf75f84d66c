#include "figures.hpp"

#include <charconv>

namespace eventflux::nexmark {
namespace {

std::int64_t value_of(const Sum& sum, const Batch& rows, std::uint32_t row, std::size_t column) {
  if (rows.is_null(row, column)) return 0;
  if (sum.of == Sum::Of::value) return rows.integer(row, column);
  const std::string_view text = rows.text(row, column);
  if (sum.of == Sum::Of::length) return static_cast<std::int64_t>(text.size());
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string key_of(const Query& query, const Schema& schema, const Batch& rows, std::uint32_t row) {
  std::string key;
  for (const std::string& name : query.keys) {
    const std::size_t column = schema.find(name).value();
    key += to_text(rows.value(row, column), schema.fields[column].type) + '|';
  }
  return key;
}

void add_up(std::vector<std::int64_t>& total, const std::vector<std::int64_t>& values) {
  total.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    total[i] += values[i];
}

std::vector<Sum> price_ranks() {
  return {{"total_bids", 92000},    {"rank1_bids", 30734},    {"rank2_bids", 30700},
          {"rank3_bids", 30566},    {"total_bidders", 1932},  {"rank1_bidders", 1743},
          {"rank2_bidders", 1775},  {"rank3_bidders", 1743},  {"total_auctions", 5993},
          {"rank1_auctions", 5516}, {"rank2_auctions", 5558}, {"rank3_auctions", 5516}};
}

std::vector<Query> make_queries() {
  using Of = Sum::Of;
  return {{"q0",
           92000,
           {},
           {{"auction", 363'729'703},
            {"bidder", 172'159'209},
            {"price", 660'163'610'626},
            {"extra", 6'208'929, Of::length}}},
          {"q2", 369, {}, {{"price", 3'161'050'670}}},
          {"q7", 10, {}, {{"price", 998'633'045}}},
          {"q12", 7583, {}, {{"bid_count", 92000}}, true},
          {"q14", 26096, {}, {{"c_counts", 67336}}},
          {"q15", 1, {"day"}, price_ranks()},
          {"q16",
           9910,
           {"channel", "day"},
           {{"total_bids", 92000}, {"total_bidders", 48608}, {"total_auctions", 60673}}},
          {"q17",
           5993,
           {"auction", "day"},
           {{"total_bids", 92000},
            {"min_price", 298'435'513},
            {"max_price", 216'053'407'632},
            {"sum_price", 660'163'610'626}}},
          {"q21", 87306, {}, {{"channel_id", 44'686'562'888'863, Of::number}}},
          {"q22",
           92000,
           {},
           {{"dir1", 333'772, Of::length},
            {"dir2", 310'489, Of::length},
            {"dir3", 344'907, Of::length}}}};
}

}  // namespace

const std::vector<Query>& queries() {
  static const std::vector<Query> all = make_queries();
  return all;
}

Figures::Values Figures::values(const Schema& schema, const Batch& rows, std::uint32_t row) const {
  Values values;
  for (const Sum& sum : query_.sums)
    values.push_back(value_of(sum, rows, row, schema.find(sum.column).value()));
  return values;
}

void Figures::add(const Schema& schema, const Batch& rows) {
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (query_.keys.empty()) {
      add_up(total_, values(schema, rows, row));
    } else {
      last_[key_of(query_, schema, rows, row)] = values(schema, rows, row);
    }
  }
  rows_ += rows.size();
}

std::string Figures::text() const {
  Values total = total_;
  for (const auto& [key, values] : last_)
    add_up(total, values);
  total.resize(query_.sums.size());
  std::string text =
      "rows=" +
      std::to_string(query_.keys.empty() ? rows_ : static_cast<std::int64_t>(last_.size()));
  for (std::size_t i = 0; i < total.size(); ++i)
    text += ' ' + query_.sums[i].column + '=' + std::to_string(total[i]);
  return text;
}

std::string Figures::expected() const {
  std::string text = "rows=" + std::to_string(query_.rows);
  for (const Sum& sum : query_.sums)
    text += ' ' + sum.column + '=' + std::to_string(sum.expected);
  return text;
}

}  // namespace eventflux::nexmark
