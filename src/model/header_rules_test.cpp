#include <doctest/doctest.h>

#include "eventflux/transport.hpp"

namespace eventflux {
namespace {

TEST_CASE("a header with CR, LF or another control byte is refused, EF0508") {
  for (const char* value : {"a\r\nX-Evil: 1", "a\n", "\r", "\x01", "\x7f"}) {
    const auto checked = check_header("X-Key", value);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().code == Code::invalid_address);
    CHECK(checked.error().message.find("Evil") == std::string::npos);
  }
  CHECK_FALSE(check_header("X-Key", std::string_view("a\0b", 3)).ok());
}

TEST_CASE("a header with a tab, blanks and bytes above 127 is sent") {
  CHECK(check_header("X-Key", "a\tb c \xc3\xa4").ok());
  CHECK(check_header("X_Key.1", "").ok());
}

TEST_CASE("a header's name is a token that is not the handshake's own") {
  for (const char* name : {"", "X Key", "X:", "X\r\n", "X\xc3\xa4"})
    CHECK_FALSE(check_header(name, "a").ok());
  for (const char* name : {"Connection", "UPGRADE", "Sec-WebSocket-Key", "Content-Length"})
    CHECK_FALSE(check_header(name, "a").ok());
}

TEST_CASE("a subprotocol is a token") {
  CHECK(check_subprotocol("graphql-ws").ok());
  CHECK_FALSE(check_subprotocol("a, b").ok());
  CHECK_FALSE(check_subprotocol("a\r\nb").ok());
}

}  // namespace
}  // namespace eventflux
