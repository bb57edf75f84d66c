#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventflux/error.hpp"

namespace eventflux::model {

/// A place on the network, as a URL names it.
struct Url {
  std::string scheme{};  ///< Lower case.
  std::string host{};    ///< Without the brackets of an IPv6 address.
  std::uint16_t port = 0;
  std::string target{};  ///< Path and query as written; "/" when there is none.

  bool secure() const { return scheme == "wss" || scheme == "https"; }

  /// Returns the host and, unless it is the scheme's own, the port: the value of a Host header.
  std::string authority() const;
};

/// Reads ws://, wss://, http:// and https:// URLs. The text of an error never repeats what may
/// be secret: a user name, a password, the query. Fails: EF0508.
Result<Url> parse_url(std::string_view text);

}  // namespace eventflux::model
