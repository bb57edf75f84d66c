#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eventflux::simulators::market {

/// What a client says: `{"type":"subscribe","product_ids":["BTC-USD"],"channel":"market_trades"}`.
struct Request {
  std::string type{};
  std::string channel{};
  std::vector<std::string> product_ids{};
};

/// Reads a flat JSON object; members that it does not know may hold anything.
/// Returns nothing for a text that is not one, or whose known members are of another type.
std::optional<Request> parse_request(std::string_view text);

}  // namespace eventflux::simulators::market
