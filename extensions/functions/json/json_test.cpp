#include <array>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "../testing.hpp"

namespace eventflux::functions::json {

void register_extension(Registry& registry);

namespace {

Argument doc(const char* text) {
  return {Type::json, text};
}

Argument n(std::int64_t value) {
  return value;
}

}  // namespace

TEST_CASE("members and elements are parts of the document") {
  Calls call(register_extension);
  CHECK(call("json_get", {doc(R"( {"a" : {"b":[1, 2]} , "c":null} )"), "a"}) == R"({"b":[1, 2]})");
  CHECK(call("json_get", {R"({"c":null})", "c"}) == "null");
  CHECK(call("json_get", {doc(R"({"a":1,"a":2})"), "a"}) == "2");
  CHECK(call("json_get", {doc(R"({"\u0061 \"x\"":"y"})"), "a \"x\""}) == "\"y\"");
  CHECK(call("json_get", {doc(R"(["a,]", [2], 3])"), n(1)}) == "[2]");
  CHECK(call("json_get", {doc(R"(["a", [2], 3])"), n(-1)}) == "3");
  CHECK(call("json_get", {doc(R"(["a"])"), n(1)}) == "null");
  CHECK(call("json_get", {doc(R"(["a"])"), n(-2)}) == "null");
  CHECK(call("json_get", {doc("[]"), n(0)}) == "null");
  CHECK(call("json_get", {doc("{}"), "a"}) == "null");
  CHECK(call("json_get", {Type::json, "a"}) == "null");
}

TEST_CASE("text has no quotes and null is NULL") {
  Calls call(register_extension);
  CHECK(call("json_get_text", {doc(R"({"a":"x\n\u00e9\ud83d\ude00\/"})"), "a"}) == "x\né😀/");
  CHECK(call("json_get_text", {doc(R"({"a":12.50})"), "a"}) == "12.50");
  CHECK(call("json_get_text", {doc(R"({"a":{"b":1}})"), "a"}) == R"({"b":1})");
  CHECK(call("json_get_text", {doc(R"({"a":null})"), "a"}) == "null");
  CHECK(call("json_get_text", {doc(R"(["x"])"), n(0)}) == "x");
  CHECK(call("json_get_text", {R"(["x"])", n(7)}) == "null");
  for (const char* bad : {R"({"a":"\q"})", R"({"a":"\ud800"})", R"({"a":"\udc00"})",
                          R"({"a":"\u12"})", R"({"a":"\ud800\u0041"})"})
    CHECK(call("json_get_text", {doc(bad), "a"}) == "null");
}

TEST_CASE("what is no document gives nothing") {
  Calls call(register_extension);
  for (const char* bad : {"", "{", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a" 1})", "{a:1}", "[1]",
                          R"({"a":"x})", R"({"a":[1})", R"({"a":})", "12", R"({"a":1,})"})
    CHECK(call("json_get", {doc(bad), "a"}) == "null");
  for (const char* bad : {"", "[", "{}", "[,", "[\"x", "x"})
    CHECK(call("json_get", {doc(bad), n(0)}) == "null");
}

TEST_CASE("random documents have the members that nlohmann finds") {
  Calls call(register_extension);
  Rng rng(9);
  constexpr std::array<const char*, 5> texts{"a", "b\"", "c\\", "é\n", "]}"};
  for (int i = 0; i < 2000; ++i) {
    nlohmann::json object = nlohmann::json::object();
    for (std::uint64_t members = rng.below(5); members > 0; --members) {
      nlohmann::json value = static_cast<std::int64_t>(rng.next());
      if (rng.below(2) == 0) value = texts[rng.below(texts.size())];
      if (rng.below(3) == 0) value = {value, {{texts[rng.below(texts.size())], true}}};
      object[texts[rng.below(texts.size())]] = value;
    }
    const std::string text = object.dump(i % 2 == 0 ? -1 : 1);
    CAPTURE(text);
    for (const char* name : texts) {
      const std::string found = call("json_get", {Argument(Type::json, text), name});
      const auto parsed = nlohmann::json::parse(found, nullptr, false);
      CHECK(parsed == (object.contains(name) ? object[name] : nlohmann::json()));
    }
  }
}

}  // namespace eventflux::functions::json
