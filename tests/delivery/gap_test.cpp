#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/delivery/source_emitter.hpp"

namespace eventflux::runtime {
namespace {

class Lines final : public Log {
 public:
  std::vector<std::string> all{};

  void write(LogLevel level, std::string_view text) override {
    CHECK(level == LogLevel::warn);
    all.emplace_back(text);
  }
};

TEST_CASE("input that a source has lost is counted and logged, EF0552") {
  Lines log;
  VirtualClock clock;
  DeadLetterBuffer letters;
  Failure failure;
  ErrorPolicy policy("in", {}, {}, {letters, failure, log, clock, true});
  InputQueue queue;
  SourceEmitterSpec spec;
  spec.name = "in";
  SourceEmitter node(std::move(spec), queue, policy, letters, clock, failure);
  node.gap({{}, "'log' from byte 8 on", "the file that was read is gone"});
  CHECK(node.counters().gaps == 1);
  REQUIRE(log.all.size() == 1);
  CHECK(log.all[0] ==
        "EF0552 at=in lost=\"'log' from byte 8 on\" reason=\"the file that was read is gone\"");
  CHECK(letters.take().empty());
}

}  // namespace
}  // namespace eventflux::runtime
