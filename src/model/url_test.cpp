#include "model/url.hpp"

#include <doctest/doctest.h>

namespace eventflux::model {
namespace {

std::string refusal(std::string_view text) {
  const auto url = parse_url(text);
  REQUIRE_FALSE(url.ok());
  CHECK(url.error().code == Code::invalid_address);
  return url.error().message;
}

TEST_CASE("path and query are kept, the port follows from the scheme") {
  const Url url = parse_url("WSS://Example.com/feed?x=1&y=/2").value();
  CHECK(url.secure());
  CHECK(url.host == "example.com");
  CHECK(url.port == 443);
  CHECK(url.target == "/feed?x=1&y=/2");
  CHECK(url.authority() == "example.com");
}

TEST_CASE("a query without a path gets one") {
  CHECK(parse_url("ws://a?x").value().target == "/?x");
  CHECK(parse_url("ws://a").value().target == "/");
}

TEST_CASE("an IPv6 address stands in brackets") {
  const Url url = parse_url("ws://[::1]:9443/").value();
  CHECK(url.host == "::1");
  CHECK(url.port == 9443);
  CHECK(url.authority() == "[::1]:9443");
}

TEST_CASE("bytes that could end a header line are refused, EF0508") {
  for (const char* text :
       {"ws://a/\r\nX: y", "ws://a/\n", "ws://a/ b", "ws://a/\x7f", "ws://a/\xc3"})
    CHECK(refusal(text).find("control byte") != std::string::npos);
}

TEST_CASE("what is no place is refused, EF0508") {
  for (const char* text :
       {"", "a", "ftp://a", "ws://", "ws://:80", "ws://a:0", "ws://a:65536", "ws://a:8x",
        "ws://[::1", "ws://[a]/", "ws://a b", "ws://u:p@a/", "ws://a/#f", "ws://a%41/"})
    refusal(text);
}

TEST_CASE("a refusal does not show what may be secret") {
  CHECK(refusal("ws://user:word@host/").starts_with("'ws://***@host/' holds a user name"));
  CHECK(refusal("user:word@host").find("word") == std::string::npos);
  CHECK(refusal("ws://host:x/?token=abc").find("abc") == std::string::npos);
}

}  // namespace
}  // namespace eventflux::model
