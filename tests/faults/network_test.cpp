#include <csignal>
#include <map>

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

/// Returns the port that a simulator printed, once it has.
std::string port_of(const std::string& log) {
  REQUIRE(wait_for_text(patience, log, "ws://127.0.0.1:"));
  const std::string text = read_text(log);
  const std::size_t begin = text.find("ws://127.0.0.1:") + 15;
  return text.substr(begin, text.find_first_not_of("0123456789", begin) - begin);
}

}  // namespace

TEST_CASE("a reconnect storm leaves no gap and no duplicate") {
  const Folder folder;
  Process market({"sim", "market", "--port", "0", "--rate", "500", "--disconnect-every", "150ms",
                  "--malformed", "1%", "--duplicate", "1%"},
                 folder / "market");
  write_text(folder / "a.efql",
             "@app(name='storm')\n@source(type='websocket', url='ws://127.0.0.1:" +
                 port_of(folder / "market") +
                 "', reconnect.delay.ms=20, reconnect.max.delay.ms=20,\n"
                 "  "
                 "open.messages='{\"type\":\"subscribe\",\"channel\":\"market_trades\",\"product_"
                 "ids\":[\"BTC-USD\",\"ETH-USD\"]}', @map(type='json'))\n"
                 "CREATE SOURCE market;\nCREATE RESOURCE trades ON market WHEN $.channel = "
                 "'market_trades' EACH $.events[*].trades[*]\n"
                 "(trade_id BIGINT, product_id STRING, price DOUBLE) CHECKPOINT (trade_id) PER "
                 "(product_id) MONOTONIC;\n"
                 "@sink(type='file', path='" +
                 folder / "out.jsonl" +
                 "', @map(type='json'))\n"
                 "CREATE STREAM Out (product_id STRING, trade_id BIGINT);\nINSERT INTO Out SELECT "
                 "product_id, trade_id FROM trades;\n");
  // The market repeats its last 1000 trades of a product to who subscribes: 4 s of them.
  // Restarted once on the way: the stored cursor decides what is new.
  for (int part = 0; part < 2; ++part) {
    Process process({"run", folder / "a.efql", "--state", folder / "state"}, folder / "log");
    const std::size_t before = read_lines(folder / "out.jsonl").size();
    CHECK(
        wait_for(patience, [&] { return read_lines(folder / "out.jsonl").size() > before + 600; }));
    process.signal(SIGTERM);
    CHECK(process.wait(patience) == 0);
  }
  std::map<std::string, std::int64_t> last;
  std::size_t gaps = 0;
  for (const std::string& line : read_lines(folder / "out.jsonl")) {
    const auto row = base::parse_json(line, nullptr);
    REQUIRE(row);
    const std::int64_t id = row->find("trade_id")->integer;
    std::int64_t& previous = last[row->find("product_id")->text];
    if (previous != 0 && id != previous + 1) ++gaps;
    previous = id;
  }
  CHECK(last.size() == 2);
  CHECK(gaps == 0);
  CHECK(read_text(folder / "log").find(" 0 reconnects") == std::string::npos);
}

TEST_CASE("a half-open line is found, and a refused login is named") {
  const Folder folder;
  Process silent({"sim", "market", "--port", "0", "--half-open-after", "200ms"}, folder / "silent");
  const std::string text =
      "open.messages='{\"type\":\"subscribe\",\"channel\":\"market_trades\",\"product_ids\":[\"BTC-"
      "USD\"]}', @map(type='json'))\n"
      "CREATE STREAM S (channel STRING);\nSELECT channel FROM S;\n";
  write_text(folder / "a.efql",
             "@source(type='websocket', url='ws://127.0.0.1:" + port_of(folder / "silent") +
                 "', receive.timeout='300ms', ping.interval='100ms', reconnect=false, " + text);
  Process process({"run", folder / "a.efql"}, folder / "log");
  CHECK(process.wait(patience) == 69);
  CHECK(read_text(folder / "log").find("EF0501") != std::string::npos);
  Process refusing({"sim", "market", "--port", "0", "--status", "401"}, folder / "refusing");
  write_text(folder / "b.efql", "@source(type='websocket', url='ws://127.0.0.1:" +
                                    port_of(folder / "refusing") + "', reconnect=false, " + text);
  Process refused({"run", folder / "b.efql"}, folder / "refused");
  CHECK(refused.wait(patience) == 69);
  CHECK(read_text(folder / "refused").find("EF0503") != std::string::npos);
}

}  // namespace eventflux::tests
