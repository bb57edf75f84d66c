#include "session.hpp"

#include <algorithm>

namespace eventflux::simulators::market {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The provider's deadlines.
constexpr Duration subscribe_patience = seconds(5);
constexpr Duration quiet_max = seconds(90);
constexpr Duration beat_every = seconds(1);

// A client is heard at least so often, and a message goes out at least so often when there are
// trades; at most it goes out every `message.interval`, with what has come together.
constexpr Duration tick_max = milliseconds(20);
constexpr Duration close_patience = milliseconds(50);
// A half-open line is kept this long; no client should need longer to notice.
constexpr Duration silent_max = std::chrono::minutes(10);

}  // namespace

Session::Session(Peer& peer, const Options& options)
    : peer_(peer),
      options_(options),
      feed_(peer.load, peer.started),
      faults_(peer.load.seed * 1'000'003 + peer.connection),
      opened_(peer.clock.steady()),
      last_sent_(opened_),
      next_beat_(opened_) {}

void Session::run() {
  while (step()) {
  }
}

/// Returns whether the connection goes on.
bool Session::step() {
  if (const auto bye = farewell()) {
    peer_.socket.close(bye->code, bye->text, close_patience);
    return false;
  }
  const FaultPlan& faults = peer_.faults;
  if (faults.half_open_after > Duration::zero() && age() >= faults.half_open_after) {
    go_silent();
    return false;
  }
  const auto message = peer_.socket.receive(next_wait());
  if (!message.ok()) return false;
  if (*message && !take({(**message).payload.data(), (**message).payload.size()})) return false;
  return send_heartbeat() && send_trades();
}

std::optional<Session::Farewell> Session::farewell() const {
  const FaultPlan& faults = peer_.faults;
  if (peer_.stop.stopping()) return Farewell{1001, "simulator stops"};
  if (faults.disconnect_every > Duration::zero() && age() >= faults.disconnect_every)
    return Farewell{faults.close_code, "fault"};
  if (peer_.load.length > Duration::zero() && now() - peer_.started >= peer_.load.length)
    return Farewell{1000, "end"};
  if (!subscribed() && age() >= subscribe_patience)
    return Farewell{1008, "no subscription within 5 s"};
  if (peer_.clock.steady() - last_sent_ >= quiet_max) return Farewell{1000, "no updates"};
  return std::nullopt;
}

/// Neither reads nor writes, so that not even pings are answered.
void Session::go_silent() {
  peer_.clock.wait_until(peer_.clock.steady() + silent_max, peer_.stop);
  peer_.socket.cancel();
}

Duration Session::next_wait() const {
  if (products_.empty()) return tick_max;
  if (feed_.unpaced()) return Duration::zero();
  const Duration least = std::clamp(options_.message_interval, Duration::zero(), tick_max);
  return std::clamp<Duration>(feed_.time_of(next_trade_) - now(), least, tick_max);
}

bool Session::take(std::string_view text) {
  const auto request = parse_request(text);
  if (!request) return refuse("malformed JSON");
  if (request->type != "subscribe" && request->type != "unsubscribe") return refuse("unknown type");
  if (request->channel.empty()) return refuse("channel is required");
  if (peer_.faults.never_ack) return true;
  return change(*request);
}

bool Session::change(const Request& request) {
  const bool add = request.type == "subscribe";
  if (request.channel == "heartbeats") {
    if (add && !heartbeats_) next_beat_ = peer_.clock.steady() + beat_every;
    heartbeats_ = add;
    return acknowledge();
  }
  if (request.channel != "market_trades") return refuse("unknown channel");
  std::set<std::uint64_t> keys;
  for (const std::string& name : request.product_ids) {
    const auto key = feed_.key_of(name);
    if (!key) return refuse("unknown product " + name);
    keys.insert(*key);
  }
  if (request.product_ids.empty()) keys = all_products();
  return add ? subscribe(keys) : unsubscribe(keys);
}

std::set<std::uint64_t> Session::all_products() const {
  std::set<std::uint64_t> keys;
  for (std::uint64_t key = 0; key < feed_.products(); ++key)
    keys.insert(key);
  return keys;
}

bool Session::unsubscribe(const std::set<std::uint64_t>& keys) {
  for (const std::uint64_t key : keys)
    products_.erase(key);
  return acknowledge();
}

bool Session::subscribe(const std::set<std::uint64_t>& keys) {
  // What came together for products that are subscribed already goes first.
  if (!send_trades()) return false;
  if (products_.empty() && !feed_.unpaced()) next_trade_ = feed_.count_by(now());
  products_.insert(keys.begin(), keys.end());
  return acknowledge() && send_snapshot(keys);
}

bool Session::refuse(std::string_view reason) {
  return send(R"({"type":"error","message":")" + std::string(reason) + "\"}");
}

std::string Session::begin(std::string_view channel) {
  return R"({"channel":")" + std::string(channel) + R"(","client_id":"","timestamp":")" +
         microseconds_text(now()) + R"(","sequence_num":)" + std::to_string(sequence_++) +
         R"(,"events":[)";
}

bool Session::acknowledge() {
  std::string text = begin("subscriptions") + R"({"subscriptions":{)";
  if (!products_.empty()) {
    text += R"("market_trades":[)";
    for (const std::uint64_t key : products_)
      text += (key == *products_.begin() ? "\"" : ",\"") + feed_.product(key) + "\"";
    text += heartbeats_ ? "]," : "]";
  }
  if (heartbeats_) text += R"("heartbeats":["heartbeats"])";
  return send(text + "}}]}");
}

/// Repeats the last trades of some products, oldest first.
bool Session::send_snapshot(const std::set<std::uint64_t>& keys) {
  const std::uint64_t span =
      static_cast<std::uint64_t>(std::max<std::int64_t>(options_.snapshot_trades, 0)) *
      feed_.products();
  std::string text = begin("market_trades") + R"({"type":"snapshot","trades":[)";
  bool any = false;
  for (std::uint64_t i = next_trade_ - std::min(span, next_trade_); i < next_trade_; ++i) {
    if (!keys.contains(i % feed_.products())) continue;
    if (any) text += ',';
    any = true;
    feed_.append_trade(text, i);
  }
  return send(text + "]}]}");
}

bool Session::send_trades() {
  if (products_.empty()) return true;
  const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(options_.message_trades, 1));
  const std::uint64_t due = feed_.unpaced() ? next_trade_ + most : feed_.count_by(now());
  while (next_trade_ < due) {
    const std::string text = take_trades(due, most);
    if (text.empty()) break;
    const std::string head = begin("market_trades") + R"({"type":"update","trades":[)";
    if (!send_with_faults(head + text + "]}]}")) return false;
  }
  return true;
}

/// Returns the next trades that are subscribed, from before number `due` and at most `most`.
std::string Session::take_trades(std::uint64_t due, std::uint64_t most) {
  std::string text;
  std::uint64_t held = 0;
  for (; next_trade_ < due && held < most; ++next_trade_) {
    if (!products_.contains(next_trade_ % feed_.products())) continue;
    if (held++ > 0) text += ',';
    feed_.append_trade(text, next_trade_);
  }
  return text;
}

bool Session::send_heartbeat() {
  const Timestamp time = peer_.clock.steady();
  if (!heartbeats_ || time < next_beat_) return true;
  next_beat_ = std::max(next_beat_ + beat_every, time);
  const std::string text = begin("heartbeats") + R"({"current_time":")" + microseconds_text(now()) +
                           R"(","heartbeat_counter":")" + std::to_string(++beats_) + "\"}]}";
  return send_with_faults(text);
}

/// Draws three times for every message, so that one share does not move the others.
bool Session::send_with_faults(const std::string& text) {
  const FaultPlan& faults = peer_.faults;
  const bool malformed = faults_.unit() < faults.malformed;
  const bool duplicate = faults_.unit() < faults.duplicate;
  const bool gap = faults_.unit() < faults.gap;
  if (malformed && !send(text.substr(0, text.size() / 2))) return false;
  if (gap) return true;
  return send(text) && (!duplicate || send(text));
}

bool Session::send(const std::string& text) {
  last_sent_ = peer_.clock.steady();
  return peer_.socket.send(MessageKind::text, text).ok();
}

}  // namespace eventflux::simulators::market
