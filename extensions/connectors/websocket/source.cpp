#include <algorithm>

#include "websocket.hpp"

namespace eventflux::connectors::websocket {
namespace {

// A wait notices a stop after at most this; the rest of the promised 100 ms is for the goodbye.
constexpr Duration slice = std::chrono::milliseconds(50);
// How long a silent line has to answer the ping that asks whether it is alive.
constexpr Duration stale_patience = std::chrono::seconds(5);
// A refusal is quoted, but not at length.
constexpr std::size_t quote_bytes_max = 200;

std::string quoted(std::string_view payload) {
  std::string text(payload.substr(0, quote_bytes_max));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return "'" + text + "'";
}

}  // namespace

/// One connection from its upgrade to its end. States: OPENING sends the opening messages,
/// AWAIT_ACK waits for their answers, LIVE receives, STALE waits for the answer to a ping.
class WebSocketSource::Session {
 public:
  Session(const SourceOptions& options, Context& context, Line& line, Emitter* out)
      : options_(options), context_(context), line_(line), out_(out) {}

  Result<void> open();
  Result<void> live();

 private:
  Timestamp now() const { return context_.clock.steady(); }

  Result<void> send_paced(std::string_view text);
  Result<void> await_answers();
  Result<bool> receive(Duration patience);
  Result<void> take(std::string_view text, std::span<char> payload);
  Result<void> keep_alive();
  Result<void> beat(Timestamp time);
  Result<void> watch_silence(Timestamp time);

  const SourceOptions& options_;
  Context& context_;
  Line& line_;
  Emitter* out_;  // null for a probe: what comes is dropped
  Timestamp next_send_ = Timestamp::min();
  std::int64_t answers_ = 0;
  Timestamp refusable_until_ = Timestamp::max();
  Timestamp next_beat_{};
  bool beat_awaited_ = false;
  bool beat_seen_ = false;
  Timestamp next_ping_{};
  std::optional<Timestamp> stale_since_{};
};

Result<void> WebSocketSource::Session::open() {
  for (const std::string& message : options_.open_messages.all)
    EF_CHECK(send_paced(message));
  if (!options_.subscribe_message.empty())
    EF_CHECK(send_paced(options_.subscribe_message.reveal()));
  EF_CHECK(await_answers());
  const Timestamp time = now();
  refusable_until_ = time + options_.open_timeout;
  next_beat_ = time + options_.heartbeat_interval;
  beat_awaited_ = options_.heartbeat_send.empty();
  next_ping_ = time + options_.ping_interval;
  return {};
}

Result<void> WebSocketSource::Session::send_paced(std::string_view text) {
  context_.clock.wait_until(next_send_, line_);
  next_send_ = now() + options_.rate_send.step();
  return line_.send(MessageKind::text, text);
}

Result<void> WebSocketSource::Session::await_answers() {
  const Timestamp deadline = now() + options_.open_timeout;
  while (!options_.open_wait_for.empty() && answers_ < options_.open_count) {
    if (line_.stopping()) return Error{Code::wrong_lifecycle, "stopped while opening"};
    const Duration left = deadline - now();
    if (left <= Duration::zero()) {
      return Error{Code::timed_out,
                   "no message fitted open.wait.for within " + to_text(options_.open_timeout)};
    }
    EF_TRY([[maybe_unused]] const bool received, receive(std::min(left, slice)));
  }
  return {};
}

/// Returns whether a message came.
Result<bool> WebSocketSource::Session::receive(Duration patience) {
  EF_TRY(const auto message, line_.socket().receive(patience));
  if (!message) return false;
  EF_CHECK(take({message->payload.data(), message->payload.size()}, message->payload));
  return true;
}

Result<void> WebSocketSource::Session::take(std::string_view text, std::span<char> payload) {
  const bool opening = !options_.open_wait_for.empty() && answers_ < options_.open_count;
  if (!options_.open_fail_on.empty() && now() < refusable_until_ &&
      (opening || options_.open_wait_for.empty()) && options_.open_fail_on.fits(text))
    return Error{Code::subscription_refused, "subscription refused: " + quoted(text)};
  if (opening && options_.open_wait_for.fits(text)) {
    ++answers_;
    return {};
  }
  if (options_.heartbeat_expect.fits(text)) {
    beat_seen_ = true;
    return {};
  }
  return out_ == nullptr ? Result<void>() : out_->emit({.payload = payload});
}

Result<void> WebSocketSource::Session::live() {
  bool handed_on = true;
  while (!line_.stopping()) {
    // Rows are handed on when the line has nothing more, not message by message.
    EF_TRY(const bool received, receive(handed_on ? slice : Duration::zero()));
    if (!received && !handed_on) EF_CHECK(out_->idle());
    handed_on = !received;
    EF_CHECK(keep_alive());
  }
  return {};
}

Result<void> WebSocketSource::Session::keep_alive() {
  const Timestamp time = now();
  EF_CHECK(beat(time));
  if (options_.ping_interval > Duration::zero() && time >= next_ping_) {
    next_ping_ = time + options_.ping_interval;
    EF_CHECK(line_.socket().ping("eventflux"));
  }
  return watch_silence(time);
}

Result<void> WebSocketSource::Session::beat(Timestamp time) {
  const bool wanted = !options_.heartbeat_send.empty() || !options_.heartbeat_expect.empty();
  if (!wanted || time < next_beat_) return {};
  if (!options_.heartbeat_expect.empty() && beat_awaited_ && !beat_seen_) {
    return Error{Code::timed_out, "no message fitted heartbeat.expect within " +
                                      to_text(options_.heartbeat_interval)};
  }
  next_beat_ = time + options_.heartbeat_interval;
  beat_seen_ = false;
  beat_awaited_ = true;
  if (options_.heartbeat_send.empty()) return {};
  return send_paced(options_.heartbeat_send.reveal());
}

Result<void> WebSocketSource::Session::watch_silence(Timestamp time) {
  if (options_.receive_timeout <= Duration::zero()) return {};
  const Duration silence = line_.socket().silence();
  if (stale_since_ && silence <= time - *stale_since_) stale_since_.reset();
  if (!stale_since_ && silence >= options_.receive_timeout) {
    stale_since_ = time;
    context_.log.write(LogLevel::warn,
                       "source=" + context_.name + " state=stale silence=" + to_text(silence));
    return line_.socket().ping("alive?");
  }
  if (stale_since_ && time - *stale_since_ >= stale_patience)
    return Error{Code::connection_lost, "connection lost: nothing came for " + to_text(silence)};
  return {};
}

WebSocketSource::WebSocketSource(SourceOptions options, Context& context)
    : options_(std::move(options)),
      context_(context),
      line_(static_cast<const LineOptions&>(options_), context) {}

Result<void> WebSocketSource::run(Emitter& out) {
  const auto receive_all = [&]() -> Result<void> {
    EF_CHECK(line_.connect());
    Session session(options_, context_, line_, &out);
    EF_CHECK(session.open());
    out.live();
    return session.live();
  };
  auto ended = receive_all();
  const bool stopped = line_.stopping();
  line_.close(stopped ? 1000 : 1001, stopped ? "" : "reconnecting");
  if (stopped) return {};
  return ended;
}

Result<void> WebSocketSource::probe() {
  EF_CHECK(line_.connect());
  auto opened = Session(options_, context_, line_, nullptr).open();
  line_.close(1000, "");
  return opened;
}

}  // namespace eventflux::connectors::websocket
