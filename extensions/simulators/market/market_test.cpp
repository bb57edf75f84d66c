#include "market.hpp"

#include <deque>
#include <set>

#include <doctest/doctest.h>

namespace eventflux::simulators::market {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view subscribe_trades =
    R"({"type":"subscribe","product_ids":["BTC-USD","ETH-USD"],"channel":"market_trades"})";
constexpr std::string_view subscribe_beats = R"({"type":"subscribe","channel":"heartbeats"})";

class Never final : public StopSignal {
 public:
  bool stopping() const noexcept override { return false; }
};

/// A client that says its lines at their times and leaves at the end, on a virtual clock.
class Client final : public WebSocket {
 public:
  Client(VirtualClock& clock, Duration stay) : clock_(clock), leaves_(clock.now() + stay) {}

  void say(Duration after, std::string_view text) {
    lines_.emplace_back(clock_.now() + after, text);
  }

  Result<std::optional<Message>> receive(Duration timeout) override {
    const Timestamp until = clock_.now() + timeout;
    if (!lines_.empty() && lines_.front().first <= until) {
      clock_.set(std::max(clock_.now(), lines_.front().first));
      text_ = lines_.front().second;
      lines_.pop_front();
      return std::optional(Message{MessageKind::text, text_});
    }
    clock_.set(until);
    if (until >= leaves_) return Error{Code::connection_lost, "the client leaves"};
    return std::optional<Message>();
  }

  Result<void> send(MessageKind, std::string_view payload) override {
    heard.emplace_back(payload);
    if (clock_.now() >= leaves_ || heard.size() > 5000)
      return Error{Code::connection_lost, "the client leaves"};
    return {};
  }

  Result<void> ping(std::string_view) override { return {}; }

  std::uint64_t pongs() const override { return 0; }

  Duration silence() const override { return {}; }

  void close(std::uint16_t code, std::string_view, Duration) noexcept override { closed = code; }

  void cancel() noexcept override { closed = -1; }

  CloseReason close_reason() const override { return {}; }

  std::string subprotocol() const override { return {}; }

  std::vector<std::string> heard;
  int closed = 0;

 private:
  VirtualClock& clock_;
  Timestamp leaves_;
  std::deque<std::pair<Timestamp, std::string>> lines_;
  std::string text_;
};

struct Run {
  LoadPlan load{};
  FaultPlan faults{};
  Options options{};
  VirtualClock clock{Timestamp{1'763'683'200'000'000}};
  Timestamp started = clock.now();
  std::uint64_t connection = 0;
  int closed = 0;

  std::vector<std::string> serve(Duration stay, std::initializer_list<std::string_view> says) {
    Client client(clock, stay);
    for (const std::string_view line : says)
      client.say(milliseconds(10), line);
    const Never never;
    Peer peer{client, clock, load, faults, never, connection++, started};
    Market(options).serve(peer).value();
    closed = client.closed;
    return client.heard;
  }
};

std::string member(std::string_view text, std::string_view name) {
  const std::string key = std::string("\"").append(name).append("\":");
  std::size_t begin = text.find(key);
  if (begin == std::string_view::npos) return {};
  begin += key.size();
  if (text[begin] == '"') ++begin;
  return std::string(text.substr(begin, text.find_first_of("\",}", begin) - begin));
}

/// Ids of all trades of one product, in the order in which they came.
std::vector<std::uint64_t> ids(const std::vector<std::string>& messages, std::string_view product) {
  std::vector<std::uint64_t> all;
  const std::string behind = R"(","product_id":")" + std::string(product) + "\"";
  constexpr std::string_view name = R"("trade_id":")";
  for (const std::string& message : messages) {
    for (std::size_t at = message.find(name); at != std::string::npos;
         at = message.find(name, at + 1)) {
      const std::size_t begin = at + name.size();
      const std::size_t end = message.find('"', begin);
      if (message.compare(end, behind.size(), behind) == 0)
        all.push_back(std::stoull(message.substr(begin, end - begin)));
    }
  }
  return all;
}

bool contiguous(const std::vector<std::uint64_t>& numbers) {
  for (std::size_t i = 1; i < numbers.size(); ++i)
    if (numbers[i] != numbers[i - 1] + 1) return false;
  return !numbers.empty();
}

TEST_CASE("the same seed and schedule give the same bytes, another seed gives others") {
  Run first;
  Run second;
  Run other;
  other.load.seed = 43;
  const auto bytes = first.serve(seconds(3), {subscribe_trades, subscribe_beats});
  CHECK(bytes.size() > 100);
  CHECK(bytes == second.serve(seconds(3), {subscribe_trades, subscribe_beats}));
  CHECK(bytes != other.serve(seconds(3), {subscribe_trades, subscribe_beats}));
}

TEST_CASE("a subscription is acknowledged, then comes a snapshot, then updates") {
  Run run;
  run.clock.set(run.started + seconds(2));
  const auto messages = run.serve(seconds(1), {subscribe_trades});
  REQUIRE(messages.size() > 3);
  CHECK(member(messages[0], "channel") == "subscriptions");
  CHECK(messages[0].find(R"({"subscriptions":{"market_trades":["BTC-USD","ETH-USD"]}})") !=
        std::string::npos);
  CHECK(messages[1].find(R"("events":[{"type":"snapshot","trades":[{"trade_id":"7)") !=
        std::string::npos);
  CHECK(messages[2].find(R"("type":"update")") != std::string::npos);
  CHECK(member(messages[2], "time").size() == std::string("2025-11-21T00:00:02.015000Z").size());
}

TEST_CASE("sequence_num counts all messages of a connection from 0") {
  Run run;
  const auto messages = run.serve(seconds(3), {subscribe_trades, subscribe_beats});
  for (std::size_t i = 0; i < messages.size(); ++i)
    REQUIRE(member(messages[i], "sequence_num") == std::to_string(i));
}

TEST_CASE("trade ids rise by one per product, with many trades in one message at a high rate") {
  Run run;
  run.load.rate = 50'000;
  const auto messages = run.serve(seconds(1), {subscribe_trades});
  const auto bitcoin = ids(messages, "BTC-USD");
  CHECK(contiguous(bitcoin));
  CHECK(contiguous(ids(messages, "ETH-USD")));
  CHECK(bitcoin.size() > 24'000);
  CHECK(messages.size() < 1'000);
}

TEST_CASE("without an interval each trade leaves when it happens, with the same text") {
  Run together;
  Run single;
  single.options = {.message_trades = 1, .message_interval = Duration::zero()};
  single.load.rate = together.load.rate = 2'000;
  const auto many = together.serve(seconds(1), {subscribe_trades});
  const auto each = single.serve(seconds(1), {subscribe_trades});
  CHECK(each.size() > many.size());
  for (std::size_t i = 2; i + 1 < each.size(); ++i) {
    // The message says when it was made, the trade when it was due.
    REQUIRE(member(each[i], "timestamp") == member(each[i], "time"));
    REQUIRE(ids({each[i]}, "BTC-USD").size() + ids({each[i]}, "ETH-USD").size() == 1);
  }
  const auto trades = ids(each, "BTC-USD");
  CHECK(contiguous(trades));
  CHECK(trades.front() == ids(many, "BTC-USD").front());
}

TEST_CASE("a client that comes back finds the ids where it left them") {
  Run run;
  auto before = run.serve(seconds(2), {subscribe_trades});
  run.clock.set(run.clock.now() + seconds(1));
  const auto after = run.serve(seconds(2), {subscribe_trades});
  const auto old_ids = ids(before, "BTC-USD");
  const auto new_ids = ids(after, "BTC-USD");
  CHECK(contiguous(new_ids));
  CHECK(new_ids.front() <= old_ids.back() + 1);
  CHECK(new_ids.back() > old_ids.back());
  before.insert(before.end(), after.begin(), after.end());
  std::set<std::string> texts;
  for (const std::string& message : before) {
    for (std::size_t at = message.find("{\"trade_id"); at != std::string::npos;
         at = message.find("{\"trade_id", at + 1))
      texts.insert(message.substr(at, message.find('}', at) - at));
  }
  const auto ether = ids(before, "ETH-USD");
  const std::set<std::uint64_t> distinct_ether(ether.begin(), ether.end());
  const std::set<std::uint64_t> distinct_bitcoin(old_ids.begin(), old_ids.end());
  std::set<std::uint64_t> bitcoin = distinct_bitcoin;
  bitcoin.insert(new_ids.begin(), new_ids.end());
  CHECK(texts.size() == bitcoin.size() + distinct_ether.size());
}

TEST_CASE("prices stay near their level and move") {
  const Feed feed({}, Timestamp{});
  std::set<std::string> prices;
  for (std::uint64_t i = 0; i < 20'000; i += 2) {
    std::string trade;
    feed.append_trade(trade, i);
    const double price = std::stod(member(trade, "price"));
    REQUIRE(price > 67'000 * 0.97);
    REQUIRE(price < 67'000 * 1.03);
    REQUIRE(std::stod(member(trade, "size")) > 0);
    prices.insert(member(trade, "price"));
  }
  CHECK(prices.size() > 1'000);
}

TEST_CASE("a heartbeat comes every second and counts") {
  Run run;
  const auto messages = run.serve(milliseconds(3'500), {subscribe_beats});
  REQUIRE(messages.size() == 4);
  CHECK(member(messages[1], "heartbeat_counter") == "1");
  CHECK(member(messages[3], "heartbeat_counter") == "3");
}

TEST_CASE("a client that does not subscribe within 5 s is closed") {
  Run run;
  CHECK(run.serve(seconds(20), {}).empty());
  CHECK(run.closed == 1008);
  CHECK(run.clock.now() - run.started < milliseconds(5'100));
}

TEST_CASE("a quiet line is closed after 90 s") {
  Run run;
  run.load.rate = 0.0001;
  run.serve(seconds(200), {subscribe_trades});
  CHECK(run.closed == 1000);
  CHECK(run.clock.now() - run.started < seconds(91));
}

TEST_CASE("what cannot be subscribed is refused and the line stays open") {
  Run run;
  const auto messages = run.serve(
      seconds(1),
      {"nonsense", R"({"type":"dance","channel":"x"})", R"({"type":"subscribe"})",
       R"({"type":"subscribe","channel":"level2"})",
       R"({"type":"subscribe","channel":"market_trades","product_ids":["DOGE-EUR"]})",
       R"({"type":"subscribe","product_ids":["BTC-USDC"],"channel":"market_trades","jwt":{"a":[1]}})"});
  REQUIRE(messages.size() > 6);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(member(messages[i], "type") == "error");
  CHECK(messages[5].find(R"("market_trades":["BTC-USD"])") != std::string::npos);
  CHECK(ids(messages, "ETH-USD").empty());
}

TEST_CASE("what is unsubscribed comes no more") {
  Run run;
  const auto messages = run.serve(
      seconds(2),
      {subscribe_trades,
       R"({"type":"unsubscribe","product_ids":["BTC-USD","ETH-USD"],"channel":"market_trades"})"});
  CHECK(messages.size() < 10);
}

TEST_CASE("disconnect-every closes with the code") {
  Run run;
  run.faults = {.disconnect_every = seconds(2), .close_code = 4000};
  run.serve(seconds(9), {subscribe_trades});
  CHECK(run.closed == 4000);
  CHECK(run.clock.now() - run.started < milliseconds(2'100));
}

TEST_CASE("half-open-after goes silent and keeps the line") {
  Run run;
  run.faults.half_open_after = seconds(2);
  const auto messages = run.serve(std::chrono::hours(1), {subscribe_trades});
  CHECK(run.closed == -1);
  CHECK(run.clock.now() - run.started > seconds(600));
  CHECK(messages.size() < 500);
}

TEST_CASE("never-ack answers no subscription") {
  Run run;
  run.faults.never_ack = true;
  CHECK(run.serve(seconds(4), {subscribe_trades, subscribe_beats}).empty());
}

TEST_CASE("malformed, duplicate and gap touch their shares of messages") {
  const std::size_t clean = Run().serve(seconds(10), {subscribe_trades}).size();
  Run malformed;
  malformed.faults.malformed = 0.1;
  std::size_t cut = 0;
  for (const std::string& message : malformed.serve(seconds(10), {subscribe_trades}))
    if (!message.ends_with("]}")) ++cut;
  CHECK(cut > clean / 20);
  CHECK(cut < clean / 5);

  Run duplicate;
  duplicate.faults.duplicate = 0.1;
  const auto twice = duplicate.serve(seconds(10), {subscribe_trades});
  CHECK(twice.size() > clean + clean / 20);
  CHECK(std::set<std::string>(twice.begin(), twice.end()).size() == clean);

  Run gap;
  gap.faults.gap = 0.1;
  const auto left = gap.serve(seconds(10), {subscribe_trades});
  CHECK(left.size() < clean - clean / 20);
  CHECK_FALSE(contiguous(ids(left, "BTC-USD")));
}

TEST_CASE("a load with a length ends") {
  Run run;
  run.load.length = seconds(2);
  run.serve(seconds(9), {subscribe_trades});
  CHECK(run.closed == 1000);
}

TEST_CASE("without a rate trades come as fast as they are taken") {
  Run run;
  run.load.rate = 0;
  const auto messages = run.serve(seconds(1), {subscribe_trades});
  CHECK(contiguous(ids(messages, "BTC-USD")));
  CHECK(messages.size() > 5'000);
}

TEST_CASE("it is registered with its parameters and its facts") {
  Registry registry;
  register_extension(registry);
  const SimulatorEntry* entry = registry.find_simulator("market");
  REQUIRE(entry != nullptr);
  CHECK(entry->port == 9443);
  const auto market = entry->make({{.name = "snapshot.trades", .text = "5"}}).value();
  CHECK(market->describe().find("sequence_num") != std::string::npos);
  CHECK(market->upgrade({}).status == 101);
  CHECK(entry->make({{.name = "snapshot.trade", .text = "5"}}).error().code ==
        Code::unknown_parameter);
}

}  // namespace
}  // namespace eventflux::simulators::market
