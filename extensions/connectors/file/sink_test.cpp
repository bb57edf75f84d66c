#include "sink.hpp"

#include <doctest/doctest.h>

#include "host.hpp"

namespace eventflux::connectors::file {
namespace {

class Bench {
 public:
  MemoryDisk disk{};
  VirtualClock clock{};

  FileSink sink(SinkOptions options) {
    options.path = "out";
    FileSink made(std::move(options), context_);
    CHECK(made.open({}).ok());
    return made;
  }

  static Verdict write(FileSink& sink, const std::vector<std::string>& rows) {
    std::string bytes;
    std::vector<std::uint32_t> ends;
    for (const std::string& row : rows) {
      bytes += row;
      ends.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    return sink.write({.bytes = bytes, .ends = ends}).verdict;
  }

 private:
  Host host_{};
  Context context_ = host_.context(clock, disk);
};

}  // namespace

TEST_CASE("rows are appended as lines and synced by flush") {
  Bench bench;
  bench.disk.data("out") = "old\n";
  FileSink sink = bench.sink({});
  CHECK(Bench::write(sink, {"a", "b"}) == Verdict::accepted);
  CHECK(bench.disk.data("out") == "old\na\nb\n");
  CHECK(bench.disk.node("out").syncs == 0);
  CHECK(sink.flush().ok());
  CHECK(bench.disk.node("out").syncs == 1);
}

TEST_CASE("without append the first start empties the file, a reconnect does not") {
  Bench bench;
  bench.disk.data("out") = "old\n";
  FileSink sink = bench.sink({.append = false});
  CHECK(Bench::write(sink, {"a"}) == Verdict::accepted);
  CHECK(sink.open({}).ok());
  CHECK(Bench::write(sink, {"b"}) == Verdict::accepted);
  CHECK(bench.disk.data("out") == "a\nb\n");
}

TEST_CASE("after an interval a write syncs too") {
  Bench bench;
  FileSink sink = bench.sink({.flush_interval = std::chrono::seconds(1)});
  CHECK(Bench::write(sink, {"a"}) == Verdict::accepted);
  CHECK(bench.disk.node("out").syncs == 0);
  bench.clock.set(Timestamp{1'000'000});
  CHECK(Bench::write(sink, {"b"}) == Verdict::accepted);
  CHECK(bench.disk.node("out").syncs == 1);
  CHECK(sink.flush().ok());
  CHECK(bench.disk.node("out").syncs == 1);
  CHECK(Bench::write(sink, {"c"}) == Verdict::accepted);
  CHECK(sink.flush().ok());
  CHECK(bench.disk.node("out").syncs == 2);
}

TEST_CASE("a failed append leaves nothing behind and is tried again") {
  Bench bench;
  FileSink sink = bench.sink({});
  CHECK(Bench::write(sink, {"a"}) == Verdict::accepted);
  bench.disk.appends_to_fail = 2;
  CHECK(Bench::write(sink, {"bb", "cc"}) == Verdict::retriable);
  CHECK(Bench::write(sink, {"bb", "cc"}) == Verdict::retriable);
  CHECK(bench.disk.data("out") == "a\n");
  CHECK(Bench::write(sink, {"bb", "cc"}) == Verdict::accepted);
  CHECK(bench.disk.data("out") == "a\nbb\ncc\n");
}

TEST_CASE("files roll by size and by age") {
  Bench bench;
  FileSink sink = bench.sink({.rotate_size = {4}, .rotate_interval = std::chrono::minutes(1)});
  CHECK(Bench::write(sink, {"a"}) == Verdict::accepted);
  CHECK(Bench::write(sink, {"b"}) == Verdict::accepted);
  CHECK(bench.disk.data("out.19700101T000000Z") == "a\nb\n");
  CHECK(bench.disk.data("out").empty());
  CHECK(Bench::write(sink, {"ccc"}) == Verdict::accepted);
  CHECK(bench.disk.data("out.19700101T000000Z-1") == "ccc\n");
  CHECK(Bench::write(sink, {"d"}) == Verdict::accepted);
  bench.clock.set(Timestamp{60'000'000});
  CHECK(sink.flush().ok());
  CHECK(bench.disk.data("out.19700101T000100Z") == "d\n");
  CHECK(sink.flush().ok());
  CHECK(bench.disk.files.size() == 4);
}

}  // namespace eventflux::connectors::file
