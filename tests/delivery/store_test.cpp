#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "eventflux/sink.hpp"

#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::runtime {
namespace {

Checkpoint checkpoint(std::uint64_t epoch, std::string part) {
  Checkpoint made;
  made.epoch = epoch;
  made.plan.push_back({std::move(part), "", ""});
  return made;
}

TEST_CASE("an epoch that goes back is refused and changes nothing: EF0707") {
  const auto store = make_memory_store();
  REQUIRE(store->commit(StoreTransaction(checkpoint(5, "a"))).ok());
  const auto refused = store->commit(StoreTransaction(checkpoint(4, "b")));
  REQUIRE_FALSE(refused.ok());
  CHECK(code_text(refused.error().code) == "EF0707");
  CHECK(store->load().value()->plan[0].id == "a");
}

TEST_CASE("a state directory that cannot be made is an error of the operator: EF0704") {
  const auto folder = std::filesystem::temp_directory_path() / "eventflux_store_test";
  std::filesystem::create_directories(folder);
  const auto file = folder / "file";
  std::ofstream(file) << "no directory";
  LmdbOptions options;
  options.directory = (file / "state").string();
  const auto store = open_lmdb_store(options);
  REQUIRE_FALSE(store.ok());
  CHECK(code_text(store.error().code) == "EF0704");
  std::filesystem::remove_all(folder);
}

TEST_CASE("a store keeps the segments that are needed, in order, and drops the others") {
  const auto folder = std::filesystem::temp_directory_path() / "eventflux_segments_test";
  std::filesystem::remove_all(folder);
  LmdbOptions options;
  options.directory = folder.string();
  options.bytes_max = 64U << 20U;
  const std::string large(3U << 20U, 'x');
  {
    const auto store = open_lmdb_store(options).value();
    for (std::uint64_t epoch = 1; epoch <= 4; ++epoch) {
      Checkpoint made = checkpoint(epoch, "a");
      // "whole" is replaced each time, "grown" keeps two from the third epoch on.
      made.states.push_back({"whole", std::to_string(epoch), 1});
      made.states.push_back({"grown", std::to_string(epoch) + large, epoch < 3 ? 0U : 2U});
      REQUIRE(store->commit(StoreTransaction(made)).ok());
    }
  }
  std::vector<std::string> found;
  const auto stored = open_lmdb_store(options).value()->load().value();
  for (const StateDelta& state : stored->states)
    found.push_back(state.id + state.bytes.substr(0, 1) + ":" + std::to_string(state.bytes.size()));
  std::sort(found.begin(), found.end());
  CHECK(found == std::vector<std::string>{"grown3:3145729", "grown4:3145729", "whole4:1"});
  std::filesystem::remove_all(folder);
}

StoredGap gap_at(std::int64_t us, const std::string& where) {
  return {Timestamp{us}, "in", {"p", where, "it was deleted"}};
}

TEST_CASE("gaps become durable with their epoch and are read after a restart, the oldest first") {
  const auto folder = std::filesystem::temp_directory_path() / "eventflux_gaps_test";
  std::filesystem::remove_all(folder);
  LmdbOptions options;
  options.directory = folder.string();
  options.bytes_max = 64U << 20U;
  {
    const auto store = open_lmdb_store(options).value();
    StoreTransaction first(checkpoint(1, "a"));
    first.add(std::vector<StoredGap>{gap_at(10, "1 to 2"), gap_at(20, "5 to 9")});
    REQUIRE(store->commit(first).ok());
    StoreTransaction second(checkpoint(2, "a"));
    second.add(std::vector<StoredGap>{gap_at(30, "12")});
    REQUIRE(store->commit(second).ok());
    REQUIRE(store->purge_dead_letters({}).ok());  // are another kind
  }
  std::string found;
  const auto gaps = open_lmdb_store(options).value()->gaps();
  REQUIRE(gaps.ok());
  for (const StoredGap& stored : *gaps)
    found += std::to_string(stored.epoch) + ' ' + std::to_string(stored.time.us) + ' ' +
             stored.source + ' ' + stored.gap.partition + ' ' + stored.gap.where + ' ' +
             stored.gap.reason + '\n';
  CHECK(found ==
        "1 10 in p 1 to 2 it was deleted\n"
        "1 20 in p 5 to 9 it was deleted\n"
        "2 30 in p 12 it was deleted\n");
  std::filesystem::remove_all(folder);
}

TEST_CASE("a store keeps the last 10,000 gaps") {
  const auto folder = std::filesystem::temp_directory_path() / "eventflux_many_gaps_test";
  std::filesystem::remove_all(folder);
  LmdbOptions options;
  options.directory = folder.string();
  options.bytes_max = 64U << 20U;
  std::vector<StoredGap> many;
  for (std::int64_t i = 0; i < 6'000; ++i)
    many.push_back(gap_at(i, ""));
  {
    const auto store = open_lmdb_store(options).value();
    for (std::uint64_t epoch = 1; epoch <= 2; ++epoch) {
      StoreTransaction made(checkpoint(epoch, "a"));
      for (StoredGap& gap : many)
        gap.time.us += 10'000;
      made.add(many);
      REQUIRE(store->commit(made).ok());
    }
  }
  const auto gaps = open_lmdb_store(options).value()->gaps();
  REQUIRE(gaps.ok());
  CHECK(gaps->size() == gaps_max);
  CHECK(gaps->front().time.us == 12'000);
  CHECK(gaps->back().epoch == 2);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a sink that rejects rows without a reason of its own says EF0541") {
  CHECK(code_text(WriteResult().error.code) == "EF0541");
}

}  // namespace
}  // namespace eventflux::runtime
