#include "base/display_text.hpp"

#include <doctest/doctest.h>

namespace eventflux::base {

TEST_CASE("a text is as wide as a terminal shows it") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("日本電気") == 8);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("👩‍💻") == 2);
  CHECK(display_width("🇩🇪🇫🇷") == 4);
  CHECK(display_width("❤️") == 2);
  CHECK(display_width("\xff") == 1);
  CHECK(display_width("") == 0);
}

TEST_CASE("control characters are shown and not obeyed") {
  CHECK(escape_controls("a\x1b[31mred\a\n") == "a\\e[31mred\\x07\\n");
  CHECK(escape_controls("a\u009bb\u202ec") == "a\\x9bb\\u202ec");
  CHECK(escape_controls("日\xff") == "日\uFFFD");
}

TEST_CASE("what does not fit ends in a mark, between characters") {
  CHECK(fit_columns("abcdef", 6) == "abcdef");
  CHECK(fit_columns("abcdef", 4) == "abc…");
  CHECK(fit_columns("日本電気", 4) == "日…");
  CHECK(fit_columns("e\u0301e\u0301e\u0301", 2) == "e\u0301…");
  CHECK(fit_columns("abc", 0).empty());
  CHECK(pad_columns("日", 4) == "日  ");
  CHECK(pad_columns("日", 4, true) == "  日");
}

}  // namespace eventflux::base
