#include "sink.hpp"

#include <doctest/doctest.h>

#include "extensions/testing/host.hpp"
#include "extensions/testing/sink_rows.hpp"

namespace eventflux::connectors::file {

void register_extension(Registry& registry);

namespace {

using testing::EncodedRows;

struct Fixture {
  testing::Host host{register_extension};
  testing::MemoryDisk& disk = host.disk;
  VirtualClock& clock = host.clock;

  FileSink sink(SinkOptions options) {
    options.path = "out";
    FileSink made(std::move(options), host.context);
    CHECK(made.open({}).ok());
    return made;
  }
};

WriteStatus write(FileSink& sink, const EncodedRows& rows) {
  return sink.write(rows.batch()).status;
}

}  // namespace

TEST_CASE("rows are appended as lines and synced by flush") {
  Fixture fixture;
  fixture.disk.data("out") = "old\n";
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a", "b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out") == "old\na\nb\n");
  CHECK(fixture.disk.node("out").syncs == 0);
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.node("out").syncs == 1);
}

TEST_CASE("without append the first start empties the file, a reconnect does not") {
  Fixture fixture;
  fixture.disk.data("out") = "old\n";
  FileSink sink = fixture.sink({.append = false});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  CHECK(sink.open({}).ok());
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out") == "a\nb\n");
}

TEST_CASE("after an interval a write syncs too") {
  Fixture fixture;
  FileSink sink = fixture.sink({.flush_interval = std::chrono::seconds(1)});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(fixture.disk.node("out").syncs == 0);
  fixture.clock.set(Timestamp{1'000'000});
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.node("out").syncs == 1);
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.node("out").syncs == 1);
  CHECK(write(sink, {"c"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.node("out").syncs == 2);
}

TEST_CASE("a failed append leaves nothing behind and is tried again") {
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  fixture.disk.appends_to_fail = 2;
  CHECK(write(sink, {"bb", "cc"}) == WriteStatus::retriable);
  CHECK(write(sink, {"bb", "cc"}) == WriteStatus::retriable);
  CHECK(fixture.disk.data("out") == "a\n");
  CHECK(write(sink, {"bb", "cc"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out") == "a\nbb\ncc\n");
}

TEST_CASE("a failed sync is final: the file is opened anew and takes all since the last good one") {
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  fixture.disk.syncs_to_fail = 1;
  CHECK_FALSE(sink.flush().ok());
  CHECK_FALSE(sink.flush().ok());
  CHECK(write(sink, {"b"}) == WriteStatus::disconnected);
  CHECK(sink.open({}).ok());
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.node("out").durable == "a\nb\n");
}

TEST_CASE("rows that a failed sync left in the file are cut off, because they come again") {
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  fixture.disk.node("out").durable = "a\nb\n";
  fixture.disk.syncs_to_fail = 1;
  CHECK_FALSE(sink.flush().ok());
  CHECK(fixture.disk.data("out") == "a\nb\n");
  CHECK(sink.open({}).ok());
  CHECK(fixture.disk.data("out") == "a\n");
}

TEST_CASE("rows that others appended meanwhile are never cut off") {
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  fixture.disk.data("out") += "theirs\n";
  fixture.disk.node("out").durable = fixture.disk.data("out");
  fixture.disk.syncs_to_fail = 1;
  CHECK_FALSE(sink.flush().ok());
  CHECK(sink.open({}).ok());
  CHECK(fixture.disk.data("out") == "a\ntheirs\n");
}

TEST_CASE("a sync that fails in a write is no acceptance, and the batch is cut off") {
  Fixture fixture;
  FileSink sink = fixture.sink({.flush_interval = std::chrono::seconds(1)});
  fixture.clock.set(Timestamp{1'000'000});
  fixture.disk.syncs_to_fail = 1;
  CHECK(write(sink, {"a"}) == WriteStatus::disconnected);
  CHECK(sink.open({}).ok());
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out") == "a\n");
}

TEST_CASE("an append that can be neither finished nor undone is cut back at the next open") {
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  fixture.disk.appends_to_fail = 1;
  fixture.disk.truncates_to_fail = 1;
  CHECK(write(sink, {"bb"}) == WriteStatus::disconnected);
  CHECK(fixture.disk.data("out") == "a\nb");
  CHECK(sink.open({}).ok());
  CHECK(fixture.disk.data("out") == "a\n");
}

TEST_CASE("a failed write leaves the sync of what was accepted before it to flush") {
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  fixture.disk.appends_to_fail = 1;
  CHECK(write(sink, {"bb"}) == WriteStatus::retriable);
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.node("out").durable == "a\n");
}

TEST_CASE("a torn last line is cut back to the line end before it, and said") {
  for (const std::string& torn :
       {std::string("a,1\nb,12345"), std::string("a,1\n") + std::string(200'000, 'x')}) {
    Fixture fixture;
    fixture.disk.data("out") = torn;
    FileSink sink = fixture.sink({});
    CHECK(write(sink, {"b,1234567"}) == WriteStatus::accepted);
    CHECK(fixture.disk.data("out") == "a,1\nb,1234567\n");
    CHECK(fixture.host.log.holds("cut_from=" + std::to_string(torn.size()) + " cut_to=4"));
  }
  Fixture one;
  one.disk.data("out") = "{\"k\"";
  FileSink sink = one.sink({});
  CHECK(one.disk.data("out").empty());
  Fixture whole;
  whole.disk.data("out") = "a\n";
  FileSink other = whole.sink({});
  CHECK(whole.host.log.lines.empty());
}

TEST_CASE("without append an app that goes on from a checkpoint keeps the file") {
  Fixture fixture;
  fixture.host.context.resumed = true;
  fixture.disk.data("out") = "old\n";
  FileSink sink = fixture.sink({.append = false});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out") == "old\na\n");
}

TEST_CASE("a rotation that fails is no verdict on the rows, and is tried again later") {
  Fixture fixture;
  FileSink sink = fixture.sink({.rotate_size = {2}});
  fixture.disk.renames_to_fail = 1;
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out") == "a\nb\n");
  CHECK(fixture.host.log.lines.size() == 1);
  CHECK(fixture.host.log.holds("EF0510 file='out' cannot be rotated"));
  fixture.clock.set(Timestamp{60'000'000});
  CHECK(write(sink, {"c"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out.19700101T000100Z") == "a\nb\nc\n");
  CHECK(fixture.disk.data("out").empty());
}

TEST_CASE("after a rotation whose new file cannot be made the next write makes it") {
  Fixture fixture;
  FileSink sink = fixture.sink({.rotate_size = {2}});
  fixture.disk.opens_to_fail = 2;
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  CHECK(write(sink, {"b"}) == WriteStatus::retriable);
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out.19700101T000000Z") == "a\n");
}

TEST_CASE("a file that was moved away is synced, and rows go on in a new one") {
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(fixture.disk.rename("out", "moved").ok());
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.node("moved").durable == "a\n");
  CHECK(fixture.disk.data("out") == "b\n");
  CHECK(fixture.host.log.holds("file='out' was moved away"));
}

TEST_CASE("rows in a file that was removed before they were flushed are asked for again") {
  for (const bool at_flush : {false, true}) {
    Fixture fixture;
    FileSink sink = fixture.sink({});
    CHECK(write(sink, {"a"}) == WriteStatus::accepted);
    CHECK(fixture.disk.remove("out").ok());
    if (at_flush) {
      CHECK_FALSE(sink.flush().ok());
    } else {
      CHECK(write(sink, {"b"}) == WriteStatus::disconnected);
    }
    CHECK(sink.open({}).ok());
    CHECK(write(sink, {"a", "b"}) == WriteStatus::accepted);
    CHECK(fixture.disk.data("out") == "a\nb\n");
  }
  Fixture fixture;
  FileSink sink = fixture.sink({});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.remove("out").ok());
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out") == "b\n");
}

TEST_CASE("a folder that is not there at the start is an error that no second try mends, EF0303") {
  testing::Host host(register_extension);
  host.disk.missing_folders = {"none/"};
  const auto sink = host.sink({{"path", "none/out"}}).value();
  const auto opened = sink->open({});
  REQUIRE_FALSE(opened.ok());
  CHECK(code_text(opened.error().code) == "EF0303");
  CHECK(opened.error().message == "there is no folder 'none' for path = 'none/out'");
}

TEST_CASE("a file that cannot be opened is tried again") {
  testing::Host host(register_extension);
  host.disk.opens_to_fail = 1;
  const auto sink = host.sink({{"path", "out"}}).value();
  CHECK(code_text(sink->open({}).error().code) == "EF0510");
  CHECK(sink->open({}).ok());
}

TEST_CASE("files roll by size and by age") {
  Fixture fixture;
  FileSink sink = fixture.sink({.rotate_size = {4}, .rotate_interval = std::chrono::minutes(1)});
  CHECK(write(sink, {"a"}) == WriteStatus::accepted);
  CHECK(write(sink, {"b"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out.19700101T000000Z") == "a\nb\n");
  CHECK(fixture.disk.data("out").empty());
  CHECK(write(sink, {"ccc"}) == WriteStatus::accepted);
  CHECK(fixture.disk.data("out.19700101T000000Z-1") == "ccc\n");
  CHECK(write(sink, {"d"}) == WriteStatus::accepted);
  fixture.clock.set(Timestamp{60'000'000});
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.data("out.19700101T000100Z") == "d\n");
  CHECK(sink.flush().ok());
  CHECK(fixture.disk.files.size() == 4);
}

}  // namespace eventflux::connectors::file
