#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/flat_map.hpp"
#include "runtime/graph/operator.hpp"
#include "runtime/kernel/kernel.hpp"
#include "runtime/state/key_layout.hpp"

namespace eventflux::runtime {

/// Stands between a stream and filters that begin with `column = constant`, `<`, `<=`, `>` or `>=`.
/// A filter gets the rows whose column has its constant, or a whole batch whose least or largest
/// value may pass. What it gets it judges itself; the rest counts as filtered by it.
/// Cost: per batch O(rows), and what those filters cost that get some.
class FilterIndexOperator final : public Operator {
 public:
  FilterIndexOperator(Type type, std::size_t column) : type_(type), column_(column) {}

  /// Adds a filter; filters get rows in the order of these calls. Shape: the constant has the
  /// column's type and is not NULL: STRING, what is stored as an integer, or for an order DOUBLE.
  void add(Operation comparison, const Value& constant, Operator& filter);

  void on_batch(Port port, const Batch& batch) override;

 private:
  /// The filters of one constant, and which rows of the batch at hand have it.
  struct Matches {
    std::vector<std::uint32_t> filters{};
    std::vector<std::uint16_t> rows{};
  };

  /// Filters by the bound beyond which they let pass. Integers are rounded, which keeps their
  /// order.
  using Bounds = std::multimap<double, std::uint32_t>;

  Matches& matches_of(const Value& constant);
  void match_equal(const Column& column, Selection rows);
  template <class Stored, class Map>
  void match_stored(const Column& column, Selection rows, const Map& constants);
  void match_order(const Column& column, Selection rows);
  template <class Stored>
  void match_stored_order(const Column& column, Selection rows);

  Type type_;
  std::size_t column_;
  std::vector<Operator*> filters_;
  Arena constants_;  // long text of texts_
  base::FlatMap<std::int64_t, std::uint32_t, NumberHash> numbers_;
  base::FlatMap<Text, std::uint32_t, TextHash> texts_;
  std::vector<Matches> equal_;  // by what numbers_ or texts_ say of a constant
  Bounds above_;
  Bounds below_;
  // Of the batch at hand.
  std::vector<std::uint32_t> matched_;                       // constants that some row has
  std::vector<std::pair<std::uint32_t, Selection>> offers_;  // filters that get rows
};

}  // namespace eventflux::runtime
