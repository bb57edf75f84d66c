// broker → app → ledger, killed at every fail point. Each message carries its number, so what is
// lost and what is there twice needs no guess.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <new>
#include <set>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "eventflux/eventflux.hpp"

#include "base/fail_point.hpp"
#include "tests/delivery/broker_source.hpp"
#include "tests/delivery/ledger_sink.hpp"

namespace eventflux::tests {
namespace {

/// What the processes of the app share.
struct World {
  Broker broker{};
  std::array<Ledger, ledgers_max> ledgers{};
};

/// One app with its broker and ledgers, over all its processes.
class Case {
 public:
  explicit Case(std::string program, bool durable = true)
      : program_(std::move(program)), durable_(durable) {
    REQUIRE(::mkdtemp(folder_.data()) != nullptr);
    memory_ =
        ::mmap(nullptr, sizeof(World), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory_ != MAP_FAILED);
    world_ = new (memory_) World;
    tests::broker = &world_->broker;
    tests::ledgers = &world_->ledgers;
  }

  ~Case() {
    ::munmap(memory_, sizeof(World));
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  /// Runs the app in a process of its own, which ends the nth time that it reaches a fail point, if
  /// one is named. Returns the exit status: 137 at a fail point.
  int run(std::string_view point = {}, std::uint64_t nth = 0) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(120);
      if (!point.empty() && !base::arm_fail_point(point, nth)) ::_exit(3);
      ::_exit(run_app());
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    check_acknowledged();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// Runs it to its end, after it was killed three times at a point. Returns whether it reached it.
  bool kill_and_finish(std::string_view point) {
    bool reached = false;
    for (std::uint64_t nth = 1; nth <= 3; ++nth)
      reached = run(point, nth) == 137 || reached;
    CHECK(run() == 0);
    CHECK(world_->broker.acknowledged == Broker::messages);
    return reached;
  }

  /// Checks that a ledger shows each message; `once`: and none of them twice.
  void check_ledger(std::size_t index, bool once = true) {
    const Ledger& ledger = world_->ledgers[index];
    std::map<std::int64_t, int> seen;
    for (std::uint32_t i = 0; i < ledger.row_count; ++i)
      if (ledger.is(ledger.rows[i], Ledger::State::committed)) ++seen[ledger.rows[i].n];
    int twice = 0;
    for (const auto& [n, times] : seen)
      twice += times > 1 ? 1 : 0;
    CHECK(seen.size() == Broker::messages);
    if (once) CHECK(twice == 0);
    CHECK(ledger.faults == 0);
    for (std::uint32_t i = 0; i < ledger.transaction_count; ++i)
      CHECK(ledger.transactions[i].state != Ledger::State::prepared);
  }

  /// Checks that every committed transaction holds transactions of the broker as a whole.
  void check_whole_transactions(std::int64_t size) {
    const Ledger& ledger = world_->ledgers[0];
    std::map<std::pair<std::uint32_t, std::int64_t>, std::int64_t> parts;
    for (std::uint32_t i = 0; i < ledger.row_count; ++i) {
      const Ledger::Row& row = ledger.rows[i];
      if (ledger.is(row, Ledger::State::committed)) ++parts[{row.transaction, row.n / size}];
    }
    int torn = 0;
    for (const auto& [part, rows] : parts)
      torn += rows == size ? 0 : 1;
    CHECK(torn == 0);
  }

 private:
  int run_app() {
    EngineOptions options;
    if (durable_) options.state_dir = folder_;
    Engine engine = Engine::open(options).value();
    register_broker(engine.extensions());
    register_ledger(engine.extensions());
    auto app = engine.load(program_);
    if (!app.ok()) return report(app.error());
    if (auto started = app->start(); !started.ok()) return report(started.error());
    app->wait();
    if (auto stopped = app->stop(); !stopped.ok()) return report(stopped.error());
    return 0;
  }

  static int report(const Error& error) {
    std::fputs((code_text(error.code) + ' ' + error.message + '\n').c_str(), stderr);
    return 1;
  }

  /// What is acknowledged is safe in every ledger that the app writes to.
  void check_acknowledged() {
    for (const Ledger& ledger : world_->ledgers) {
      if (ledger.transaction_count == 0) continue;
      std::set<std::int64_t> safe;
      for (std::uint32_t i = 0; i < ledger.row_count; ++i) {
        const Ledger::Row& row = ledger.rows[i];
        if (ledger.is(row, Ledger::State::prepared) || ledger.is(row, Ledger::State::committed))
          safe.insert(row.n);
      }
      int early = 0;
      for (std::uint32_t n = 0; n < world_->broker.acknowledged; ++n)
        early += safe.count(n) == 0 ? 1 : 0;
      CHECK(early == 0);
    }
  }

  std::string program_;
  bool durable_;
  std::string folder_ = std::filesystem::temp_directory_path() / "eventflux-once-XXXXXX";
  void* memory_ = nullptr;
  World* world_ = nullptr;
};

std::string program(const std::string& source, const std::string& sink = {}) {
  return "@app(name='once', epoch.interval='2ms')\n"
         "@source(type='broker'" +
         source +
         ")\nCREATE STREAM Queue (n BIGINT);\n"
         "@sink(type='ledger', to=0, retry.initial-delay='1ms', retry.max-delay='1ms'" +
         sink +
         ")\nCREATE STREAM Book (n BIGINT);\n"
         "INSERT INTO Book SELECT n FROM Queue;\n";
}

/// Those between the barrier of an epoch and the end of all that its commit brings about.
const std::vector<std::string_view> commit_points{"epoch.sealed",
                                                  "sink.flush.after",
                                                  "store.commit.before",
                                                  "store.commit.after",
                                                  "sink.commit.before",
                                                  "sink.commit.after",
                                                  "source.acknowledge.before",
                                                  "source.acknowledge.after",
                                                  "drain.after"};

}  // namespace

TEST_CASE("a crash anywhere between a broker and a transactional sink: each row is there once") {
  for (const std::string_view point : base::fail_point_names()) {
    CAPTURE(point);
    Case one(program(""));
    CHECK(one.kill_and_finish(point));
    one.check_ledger(0);
  }
}

TEST_CASE("a source that has ended hears of the last commit before it is destroyed") {
  for (const std::string_view point : commit_points) {
    CAPTURE(point);
    Case one(program(", ends='true'"));
    CHECK(one.kill_and_finish(point));
    one.check_ledger(0);
  }
}

TEST_CASE(
    "a source that does not know its positions loses nothing and acknowledges none too early") {
  for (const std::string_view point : commit_points) {
    CAPTURE(point);
    Case one(program(", positions='false'"));
    CHECK(one.kill_and_finish(point));
    one.check_ledger(0, false);
  }
}

TEST_CASE("two transactional sinks at once: each has each row once") {
  for (const std::string_view point : commit_points) {
    CAPTURE(point);
    Case one(program("") +
             "@sink(type='ledger', to=1) CREATE STREAM Copy (n BIGINT);\n"
             "INSERT INTO Copy SELECT n FROM Queue;\n");
    CHECK(one.kill_and_finish(point));
    one.check_ledger(0);
    one.check_ledger(1);
  }
}

TEST_CASE("a transactional sink that loses its connection in any call has each row once") {
  for (const std::string_view point : commit_points) {
    for (const char* every : {"5", "7"}) {
      CAPTURE(point);
      CAPTURE(every);
      Case one(program("", std::string(", fails.every=") + every));
      CHECK(one.kill_and_finish(point));
      one.check_ledger(0);
    }
  }
}

TEST_CASE("a transaction of a source is never divided") {
  for (const std::string_view point : commit_points) {
    CAPTURE(point);
    Case one(program(", transaction=10"));
    CHECK(one.kill_and_finish(point));
    one.check_ledger(0);
    one.check_whole_transactions(10);
  }
}

TEST_CASE("without a state directory a source hears of rows that its sinks have shown") {
  for (const std::string_view point :
       {"sink.flush.after", "sink.commit.before", "sink.commit.after", "source.acknowledge.before",
        "source.acknowledge.after", "drain.after"}) {
    CAPTURE(point);
    Case one(program(", positions='false'"), false);
    CHECK(one.kill_and_finish(point));
    one.check_ledger(0, false);
  }
}

}  // namespace eventflux::tests
