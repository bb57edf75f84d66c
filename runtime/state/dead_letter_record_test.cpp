#include "runtime/state/dead_letter_record.hpp"

#include <doctest/doctest.h>

using namespace eventflux;
using namespace eventflux::runtime;

TEST_CASE("a stored dead letter with a stage that does not exist is damaged") {
  DeadLetter letter;
  letter.source = "s";
  letter.stage = Stage::sink;
  std::string stored = encode_dead_letter(letter);
  REQUIRE(decode_dead_letter(stored).ok());
  // Behind the time and the two names with their lengths.
  const std::size_t stage_at = 8 + 4 + 1 + 4;
  REQUIRE(static_cast<Stage>(stored[stage_at]) == Stage::sink);
  stored[stage_at] = 103;
  const auto read = decode_dead_letter(stored);
  REQUIRE(!read.ok());
  CHECK(read.error().code == Code::store_damaged);
}
