#include "tests/bench/micro/suite.hpp"

namespace eventflux::bench {

const Rows& RowPool::get(std::uint32_t rows, std::uint32_t keys) {
  const auto found = made_.find({rows, keys});
  if (found != made_.end()) return found->second;
  return made_.emplace(std::pair{rows, keys}, make_rows(rows, keys)).first->second;
}

}  // namespace eventflux::bench
