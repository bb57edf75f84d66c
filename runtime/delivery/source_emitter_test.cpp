#include "runtime/delivery/source_emitter.hpp"

#include <doctest/doctest.h>

namespace eventflux::runtime {
namespace {

struct KeptLines final : Log {
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }

  std::vector<std::string> lines{};
};

struct Drain final : InputConsumer {
  Result<std::unique_ptr<SourceBatch>> push(std::unique_ptr<SourceBatch>,
                                            const StopSignal&) override {
    return std::unique_ptr<SourceBatch>();
  }
};

/// A source node without resources: nothing claims what it takes.
class Fixture {
 public:
  explicit Fixture(const model::SourceOptions& options = {})
      : policy_("prices", {}, options, {letters, failure, log, clock}),
        op(spec(options), drain, policy_, letters, clock, failure) {}

  void emit(std::string text, bool plain = false) {
    text.append(64, '\0');
    CHECK(op.emit({.payload = {text.data(), text.size() - 64}, .plain = plain}).ok());
  }

  VirtualClock clock{};
  KeptLines log{};
  Drain drain{};
  DeadLetterBuffer letters{};
  Failure failure{};

 private:
  static SourceEmitterSpec spec(const model::SourceOptions& options) {
    SourceEmitterSpec spec;
    spec.name = "prices";
    spec.options = options;
    return spec;
  }

  ErrorPolicy policy_;

 public:
  SourceEmitter op;
};

}  // namespace

TEST_CASE("payloads that nothing claims are counted, and the first is shown") {
  Fixture fixture;
  fixture.emit(R"({"channel":"error","message":"rate limit"})");
  fixture.emit(R"({"channel":"other"})");
  CHECK(fixture.op.counters().unmatched == 2);
  REQUIRE(fixture.log.lines.size() == 1);
  CHECK(fixture.log.lines[0].starts_with("EF0608 at=prices"));
  CHECK(fixture.log.lines[0].find("rate limit") != std::string::npos);
}

TEST_CASE("a payload above message.max.bytes is rejected, unless the source has looked at it") {
  model::SourceOptions options;
  options.message_max.bytes = 4;
  Fixture fixture(options);
  fixture.emit("12345");
  CHECK(fixture.op.counters().rejected == 1);
  REQUIRE(fixture.log.lines.size() == 1);
  CHECK(fixture.log.lines[0].find("EF0605") != std::string::npos);
  fixture.emit("1234");
  fixture.emit("12345", true);
  CHECK(fixture.op.counters().rejected == 1);
  CHECK(fixture.op.counters().unmatched == 2);
}

TEST_CASE("a source sees payloads as its mapper will") {
  model::SourceOptions options;
  options.decompress = model::Decompress::gzip;
  options.message_max.bytes = 64;
  Payloads payloads(options);
  // gzip of "hello"
  std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6"
      "\x10\x36\x05\x00\x00\x00",
      25);
  const auto plain = payloads.plain({packed.data(), packed.size()});
  REQUIRE(plain.ok());
  CHECK(std::string(plain->data(), plain->size()) == "hello");
  std::string damaged = "hello";
  CHECK(payloads.plain({damaged.data(), damaged.size()}).error().code == Code::undecodable);
  std::string large(65, 'x');
  CHECK(payloads.plain({large.data(), large.size()}).error().code == Code::too_large);
}

}  // namespace eventflux::runtime
