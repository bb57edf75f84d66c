#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eventflux/batch.hpp"

namespace eventflux::nexmark {

/// What is added up over the rows of a query.
struct Sum {
  enum class Of : std::uint8_t { value, length, number };

  std::string column;
  std::int64_t expected = 0;
  Of of = Of::value;  ///< Whole numbers; bytes of a text; the whole number that a text holds.
};

/// A query of the benchmark, and what a slow reference found for 100,000 events of seed 1 at 1,000
/// events per second.
struct Query {
  std::string name;
  std::int64_t rows = 0;            ///< With keys, so many keys.
  std::vector<std::string> keys{};  ///< The last row of each key counts; empty: every row.
  std::vector<Sum> sums{};
  bool arrival_time = false;  ///< Depends on when events come.
};

/// Returns the queries that the language can express by now.
const std::vector<Query>& queries();

/// Counts and adds up the rows of one run.
class Figures {
 public:
  explicit Figures(const Query& query) : query_(query) {}

  void add(const Schema& schema, const Batch& rows);

  /// Returns "rows=… column=…", as expected() does when all is right.
  std::string text() const;
  std::string expected() const;

 private:
  using Values = std::vector<std::int64_t>;

  Values values(const Schema& schema, const Batch& rows, std::uint32_t row) const;

  const Query& query_;
  std::map<std::string, Values> last_;  // by key
  Values total_;                        // without keys
  std::int64_t rows_ = 0;
};

}  // namespace eventflux::nexmark
