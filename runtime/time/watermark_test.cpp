#include "runtime/time/watermark.hpp"

#include <doctest/doctest.h>

namespace eventflux::runtime {
namespace {

Watermark stored_and_loaded(const Watermark& watermark) {
  SnapshotWriter writer;
  watermark.save(writer, 0);
  Watermark loaded({});
  SnapshotReader reader(writer.bytes());
  REQUIRE(loaded.load(reader).ok());
  loaded.start(0);
  return loaded;
}

}  // namespace

TEST_CASE("after a restart a watermark is held back until the source says what it reads") {
  Watermark before({});
  const std::uint32_t file = before.open("part-1", 0);
  before.enter(file, 0);
  before.see(10);
  SUBCASE("killed while it read") {}
  SUBCASE("read to the end") {
    before.caught_up(file);
    CHECK(before.all_idle());
  }
  SUBCASE("ended") {
    before.end(file);
    CHECK(before.all_idle());
  }
  Watermark after = stored_and_loaded(before);
  CHECK(after.value() == 10);
  CHECK(!after.all_idle());
  const std::uint32_t again = after.open("part-1", 0);
  CHECK(!after.all_idle());
  after.enter(again, 0);
  CHECK(after.see(12) == 12);
  after.caught_up(again);
  CHECK(after.all_idle());
}

TEST_CASE("a stored flag that is neither 0 nor 1 is damage: EF0702") {
  SnapshotWriter writer;
  Watermark({}).save(writer, 0);
  std::string bytes = writer.take();
  bytes.back() = 'Y';
  SnapshotReader reader(bytes);
  Watermark watermark({});
  const auto loaded = watermark.load(reader);
  REQUIRE(!loaded.ok());
  CHECK(loaded.error().code == Code::store_damaged);
}

}  // namespace eventflux::runtime
