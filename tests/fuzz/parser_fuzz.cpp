// Any text parses or is refused, and formatting what parsed changes it no second time.
#include "syntax/format.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eventflux;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  syntax::is_complete(text);
  const syntax::ParseResult parsed = syntax::parse(text);
  if (!parsed.ok()) return 0;
  const std::string once = syntax::format(parsed);
  const syntax::ParseResult again = syntax::parse(once);
  fuzz::require(again.ok());
  fuzz::require(again.statements == parsed.statements);
  fuzz::require(syntax::format(again) == once);
  return 0;
}
