#include "key_table.hpp"

#include <string>

#include <doctest/doctest.h>

namespace eventflux::mappers::json {
namespace {

constexpr std::size_t spare = 64;

std::uint32_t find(const KeyTable& table, const std::string& quoted) {
  const std::string payload = quoted + std::string(spare, ':');
  return table.find(payload.data());
}

}  // namespace

TEST_CASE("keys are found by all of their bytes") {
  KeyTable table;
  CHECK(find(table, "a\"") == KeyTable::missing);
  std::uint32_t value = 0;
  for (const char* name : {"", "a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghj", "b"})
    table.add(name, value++);
  value = 0;
  for (const char* name : {"", "a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghj", "b"})
    CHECK(find(table, std::string(name) + '"') == value++);
  for (const char* other : {"c", "abc", "abcdef", "abcdefgi", "abcdefghij", "abcdefgh\\\""})
    CHECK(find(table, std::string(other) + '"') == KeyTable::missing);
}

TEST_CASE("a key may be written in several ways") {
  KeyTable table;
  table.add("price", 7);
  table.add("say \"it\"", 8);
  table.learn(R"(\u0070rice")", 7);
  table.learn(R"(say \"it\"")", 8);
  CHECK(find(table, "price\"") == 7);
  CHECK(find(table, R"(\u0070rice")") == 7);
  CHECK(find(table, R"(say \"it\"")") == 8);
  CHECK(find(table, "say \"") == KeyTable::missing);
}

TEST_CASE("keys that are data do not fill the table") {
  KeyTable table;
  for (std::uint32_t id = 0; id < 1000; ++id)
    table.learn("order-" + std::to_string(id) + '"', id);
  CHECK(find(table, "order-0\"") == 0);
  CHECK(find(table, "order-63\"") == 63);
  CHECK(find(table, "order-64\"") == KeyTable::missing);
  table.learn(std::string(100, 'x') + '"', 1);
  CHECK(find(table, std::string(100, 'x') + '"') == KeyTable::missing);
}

TEST_CASE("many members are found") {
  KeyTable table;
  for (std::uint32_t id = 0; id < 1000; ++id)
    table.add("a member with a long name " + std::to_string(id), id);
  for (std::uint32_t id = 0; id < 1000; ++id)
    CHECK(find(table, "a member with a long name " + std::to_string(id) + '"') == id);
}

}  // namespace eventflux::mappers::json
