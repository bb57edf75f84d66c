#include <algorithm>
#include <array>

#include "eventflux/transport.hpp"

#include "base/text.hpp"

namespace eventflux {
namespace {

// Headers of the handshake itself: another value would break or fake it.
constexpr std::array<std::string_view, 9> reserved{"connection",
                                                   "upgrade",
                                                   "content-length",
                                                   "transfer-encoding",
                                                   "sec-websocket-key",
                                                   "sec-websocket-version",
                                                   "sec-websocket-extensions",
                                                   "sec-websocket-accept",
                                                   "sec-websocket-protocol"};

// RFC 9110 section 5.6.2: the bytes of a token.
bool is_token_byte(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_byte);
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

}  // namespace

Result<void> check_header(std::string_view name, std::string_view value) {
  const std::string shown = "header '" + base::escape_json(name) + "'";
  if (!is_token(name))
    return Error{Code::invalid_address, shown + " has a name that HTTP does not allow"};
  if (std::find(reserved.begin(), reserved.end(), base::lower(name)) != reserved.end())
    return Error{Code::invalid_address, shown + " belongs to the handshake and cannot be set"};
  if (std::any_of(value.begin(), value.end(), is_control)) {
    return Error{Code::invalid_address, shown + " has a value with a control byte",
                 "line ends and other control bytes are not sent; a tab is"};
  }
  return {};
}

Result<void> check_subprotocol(std::string_view name) {
  if (is_token(name)) return {};
  return Error{Code::invalid_address,
               "subprotocol '" + base::escape_json(name) + "' has a name that HTTP does not allow"};
}

}  // namespace eventflux
