#pragma once

#include <string>

#include "tests/bench/micro/side.hpp"
#include "tests/bench/micro/trade_files.hpp"

namespace eventflux::bench {

/// A program from file to file, with all its threads; each pass starts it anew.
SidePtr whole_run(TradeFiles& files, std::string program);

}  // namespace eventflux::bench
