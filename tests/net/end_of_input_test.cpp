#include <mutex>

#include <doctest/doctest.h>

#include "base/log.hpp"
#include "engine/app_runtime.hpp"
#include "engine/compile.hpp"
#include "engine/system_host.hpp"
#include "tests/net/peers.hpp"

namespace eventflux::net_tests {
namespace {

class Printed final : public Output {
 public:
  void write(const void*, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    text_ += text;
  }

  bool wrote_last(const void*) const override { return false; }

  bool terminal() const override { return false; }

  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

/// Sends two rows of one window and closes with a code, big-endian; without one it cuts the line.
RawServer::Script two_rows(const std::string& close_code) {
  return [close_code](RawLine& line) {
    line.accept_upgrade();
    line.write(frame(0x81, R"({"id":1,"at":"2026-01-01T00:00:01Z"})"));
    line.write(frame(0x81, R"({"id":2,"at":"2026-01-01T00:00:02Z"})"));
    if (close_code.empty()) return;
    line.write(frame(0x88, close_code));
    line.drain();
  };
}

struct Ended {
  std::string text;
  Result<void> outcome;
};

/// Runs a program that counts in event time until its source ends.
Ended run(const RawServer& server, const std::string& option, bool until_eof) {
  Printed printed;
  const engine::SystemHost system_host(base::make_silent_log(), &printed);
  engine::Compiled compiled = engine::compile(
      "@source(type='websocket', url='" + server.url() + "/'" + option +
          ", @map(type='json'))\nCREATE STREAM T (id BIGINT, at TIMESTAMP, WATERMARK FOR at AS "
          "at);\n"
          "@sink(type='console', format='json')\nCREATE STREAM O (n BIGINT);\n"
          "INSERT INTO O SELECT count(*) AS n FROM T WINDOW TUMBLING(10 SECONDS);\n",
      system_host.registry());
  REQUIRE(compiled.ok());
  const auto app_runtime = engine::AppRuntime::make(std::move(compiled.plan), system_host.host(),
                                                    {.until_eof = until_eof})
                               .value();
  app_runtime->start().value();
  app_runtime->wait();
  auto outcome = app_runtime->stop();
  return {printed.text(), std::move(outcome)};
}

const std::string normal = "\x03\xe8";
const std::string going_away = "\x03\xe9";

}  // namespace

TEST_CASE("a normal close is the end of the input: windows close, and the run is a success") {
  for (const bool until_eof : {true, false}) {
    const RawServer server(two_rows(normal));
    const Ended ended = run(server, until_eof ? "" : ", reconnect='false'", until_eof);
    CHECK(ended.outcome.ok());
    CHECK(ended.text == "{\"n\":2}\n");
  }
}

TEST_CASE("any other end of a connection that is not made again is a failure, EF0501") {
  for (const std::string& code : {going_away, std::string()}) {
    const RawServer server(two_rows(code));
    const Ended ended = run(server, ", reconnect='false'", false);
    REQUIRE_FALSE(ended.outcome.ok());
    CHECK(ended.outcome.error().code == Code::connection_lost);
  }
}

}  // namespace eventflux::net_tests
