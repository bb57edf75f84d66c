#include "eventflux/text.hpp"

#include <doctest/doctest.h>

namespace eventflux {

TEST_CASE("code points become UTF-8, and what is none is refused") {
  std::string text;
  for (const std::uint32_t code_point : {0x41U, 0xE9U, 0x20ACU, 0x1F600U, 0x10FFFFU})
    CHECK(append_utf8(code_point, text));
  CHECK(text == "A\u00e9\u20ac\U0001F600\U0010FFFF");
  CHECK(is_utf8(text));
  CHECK_FALSE(append_utf8(0xD800, text));
  CHECK_FALSE(append_utf8(0x110000, text));
  CHECK(from_latin1("caf\xe9") == "caf\u00e9");
}

TEST_CASE("octets become digits") {
  CHECK(to_hex(std::string_view("\0\xff", 2)) == "00ff");
  // RFC 4648 section 10.
  CHECK(to_base64("").empty());
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("a JSON array is divided into its elements") {
  using Texts = std::vector<std::string_view>;
  CHECK(json_elements("[]").value().empty());
  CHECK(json_elements(" [ ] ").value().empty());
  CHECK(json_elements(R"([1, "a,]\"", {"b":[2,"}"]} ,null])").value() ==
        Texts{"1", R"("a,]\"")", R"({"b":[2,"}"]})", "null"});
  CHECK(json_elements("[[1],[2]]").value() == Texts{"[1]", "[2]"});
  for (const char* text :
       {"", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1]x", "[\"a]", "[\"\\", "[[1]", "[1}"})
    CHECK_FALSE(json_elements(text).has_value());
  const std::string deep(1'000'000, '[');
  CHECK_FALSE(json_elements(deep).has_value());
}

}  // namespace eventflux
