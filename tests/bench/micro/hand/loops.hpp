#pragma once

#include "tests/bench/micro/rows.hpp"
#include "tests/bench/micro/side.hpp"

// The loops that somebody would write for exactly one query: no NULL, no error, no generality. They
// make the same output columns as the engine, batch by batch, and are compiled for AVX2.

namespace eventflux::bench::hand {

/// SELECT symbol, price * quantity AS amount, id WHERE price > least AND quantity < most
SidePtr filter(const Rows& rows, PassPlan plan, double least, double most);
/// SELECT symbol, (price - quantity) / price * 100.0 + (quantity * 0.5 - 1.0) AS score
SidePtr expression(const Rows& rows, PassPlan plan);
/// SELECT symbol, sum(price), avg(price), count(*) GROUP BY symbol; a row out per row in
SidePtr group_by_text(const Rows& rows, PassPlan plan);
/// SELECT id, sum(price), avg(price), count(*) GROUP BY id
SidePtr group_by_number(const Rows& rows, PassPlan plan);
/// SELECT symbol, sum(price), avg(price), count(*) WINDOW TUMBLING(1 SECOND) GROUP BY symbol; a row
/// per microsecond.
SidePtr tumbling_text(const Rows& rows, PassPlan plan);
SidePtr tumbling_number(const Rows& rows, PassPlan plan);
/// SELECT symbol, avg(price), min(price), max(price) WINDOW LENGTH(100) PER (symbol)
SidePtr length(const Rows& rows, PassPlan plan);

}  // namespace eventflux::bench::hand
