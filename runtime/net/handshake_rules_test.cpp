#include "runtime/net/handshake_rules.hpp"

#include <doctest/doctest.h>

namespace eventflux::net {
namespace {

using std::chrono::seconds;

Result<void> check(const std::string& header) {
  return check_accepted_extensions({header}, true);
}

}  // namespace

TEST_CASE("Retry-After is a number of seconds or a date") {
  const Timestamp now = parse_timestamp("1994-11-06T08:49:30Z").value();
  CHECK(retry_after("3", now) == seconds(3));
  CHECK(retry_after(" 120 ", now) == seconds(120));
  CHECK(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == seconds(7));
  CHECK(retry_after("Sun, 06 Nov 1994 08:49:30 GMT", now) == seconds(0));
  CHECK(retry_after("99999999999999999999", now) > seconds(1'000'000));
  for (const char* text : {"", "soon", "-3", "3.5", "Sun, 06 Nov 1994",
                           "Sun, 06 Nix 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET"})
    CHECK(retry_after(text, now) == seconds(0));
}

TEST_CASE("an extension is accepted as it was offered, or the handshake fails, EF0503") {
  CHECK(check_accepted_extensions({}, true).ok());
  CHECK(check_accepted_extensions({}, false).ok());
  CHECK(check("permessage-deflate").ok());
  CHECK(check("permessage-deflate; server_max_window_bits=15; client_max_window_bits=\"10\"").ok());
  CHECK(check("permessage-deflate; client_no_context_takeover;server_no_context_takeover").ok());
  for (const char* header :
       {"permessage-deflate; foo=1", "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; server_max_window_bits", "permessage-deflate, permessage-deflate",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover=1", "x-webkit-deflate-frame", ",", ""}) {
    CAPTURE(header);
    const auto checked = check(header);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().code == Code::handshake_refused);
  }
  CHECK_FALSE(check_accepted_extensions({"permessage-deflate"}, false).ok());
  CHECK_FALSE(check_accepted_extensions({"permessage-deflate", "permessage-deflate"}, true).ok());
}

}  // namespace eventflux::net
