#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "tests/bench/micro/rows.hpp"
#include "tests/bench/micro/side.hpp"

namespace eventflux::bench {

/// Makes input when it is first asked for, and keeps it.
class RowPool {
 public:
  const Rows& get(std::uint32_t rows, std::uint32_t keys, Draw draw = Draw::uniform);

 private:
  std::map<std::tuple<std::uint32_t, std::uint32_t, Draw>, Rows> made_;
};

/// Everything that is measured in pairs.
struct Suite {
  RowPool rows;
  std::vector<Workload> workloads;
};

void add_filter(Suite& suite);
void add_group_by(Suite& suite);
void add_windows(Suite& suite);
void add_json(Suite& suite);
void add_text(Suite& suite);
/// What one way of writing a program costs beside another one.
void add_variants(Suite& suite);

}  // namespace eventflux::bench
