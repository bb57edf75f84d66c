#include "runtime/delivery/run_loop.hpp"

#include <doctest/doctest.h>

namespace eventflux::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Where log and rows go: nowhere.
struct Drain final : Log, InputConsumer {
  void write(LogLevel, std::string_view) override {}

  Result<std::unique_ptr<SourceBatch>> push(std::unique_ptr<SourceBatch> source_batch,
                                            const StopSignal&) override {
    ended = ended || source_batch->end_of_input;
    return std::unique_ptr<SourceBatch>();
  }

  bool ended = false;
};

/// A source whose sessions end as a script says, on a clock that moves only by waiting.
class Fixture {
 public:
  explicit Fixture(model::SourceOptions source_options) : options_(std::move(source_options)) {}

  /// Runs until the outcomes are used up. Returns how it ended; "" for a clean end.
  std::string run(std::vector<Error> outcomes) {
    SourceEmitterSpec spec;
    spec.name = "prices";
    spec.options = options_;
    ErrorPolicy policy("prices", {}, options_, {letters_, failure_, drain, clock});
    SourceEmitter op(std::move(spec), drain, policy, letters_, clock, failure_);
    const auto make = [&]() -> Result<std::unique_ptr<Source>> {
      starts.push_back(clock.steady());
      if (outcomes.empty()) {
        op.stop();
        return Error{Code::connection_lost, "the script ends"};
      }
      const Error next = outcomes.front();
      outcomes.erase(outcomes.begin());
      if (next.code == Code::connection_lost && live_for > Duration(0)) {
        op.live();
        clock.set(clock.now() + live_for);
      }
      return next;
    };
    Acknowledger acknowledger(false);
    RunLoop loop(make, op, true, options_, clock, Rng(7), drain, acknowledger);
    const auto ran = loop.run();
    return ran.ok() ? "" : to_text(ran.error());
  }

  Duration longest_wait() const {
    Duration longest{};
    for (std::size_t i = 1; i < starts.size(); ++i)
      longest = std::max(longest, starts[i] - starts[i - 1]);
    return longest;
  }

  VirtualClock clock{};
  Drain drain{};
  std::vector<Timestamp> starts{};
  Duration live_for{};

 private:
  model::SourceOptions options_;
  DeadLetterBuffer letters_;
  Failure failure_;
};

const Error lost{Code::connection_lost, "gone"};

Error refused(RetryAdvice advice) {
  Error error{Code::handshake_refused, "status"};
  error.retry = advice;
  return error;
}

}  // namespace

TEST_CASE("reconnect.max.attempts is the number of attempts, EF0509") {
  model::SourceOptions options;
  options.reconnect_attempts = 3;
  Fixture three(options);
  CHECK(three.run(std::vector<Error>(9, lost))
            .starts_with("EF0509: prices: gave up after 3 attempts: gone"));
  CHECK(three.starts.size() == 3);
  options.reconnect_attempts = 1;
  Fixture one(options);
  CHECK(one.run({lost, lost}).starts_with("EF0509: prices: gave up after 1 attempt: gone"));
  options.reconnect_attempts = 2;
  Fixture proven(options);
  proven.live_for = minutes(2);
  CHECK(proven.run(std::vector<Error>(9, lost)).empty());
  CHECK(proven.starts.size() == 10);
}

TEST_CASE("the wait that a server asks for is a floor, up to an hour") {
  Fixture asked({});
  CHECK(asked.run({refused({.after = seconds(90)}), refused({.after = seconds(90)})}).empty());
  REQUIRE(asked.starts.size() == 3);
  CHECK(asked.starts[1] - asked.starts[0] >= seconds(90));
  CHECK(asked.starts[2] - asked.starts[1] >= seconds(90));
  Fixture absurd({});
  CHECK(absurd.run({refused({.after = seconds(1'000'000)})}).empty());
  CHECK(absurd.longest_wait() >= minutes(60));
  CHECK(absurd.longest_wait() < minutes(62));
}

TEST_CASE("a refusal that lasts is asked again less often than a lost connection") {
  Fixture lasting({});
  CHECK(lasting.run(std::vector<Error>(40, refused({.lasting = true}))).empty());
  CHECK(lasting.longest_wait() > minutes(1));
  CHECK(lasting.longest_wait() <= minutes(5));
  Fixture passing({});
  CHECK(passing.run(std::vector<Error>(40, lost)).empty());
  CHECK(passing.longest_wait() <= seconds(30));
}

TEST_CASE("a connection that the peer closed in order is the end only without reconnecting") {
  const Error closed{Code::end_of_input, "connection closed by the peer: code 1000"};
  model::SourceOptions options;
  options.reconnect = false;
  Fixture once(options);
  CHECK(once.run({closed, lost}).empty());
  CHECK(once.starts.size() == 1);
  CHECK(once.drain.ended);
  Fixture broken(options);
  CHECK(broken.run({lost}) == "EF0501: gone");
  Fixture again({});
  CHECK(again.run({closed, closed}).empty());
  CHECK(again.starts.size() == 3);
  CHECK_FALSE(again.drain.ended);
}

TEST_CASE("a message that is too large ends a connection, not the app") {
  Fixture fixture({});
  CHECK(fixture.run({Error{Code::too_large, "message"}}).empty());
  CHECK(fixture.starts.size() == 2);
}

}  // namespace eventflux::runtime
