#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "eventflux/sink.hpp"

#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::runtime {
namespace {

TEST_CASE("an epoch that goes back is refused and changes nothing: EF0707") {
  const auto store = make_memory_store();
  REQUIRE(store->commit({.epoch = 5, .fingerprint = "a"}, {}).ok());
  const auto refused = store->commit({.epoch = 4, .fingerprint = "b"}, {});
  REQUIRE_FALSE(refused.ok());
  CHECK(code_text(refused.error().code) == "EF0707");
  CHECK(store->load().value()->fingerprint == "a");
}

TEST_CASE("a state directory that cannot be made is an error of the operator: EF0704") {
  const auto folder = std::filesystem::temp_directory_path() / "eventflux_store_test";
  std::filesystem::create_directories(folder);
  const auto file = folder / "file";
  std::ofstream(file) << "no directory";
  const auto store = open_lmdb_store({.directory = (file / "state").string()});
  REQUIRE_FALSE(store.ok());
  CHECK(code_text(store.error().code) == "EF0704");
  std::filesystem::remove_all(folder);
}

TEST_CASE("a sink that rejects rows without a reason of its own says EF0541") {
  CHECK(code_text(WriteResult{.verdict = Verdict::row_rejected}.error.code) == "EF0541");
}

}  // namespace
}  // namespace eventflux::runtime
