#pragma once

#include "tests/bench/micro/messages.hpp"
#include "tests/bench/micro/rows.hpp"
#include "tests/bench/micro/side.hpp"
#include "tests/bench/micro/trade_files.hpp"

// Loops from text to text: simdjson on demand with its fields in the order of the message, and
// std::to_chars into one buffer. All of a pass is one run of lines.

namespace eventflux::bench::hand {

/// Reads E, s, t, p, q, T and m into columns of 1,024 rows.
SidePtr json_in(Messages& messages);
/// The same of messages whose fields stand in any order.
SidePtr json_in_any_order(Messages& messages);
/// Writes {"symbol":…,"id":…,"price":…,"quantity":…} per row; text needs no escapes.
SidePtr json_out(const Rows& rows, PassPlan plan);
/// SELECT s AS symbol, p AS price, q AS quantity, t AS id WHERE p > 60000.0
SidePtr text_filter(Messages& messages);
/// SELECT s AS symbol, sum(q) AS total, avg(p) AS mean, count(*) AS n WINDOW TUMBLING(1 SECOND) in
/// the time of T
SidePtr text_tumbling(Messages& messages);
/// SELECT s AS symbol, avg(p) AS mean, t AS id WINDOW LENGTH(20) PER (s)
SidePtr text_length(Messages& messages);
/// The same queries from file to file.
SidePtr file_filter(TradeFiles& files);
SidePtr file_tumbling(TradeFiles& files);
SidePtr file_length(TradeFiles& files);

}  // namespace eventflux::bench::hand
