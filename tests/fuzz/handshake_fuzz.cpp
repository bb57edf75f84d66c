// What a peer or the environment says about a connection is read or refused. Frames are Beast's.
#include "model/url.hpp"
#include "runtime/net/handshake_rules.hpp"
#include "runtime/net/proxy_rules.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eventflux;
  const std::string text(reinterpret_cast<const char*>(data), size);
  fuzz::require(net::retry_after(text, Timestamp{1'700'000'000'000'000}).count() >= 0);
  static_cast<void>(net::check_accepted_extensions({text}, true).ok());
  static_cast<void>(net::check_accepted_extensions({text, text}, false).ok());
  static_cast<void>(net::parse_proxy("https_proxy", text).ok());
  return 0;
}
