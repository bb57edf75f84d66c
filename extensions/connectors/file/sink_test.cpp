#include "sink.hpp"

#include <doctest/doctest.h>

#include "extensions/testing/host.hpp"
#include "extensions/testing/sink_rows.hpp"

namespace eventflux::connectors::file {

void register_extension(Registry& registry);

namespace {

using testing::EncodedRows;

struct Bench {
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

Verdict write(FileSink& sink, const EncodedRows& rows) {
  return sink.write(rows.batch()).verdict;
}

}  // namespace

TEST_CASE("rows are appended as lines and synced by flush") {
  Bench bench;
  bench.disk.data("out") = "old\n";
  FileSink sink = bench.sink({});
  CHECK(write(sink, {"a", "b"}) == Verdict::accepted);
  CHECK(bench.disk.data("out") == "old\na\nb\n");
  CHECK(bench.disk.node("out").syncs == 0);
  CHECK(sink.flush().ok());
  CHECK(bench.disk.node("out").syncs == 1);
}

TEST_CASE("without append the first start empties the file, a reconnect does not") {
  Bench bench;
  bench.disk.data("out") = "old\n";
  FileSink sink = bench.sink({.append = false});
  CHECK(write(sink, {"a"}) == Verdict::accepted);
  CHECK(sink.open({}).ok());
  CHECK(write(sink, {"b"}) == Verdict::accepted);
  CHECK(bench.disk.data("out") == "a\nb\n");
}

TEST_CASE("after an interval a write syncs too") {
  Bench bench;
  FileSink sink = bench.sink({.flush_interval = std::chrono::seconds(1)});
  CHECK(write(sink, {"a"}) == Verdict::accepted);
  CHECK(bench.disk.node("out").syncs == 0);
  bench.clock.set(Timestamp{1'000'000});
  CHECK(write(sink, {"b"}) == Verdict::accepted);
  CHECK(bench.disk.node("out").syncs == 1);
  CHECK(sink.flush().ok());
  CHECK(bench.disk.node("out").syncs == 1);
  CHECK(write(sink, {"c"}) == Verdict::accepted);
  CHECK(sink.flush().ok());
  CHECK(bench.disk.node("out").syncs == 2);
}

TEST_CASE("a failed append leaves nothing behind and is tried again") {
  Bench bench;
  FileSink sink = bench.sink({});
  CHECK(write(sink, {"a"}) == Verdict::accepted);
  bench.disk.appends_to_fail = 2;
  CHECK(write(sink, {"bb", "cc"}) == Verdict::retriable);
  CHECK(write(sink, {"bb", "cc"}) == Verdict::retriable);
  CHECK(bench.disk.data("out") == "a\n");
  CHECK(write(sink, {"bb", "cc"}) == Verdict::accepted);
  CHECK(bench.disk.data("out") == "a\nbb\ncc\n");
}

TEST_CASE("files roll by size and by age") {
  Bench bench;
  FileSink sink = bench.sink({.rotate_size = {4}, .rotate_interval = std::chrono::minutes(1)});
  CHECK(write(sink, {"a"}) == Verdict::accepted);
  CHECK(write(sink, {"b"}) == Verdict::accepted);
  CHECK(bench.disk.data("out.19700101T000000Z") == "a\nb\n");
  CHECK(bench.disk.data("out").empty());
  CHECK(write(sink, {"ccc"}) == Verdict::accepted);
  CHECK(bench.disk.data("out.19700101T000000Z-1") == "ccc\n");
  CHECK(write(sink, {"d"}) == Verdict::accepted);
  bench.clock.set(Timestamp{60'000'000});
  CHECK(sink.flush().ok());
  CHECK(bench.disk.data("out.19700101T000100Z") == "d\n");
  CHECK(sink.flush().ok());
  CHECK(bench.disk.files.size() == 4);
}

}  // namespace eventflux::connectors::file
