#include "runtime/delivery/acknowledger.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace eventflux::runtime {
namespace {

class ListeningSource final : public Source {
 public:
  Result<void> run(Emitter&) override { return {}; }

  void stop() noexcept override {}

  void acknowledge(const Cursor& cursor) override {
    heard += cursor.partition + std::to_string(cursor.order) + ' ';
  }

  std::string heard;
};

}  // namespace

TEST_CASE("a session hears of what it emitted itself and of nothing else") {
  Acknowledger acknowledger(true);
  ListeningSource first;
  acknowledger.attach(first);
  const std::uint64_t of_first = acknowledger.generation();
  acknowledger.acknowledge({"a", {}, 1}, of_first);
  acknowledger.detach();
  acknowledger.acknowledge({"a", {}, 2}, of_first);
  ListeningSource second;
  acknowledger.attach(second);
  acknowledger.acknowledge({"a", {}, 3}, of_first);
  acknowledger.acknowledge({"a", {}, 4}, acknowledger.generation());
  CHECK(first.heard == "a1 ");
  CHECK(second.heard == "a4 ");
  CHECK(acknowledger.may_commit("a", of_first));  // Its position may still be stored.
}

TEST_CASE(
    "what was emitted of a partition before it was revoked is neither stored nor acknowledged") {
  Acknowledger acknowledger(true);
  ListeningSource source;
  acknowledger.attach(source);
  const std::uint64_t before = acknowledger.generation();
  acknowledger.revoke("b");
  for (const char* partition : {"a", "b"})
    acknowledger.acknowledge({partition, {}, 1}, before);
  CHECK(acknowledger.may_commit("a", before));
  CHECK_FALSE(acknowledger.may_commit("b", before));
  const std::uint64_t regained = acknowledger.generation();
  CHECK(acknowledger.may_commit("b", regained));
  acknowledger.acknowledge({"b", {}, 2}, regained);
  CHECK(source.heard == "a1 b2 ");
}

TEST_CASE("a source that did not ask for it is not called") {
  Acknowledger acknowledger(false);
  ListeningSource source;
  acknowledger.attach(source);
  acknowledger.acknowledge({"a", {}, 1}, acknowledger.generation());
  CHECK(source.heard.empty());
}

}  // namespace eventflux::runtime
