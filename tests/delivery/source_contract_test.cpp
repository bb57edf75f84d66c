// What the runtime owes to sources beside rows: partitions that are taken away, and gaps.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"
#include "eventflux/extension.hpp"

#include "runtime/state/checkpoint_store.hpp"

namespace eventflux {
namespace {

struct Options {};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::string heard;

/// Reads the partitions a and b, loses b before anything is committed, and some input of a.
class RebalancedSource final : public Source {
 public:
  RebalancedSource(const Options&, Context&) {}

  Result<void> run(Emitter& out) override {
    for (const char* partition : {"a", "b"}) {
      *out.rows().column(0).extend<std::int64_t>(1) = 1;
      out.rows().end_rows(1, {});
      EF_CHECK(out.emit_rows({partition, "1", 1}));
    }
    EF_CHECK(out.idle());
    out.set_partition("b", PartitionState::revoked);
    out.gap({"a", "2 to 5", "they were deleted before they were read"});
    EF_CHECK(out.idle());
    return Error{Code::end_of_input, "all was read"};
  }

  void stop() noexcept override {}

  void acknowledge(const Cursor& cursor) override {
    heard += cursor.partition + std::to_string(cursor.order) + ' ';
  }
};

}  // namespace

TEST_CASE(
    "a revoked partition is not committed by us any more, and a gap is stored with its epoch") {
  std::string folder = std::filesystem::temp_directory_path() / "eventflux-source-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  heard.clear();
  {
    Engine engine = Engine::open({.state_dir = folder, .shards = 0}).value();
    engine.extensions().source<RebalancedSource>(
        "rebalanced", "Loses a partition.", {.delivery = SourceClass::r1_ack_window, .rows = true},
        ParamSpec<Options>{});
    App app = engine
                  .load(
                      "@app(name='app', epoch.interval='10s') @source(type='rebalanced') "
                      "CREATE STREAM Read (n BIGINT); INSERT INTO Out SELECT n FROM Read;")
                  .value();
    REQUIRE(app.start().ok());
    app.wait();
    REQUIRE(app.stop().ok());
  }
  CHECK(heard == "a1 ");
  const auto store = runtime::open_lmdb_store({.directory = folder + "/app"}).value();
  const auto stored = store->load().value();
  REQUIRE(stored->positions.size() == 1);
  CHECK(stored->positions[0].cursor.partition == "a");
  const auto gaps = store->gaps().value();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].epoch == stored->epoch);
  CHECK(gaps[0].gap.partition == "a");
  CHECK(gaps[0].gap.where == "2 to 5");
  std::filesystem::remove_all(folder);
}

}  // namespace eventflux
