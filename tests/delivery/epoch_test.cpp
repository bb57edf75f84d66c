#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"

#include "runtime/delivery/source_batch.hpp"
#include "runtime/exec/thread.hpp"

namespace eventflux {
namespace {

/// A folder that goes with this object.
struct StateFolder {
  StateFolder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }

  ~StateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;

  std::string path = std::filesystem::temp_directory_path() / "eventflux-epoch-XXXXXX";
};

/// An app on the thread that sends and on a clock that stands still, so that only what the rows
/// themselves bring can cut an epoch.
std::uint64_t checkpoints(const std::string& options, int rows, const std::string& text) {
  VirtualClock clock;
  const StateFolder state;
  const Engine engine =
      Engine::open({.state_dir = state.path, .shards = 0, .seed = 1, .clock = &clock}).value();
  App app = engine
                .load("@app(epoch.interval='10s'" + options +
                      ") CREATE STREAM S (s STRING); INSERT INTO Out SELECT s FROM S;")
                .value();
  REQUIRE(app.start().ok());
  Publisher publisher = app.publisher("S").value();
  for (int i = 0; i < rows; ++i)
    REQUIRE(publisher.send({Value(text)}).ok());
  const std::uint64_t before = app.status().checkpoint;
  REQUIRE(app.stop().ok());
  const std::uint64_t after = app.status().checkpoint;
  CHECK(after >= before);
  return after;
}

TEST_CASE("epoch.bytes cuts an epoch before its time and its rows are over") {
  const std::string kib(1024, 'x');
  CHECK(checkpoints("", 8, kib) == 1);
  CHECK(checkpoints(", epoch.bytes='2KiB', epochs.in_flight=100", 8, kib) > 2);
}

TEST_CASE("epoch.records cuts an epoch after so many rows") {
  CHECK(checkpoints(", epoch.records=2, epochs.in_flight=100", 8, "x") == 4);
}

struct Running final : StopSignal {
  bool stopping() const noexcept override { return stopped; }

  std::atomic<bool> stopped{false};
};

std::unique_ptr<runtime::SourceBatch> rows_of(std::uint32_t source, int count) {
  auto source_batch = std::make_unique<runtime::SourceBatch>();
  source_batch->source = source;
  BatchBuilder rows(Schema{{{"a", Type::int64}}});
  for (int i = 0; i < count; ++i)
    REQUIRE(rows.append(std::vector<Value>{Value(std::int64_t{i})}, Timestamp{}).ok());
  source_batch->parts.push_back({nullptr, std::move(rows)});
  source_batch->add_run(0, 0, static_cast<std::uint32_t>(count));
  return source_batch;
}

TEST_CASE("buffer.rows bounds the rows of its source alone, also below the default") {
  runtime::InputQueue queue;
  queue.set_limit(0, 4);
  Running running;
  REQUIRE(queue.push(rows_of(0, 3), running).ok());
  REQUIRE(queue.push(rows_of(1, 100), running).ok());
  std::atomic<bool> through{false};
  exec::Thread reader(
      "reader", [&] { through = queue.push(rows_of(0, 2), running).ok(); }, [](const Error&) {});
  auto taken = queue.pop(Duration(0));
  REQUIRE(taken.size() == 2);
  CHECK_FALSE(through);
  for (auto& source_batch : taken)
    queue.recycle(std::move(source_batch));
  reader.join();
  CHECK(through);
  REQUIRE(queue.pop(Duration(0)).size() == 1);
  running.stopped = true;
  CHECK_FALSE(queue.push(rows_of(0, 3), running).ok());
}

}  // namespace
}  // namespace eventflux
