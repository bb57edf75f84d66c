#include "tests/bench/micro/suite.hpp"

namespace eventflux::bench {

const Rows& RowPool::get(std::uint32_t rows, std::uint32_t keys, Draw draw) {
  const auto found = made_.find({rows, keys, draw});
  if (found != made_.end()) return found->second;
  return made_.emplace(std::tuple{rows, keys, draw}, make_rows(rows, keys, draw)).first->second;
}

}  // namespace eventflux::bench
