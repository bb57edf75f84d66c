#include "runtime/operators/filter_index_operator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.hpp"

namespace eventflux::runtime {

FilterIndexOperator::Matches& FilterIndexOperator::matches_of(const Value& constant) {
  const auto next = static_cast<std::uint32_t>(equal_.size());
  std::uint32_t at = next;
  if (const std::string* text = constant.text(); text != nullptr) {
    const auto found = texts_.find(Text(*text));
    at = found != texts_.end() ? found->second : next;
    if (at == next) texts_.emplace(constants_.store(*text), next);
  } else {
    at = numbers_.emplace(*constant.integer(), next).first->second;
  }
  if (at == next) equal_.emplace_back();
  return equal_[at];
}

void FilterIndexOperator::add(Operation comparison, const Value& constant, Operator& filter) {
  const auto number = static_cast<std::uint32_t>(filters_.size());
  filters_.push_back(&filter);
  filter.set_index(counters);
  if (comparison == Operation::equal) {
    matches_of(constant).filters.push_back(number);
    return;
  }
  const double bound =
      constant.real() != nullptr ? *constant.real() : static_cast<double>(*constant.integer());
  const bool above = comparison == Operation::greater || comparison == Operation::greater_equal;
  EF_ASSERT(above || comparison == Operation::less || comparison == Operation::less_equal);
  (above ? above_ : below_).emplace(bound, number);
}

template <class Stored, class Map>
void FilterIndexOperator::match_stored(const Column& column, Selection rows, const Map& constants) {
  for_each_row(rows, [&](std::uint32_t row) {
    if (column.is_null(row)) return;
    const auto found = constants.find(column.at<Stored>(row));
    if (found == constants.end()) return;
    Matches& matches = equal_[found->second];
    if (matches.rows.empty()) matched_.push_back(found->second);
    matches.rows.push_back(static_cast<std::uint16_t>(row));
  });
}

void FilterIndexOperator::match_equal(const Column& column, Selection rows) {
  for (const std::uint32_t constant : matched_)
    equal_[constant].rows.clear();
  matched_.clear();
  if (type_ == Type::string) {
    match_stored<Text>(column, rows, texts_);
  } else if (type_ == Type::int32) {
    match_stored<std::int32_t>(column, rows, numbers_);
  } else {
    match_stored<std::int64_t>(column, rows, numbers_);
  }
  for (const std::uint32_t constant : matched_) {
    const Matches& matches = equal_[constant];
    const Selection some{matches.rows.data(), static_cast<std::uint32_t>(matches.rows.size())};
    for (const std::uint32_t filter : matches.filters)
      offers_.emplace_back(filter, some);
  }
}

template <class Stored>
void FilterIndexOperator::match_stored_order(const Column& column, Selection rows) {
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  bool any = false;
  for_each_row(rows, [&](std::uint32_t row) {
    if (column.is_null(row)) return;
    const auto value = static_cast<double>(column.at<Stored>(row));
    if (std::isnan(value)) return;  // passes no comparison
    any = true;
    least = std::min(least, value);
    most = std::max(most, value);
  });
  if (!any) return;
  for (auto at = above_.begin(); at != above_.end() && at->first <= most; ++at)
    offers_.emplace_back(at->second, rows);
  for (auto at = below_.rbegin(); at != below_.rend() && at->first >= least; ++at)
    offers_.emplace_back(at->second, rows);
}

void FilterIndexOperator::match_order(const Column& column, Selection rows) {
  if (type_ == Type::float64) return match_stored_order<double>(column, rows);
  if (type_ == Type::int32) return match_stored_order<std::int32_t>(column, rows);
  match_stored_order<std::int64_t>(column, rows);
}

void FilterIndexOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  offers_.clear();
  const Column& column = batch.columns[column_];
  if (!equal_.empty()) match_equal(column, batch.selection);
  if (!above_.empty() || !below_.empty()) match_order(column, batch.selection);
  std::sort(offers_.begin(), offers_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Batch offered = batch;
  for (const auto& [filter, rows] : offers_) {
    offered.selection = rows;
    filters_[filter]->on_batch(0, offered);
  }
}

}  // namespace eventflux::runtime
