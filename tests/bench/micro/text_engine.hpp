#pragma once

#include <string>

#include "tests/bench/micro/messages.hpp"
#include "tests/bench/micro/rows.hpp"
#include "tests/bench/micro/side.hpp"

namespace eventflux::bench {

/// The mapper's decoder on its own, into builders of 1,024 rows that are used again.
SidePtr decoder_side(Messages& messages);

/// The mapper's encoder on its own, row by row into one text per batch.
SidePtr encoder_side(const Rows& rows, PassPlan plan);

/// When a source hands its rows on.
enum class HandOver : std::uint8_t {
  each,   ///< After each message: the graph was idle.
  whole,  ///< After 1,024 rows: the graph was busy meanwhile.
};

/// What stands between two connectors, on one thread: a source node with its decoder, the graph,
/// and a sink node with its encoder. `query` reads the stream Trades and fills the stream Out.
SidePtr between_connectors(Messages& messages, const std::string& query, HandOver push);

}  // namespace eventflux::bench
