#pragma once

#include <string>

#include "tests/bench/micro/rows.hpp"
#include "tests/bench/micro/side.hpp"

namespace eventflux::bench {

/// A program over the stream Trades, and the stream whose rows are looked at.
struct Query {
  std::string text;
  std::string output = "Out";
  bool timed = false;  ///< A row arrives every microsecond; else rows arrive when they are sent.
  std::uint32_t shards = 0;  ///< Of the engine; 0: operators run on the thread that sends.
};

/// What a host does: an Engine without threads of its own, batches sent through a Publisher, rows
/// taken by a Subscription. Building the batches is not measured, giving them up is.
SidePtr through_api(const Rows& rows, PassPlan plan, const Query& query);

/// The operators alone: batches are views of the same memory and enter the graph directly.
SidePtr through_graph(const Rows& rows, PassPlan plan, const Query& query);

/// One row per call: Publisher::send() of values, which a host writes as {"IBM", 10.0}.
SidePtr through_row_api(const Rows& rows, PassPlan plan, const Query& query);

}  // namespace eventflux::bench
