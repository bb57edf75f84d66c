#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "../testing.hpp"

namespace eventflux::functions::string {

void register_extension(Registry& registry);

namespace {

std::int64_t n(std::int64_t value) {
  return value;
}

std::string random_text(Rng& rng, std::uint64_t pieces_max) {
  constexpr std::array<const char*, 8> pieces{"a", "Z", "@[`{", "/", "x", "é", "Ж", "\x7F/"};
  std::string text;
  for (std::uint64_t count = rng.below(pieces_max); count > 0; --count)
    text += pieces[rng.below(pieces.size())];
  return text;
}

}  // namespace

TEST_CASE("fast paths for ASCII and single bytes agree with what is done by character") {
  Calls call(register_extension);
  Rng rng(6);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random_text(rng, 30);
    // What is not ASCII goes by character, also with the same letters before it.
    const std::string lower = call("lower", {text + "é"});
    CHECK(call("lower", {text}) == lower.substr(0, text.size()));
    const std::string upper = call("upper", {text + "é"});
    CHECK(call("upper", {text}) == upper.substr(0, text.size()));
    const auto goes_on = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    const auto characters =
        text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), goes_on));
    CHECK(call("length", {text}) == std::to_string(characters));
    std::string doubled;
    for (const char c : text)
      doubled += c == '/' ? std::string("//") : std::string(1, c);
    CHECK(call("replace", {text, "/", "//"}) == doubled);
    CHECK(call("replace", {doubled, "//", "/"}) == text);
    const std::int64_t part = static_cast<std::int64_t>(rng.below(9)) - 2;
    CHECK(call("split_part", {text, "/", part}) == call("split_part", {doubled, "//", part}));
  }
}

TEST_CASE("lengths count characters, or bytes on request") {
  Calls call(register_extension);
  CHECK(call("length", {"aé😀"}) == "3");
  CHECK(call("char_length", {""}) == "0");
  CHECK(call("octet_length", {"aé😀"}) == "7");
  CHECK(call("length", {Type::string}) == "null");
}

TEST_CASE("case maps Latin, Greek and Cyrillic") {
  Calls call(register_extension);
  CHECK(call("upper", {"straße éàñ łż άως жё ßÿ😀"}) == "STRAßE ÉÀÑ ŁŻ ΆΩΣ ЖЁ ßÿ😀");
  CHECK(call("lower", {"ÉÀÑ ŁŻ ΆΩΣ ЖЁ Ț"}) == "éàñ łż άωσ жё Ț");
  CHECK(call("upper", {"a text that is longer than inline"}) ==
        "A TEXT THAT IS LONGER THAN INLINE");
}

TEST_CASE("parts are by character and 1-based") {
  Calls call(register_extension);
  CHECK(call("substring", {"héllo", n(2)}) == "éllo");
  CHECK(call("substr", {"héllo", n(2), n(3)}) == "éll");
  CHECK(call("substring", {"hello", n(0), n(3)}) == "he");
  CHECK(call("substring", {"hello", n(-5), n(3)}).empty());
  CHECK(call("substring", {"hello", n(9)}).empty());
  CHECK(call("substring", {"hello", n(1), n(-1)}) == "null");
  CHECK(call("substring", {"hello", n(2), std::numeric_limits<std::int64_t>::max()}) == "ello");
  CHECK(call("left", {"héllo", n(2)}) == "hé");
  CHECK(call("left", {"hello", n(-2)}) == "hel");
  CHECK(call("right", {"hellé", n(2)}) == "lé");
  CHECK(call("right", {"hello", n(-2)}) == "llo");
  CHECK(call("right", {"hello", n(99)}) == "hello");
  CHECK(call("reverse", {"aé😀"}) == "😀éa");
  CHECK(call("split_part", {"a||b||c", "||", n(2)}) == "b");
  CHECK(call("split_part", {"a||b||c", "||", n(-1)}) == "c");
  CHECK(call("split_part", {"a||b", "||", n(5)}).empty());
  CHECK(call("split_part", {"a", "", n(1)}) == "a");
}

TEST_CASE("trims cut blanks or a set of characters") {
  Calls call(register_extension);
  CHECK(call("trim", {"  a b "}) == "a b");
  CHECK(call("trim", {"éaé", "é"}) == "a");
  CHECK(call("ltrim", {"xyxa", "xy"}) == "a");
  CHECK(call("ltrim", {"  a "}) == "a ");
  CHECK(call("rtrim", {" a  "}) == " a");
  CHECK(call("rtrim", {"aéé", "é"}) == "a");
  CHECK(call("trim", {"xx", "x"}).empty());
}

TEST_CASE("pads and repeats fill up to a limit") {
  Calls call(register_extension);
  CHECK(call("lpad", {"7", n(3)}) == "  7");
  CHECK(call("lpad", {"7", n(6), "éx"}) == "éxéxé7");
  CHECK(call("rpad", {"7", n(4), "ab"}) == "7aba");
  CHECK(call("rpad", {"hello", n(2)}) == "he");
  CHECK(call("rpad", {"hello", n(-2)}).empty());
  CHECK(call("lpad", {"a", n(5), ""}) == "a");
  CHECK(call("lpad", {"a", n(2'000'000)}) == "EF0603");
  CHECK(call("rpad", {"a", n(1'000'000), "😀"}) == "EF0603");
  CHECK(call("repeat", {"ab", n(3)}) == "ababab");
  CHECK(call("repeat", {"ab", n(-1)}).empty());
  CHECK(call("repeat", {"ab", n(1) << 40U}) == "EF0603");
}

TEST_CASE("texts are found and replaced in texts") {
  Calls call(register_extension);
  CHECK(call("position", {"l", "héllo"}) == "3");
  CHECK(call("locate", {"x", "hello"}) == "0");
  CHECK(call("instr", {"", "hello"}) == "1");
  CHECK(call("starts_with", {"hello", "he"}) == "true");
  CHECK(call("ends_with", {"hello", "he"}) == "false");
  CHECK(call("contains", {"hello", "ll"}) == "true");
  CHECK(call("replace", {"a-b-c", "-", "::"}) == "a::b::c");
  CHECK(call("replace", {"abc", "", "x"}) == "abc");
  CHECK(call("replace", {std::string(2000, 'a'), "a", std::string(1000, 'b')}) == "EF0603");
  CHECK(call("ascii", {"é"}) == "233");
  CHECK(call("ascii", {""}) == "0");
  CHECK(call("chr", {n(0x1F600)}) == "😀");
  CHECK(call("char", {n(65)}) == "A");
  CHECK(call("chr", {n(0xD800)}) == "null");
}

TEST_CASE("values of any type are joined") {
  Calls call(register_extension);
  CHECK(call("concat", {"a", 1, 2.5, true, Type::string, Timestamp{0}}) ==
        "a12.5true1970-01-01T00:00:00Z");
  CHECK(call("concat", {Type::string}).empty());
  CHECK(call("concat_ws", {", ", 1, Type::int32, "b"}) == "1, b");
  CHECK(call("concat_ws", {Type::string, 1}) == "null");
  CHECK(call("concat", {}) == "no such function");
}

TEST_CASE("formats name values by place and decimals") {
  Calls call(register_extension);
  CHECK(call("format", {"{} of {} is {:.2}%", 1, "all", 2.345}) == "1 of all is 2.35%");
  CHECK(call("format", {"{2} {1} {{}}", 1, 2}) == "2 1 {}");
  CHECK(call("format", {"{:.1f} {}", 7, Type::string}) == "7.0 null");
  CHECK(call("format", {Type::string, 1}) == "null");
  for (const char* bad : {"{", "}", "{} {}", "{0}", "{3}", "{x}", "{:2}", "{:.99}"})
    CHECK(call("format", {bad, 1}) == "EF0604");
}

TEST_CASE("expressions match, extract and replace") {
  Calls call(register_extension);
  CHECK(call("regexp_matches", {"hello", "l+o$"}) == "true");
  CHECK(call("regexp_matches", {"hello", "^l"}) == "false");
  CHECK(call("regexp_extract", {"a12b3", "[0-9]+"}) == "12");
  CHECK(call("regexp_extract", {"k=v", "(\\w)=(\\w)", n(2)}) == "v");
  CHECK(call("regexp_extract", {"k=v", "x"}) == "null");
  CHECK(call("regexp_extract", {"k=v", "x", n(1)}) == "EF0604");
  CHECK(call("regexp_replace", {"a1b22", "([0-9]+)", "<\\1>"}) == "a<1>b<22>");
  CHECK(call("regexp_replace", {"a", "a", "\\9"}) == "EF0604");
  CHECK(call("regexp_matches", {"a", "("}) == "EF0604");
  CHECK(call("regexp_replace", {std::string(2000, 'a'), "a", std::string(1000, 'b')}) == "EF0603");
  for (int i = 0; i < 200; ++i)
    CHECK(call("regexp_matches", {std::to_string(i), "^" + std::to_string(i) + "$"}) == "true");
}

}  // namespace eventflux::functions::string
