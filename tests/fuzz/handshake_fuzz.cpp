// What a peer answers to an upgrade is read or refused. Frames are Beast's.
#include "runtime/net/handshake_rules.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eventflux;
  const std::string text(reinterpret_cast<const char*>(data), size);
  fuzz::require(net::retry_after(text, Timestamp{1'700'000'000'000'000}).count() >= 0);
  static_cast<void>(net::check_accepted_extensions({text}, true).ok());
  static_cast<void>(net::check_accepted_extensions({text, text}, false).ok());
  return 0;
}
