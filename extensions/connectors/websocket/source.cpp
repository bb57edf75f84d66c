#include <algorithm>
#include <array>
#include <functional>

#include "eventflux/text.hpp"

#include "websocket.hpp"

namespace eventflux::connectors::websocket {
namespace {

// A wait notices a stop after at most this; the rest of the promised 100 ms is for the close.
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

Duration whole_ms(Duration length) {
  return std::chrono::floor<std::chrono::milliseconds>(length);
}

}  // namespace

/// One connection from its upgrade to its end. States: OPENING sends the opening messages,
/// AWAIT_LOGIN waits for the answer that lets it subscribe, AWAIT_ACK for the answers to what it
/// sent, LIVE receives, STALE waits for the answer to a ping.
class WebSocketSource::Session {
 public:
  Session(const SourceOptions& options, Context& context, Connection& line, Emitter* out)
      : options_(options), context_(context), connection_(line), out_(out) {}

  Result<void> open();
  Result<void> live();

 private:
  Timestamp now() const { return context_.clock.steady(); }

  Result<void> send_paced(std::string_view text);
  Result<void> subscribe();
  Result<void> await_answers();
  Result<void> await(const std::function<bool()>& done, std::string_view parameter,
                     Timestamp deadline);
  Result<bool> receive(Duration patience);
  Result<void> refuse(const Error& error);
  Result<void> take_frame(std::span<char> frame);
  Result<void> take(std::span<char> payload);
  bool is_refusal(std::string_view text) const;
  bool is_answer(std::string_view text);
  Result<void> keep_alive();
  Result<void> beat(Timestamp time);
  Result<void> watch_silence(Timestamp time);
  Result<void> watch_data(Timestamp time) const;

  const SourceOptions& options_;
  Context& context_;
  Connection& connection_;
  Emitter* out_;  // null for a probe: what comes is dropped
  Timestamp next_send_ = Timestamp::min();
  bool login_awaited_ = false;  // subscribe.wait.for has not matched yet
  bool opening_ = true;
  std::int64_t answers_ = 0;
  Timestamp refusable_until_ = Timestamp::max();
  Timestamp next_beat_{};
  bool beat_awaited_ = false;
  bool beat_seen_ = false;
  Timestamp next_ping_{};
  Timestamp last_data_{};
  std::optional<Timestamp> stale_since_{};
};

Result<void> WebSocketSource::Session::open() {
  login_awaited_ = !options_.subscribe_wait_for.empty();
  for (const std::string& message : options_.open_messages.all)
    EF_CHECK(send_paced(message));
  EF_CHECK(subscribe());
  EF_CHECK(await_answers());
  opening_ = false;
  const Timestamp time = now();
  refusable_until_ = time + options_.open_timeout;
  next_beat_ = time + options_.heartbeat_interval;
  beat_awaited_ = options_.heartbeat_send.empty();
  next_ping_ = time + options_.ping_interval;
  last_data_ = time;
  return {};
}

/// A server that checks a login first refuses what comes before its answer.
Result<void> WebSocketSource::Session::subscribe() {
  if (options_.subscribe_message.empty()) return {};
  EF_CHECK(await([this] { return !login_awaited_; }, "subscribe.wait.for",
                 now() + options_.open_timeout));
  return send_paced(options_.subscribe_message.reveal());
}

Result<void> WebSocketSource::Session::send_paced(std::string_view text) {
  context_.clock.wait_until(next_send_, connection_);
  next_send_ = now() + options_.rate_send.step();
  return connection_.send(MessageKind::text, text);
}

Result<void> WebSocketSource::Session::await_answers() {
  if (options_.open_wait_for.empty()) return {};
  return await([this] { return answers_ >= options_.open_count; }, "open.wait.for",
               now() + options_.open_timeout);
}

Result<void> WebSocketSource::Session::await(const std::function<bool()>& done,
                                             std::string_view parameter, Timestamp deadline) {
  while (!done()) {
    if (connection_.stopping()) return Error{Code::wrong_lifecycle, "stopped while opening"};
    const Duration left = deadline - now();
    if (left <= Duration::zero()) {
      return Error{Code::timed_out, "no message matched " + std::string(parameter) + " within " +
                                        to_text(options_.open_timeout)};
    }
    EF_TRY([[maybe_unused]] const bool received, receive(std::min(left, slice)));
  }
  return {};
}

/// Returns whether a message came.
Result<bool> WebSocketSource::Session::receive(Duration patience) {
  auto message = connection_.socket().receive(patience);
  if (!message.ok() && message.error().code == Code::too_large) EF_CHECK(refuse(message.error()));
  EF_TRY(const auto received, std::move(message));
  if (!received) return false;
  if (context_.payloads == nullptr) {
    EF_CHECK(take_frame(received->payload));
    return true;
  }
  // Conditions see what the mapper will see.
  auto plain = context_.payloads->plain(received->payload);
  if (plain.ok()) {
    EF_CHECK(take_frame(*plain));
  } else if (out_ != nullptr) {
    EF_CHECK(out_->emit({.payload = received->payload, .error = &plain.error()}));
  }
  return true;
}

/// A message that no connection may carry was not read: its dead letter has no text.
Result<void> WebSocketSource::Session::refuse(const Error& error) {
  if (out_ == nullptr) return {};
  std::array<char, 64> nothing{};
  EF_CHECK(out_->emit({.payload = std::span<char>(nothing).first(0), .error = &error}));
  return out_->idle();
}

/// Undoes the framing.
Result<void> WebSocketSource::Session::take_frame(std::span<char> frame) {
  const std::string_view text(frame.data(), frame.size());
  if (options_.framing == Framing::message) return take(frame);
  std::vector<std::string_view> parts;
  if (options_.framing == Framing::array) {
    const auto elements = json_elements(text);
    if (!elements) return take(frame);
    parts = *elements;
  } else {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view part = trim_text(text.substr(begin, end - begin));
      if (!part.empty()) parts.push_back(part);
      begin = end + 1;
    }
  }
  for (const std::string_view part : parts)
    EF_CHECK(
        take(frame.subspan(static_cast<std::size_t>(part.data() - frame.data()), part.size())));
  return {};
}

bool WebSocketSource::Session::is_refusal(std::string_view text) const {
  const bool refusable = opening_ || (options_.open_wait_for.empty() && now() < refusable_until_);
  return refusable && options_.open_fail_on.fits(text);
}

/// Returns whether a message answers what was sent while opening; it is then no data.
bool WebSocketSource::Session::is_answer(std::string_view text) {
  if (login_awaited_ && options_.subscribe_wait_for.fits(text)) {
    login_awaited_ = false;
    return true;
  }
  if (!opening_ || answers_ >= options_.open_count || !options_.open_wait_for.fits(text))
    return false;
  ++answers_;
  return true;
}

Result<void> WebSocketSource::Session::take(std::span<char> payload) {
  const std::string_view text(payload.data(), payload.size());
  if (is_refusal(text))
    return Error{Code::subscription_refused, "subscription refused: " + quoted(text)};
  if (is_answer(text)) return {};
  if (options_.heartbeat_expect.fits(text)) {
    beat_seen_ = true;
    return {};
  }
  last_data_ = now();
  if (out_ == nullptr) return {};
  return out_->emit({.payload = payload, .plain = context_.payloads != nullptr});
}

Result<void> WebSocketSource::Session::live() {
  bool handed_on = true;
  while (!connection_.stopping()) {
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
    EF_CHECK(connection_.socket().ping("eventflux"));
  }
  EF_CHECK(watch_data(time));
  return watch_silence(time);
}

Result<void> WebSocketSource::Session::beat(Timestamp time) {
  const bool wanted = !options_.heartbeat_send.empty() || !options_.heartbeat_expect.empty();
  if (!wanted || time < next_beat_) return {};
  if (!options_.heartbeat_expect.empty() && beat_awaited_ && !beat_seen_) {
    return Error{Code::timed_out, "no message matched heartbeat.expect within " +
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
  const Duration silence = connection_.socket().silence();
  if (stale_since_ && silence <= time - *stale_since_) stale_since_.reset();
  if (!stale_since_ && silence >= options_.receive_timeout) {
    stale_since_ = time;
    context_.log.write(LogLevel::warn, "source=" + context_.name +
                                           " state=stale silence=" + to_text(whole_ms(silence)));
    return connection_.socket().ping("alive?");
  }
  if (stale_since_ && time - *stale_since_ >= stale_patience)
    return Error{Code::connection_lost,
                 "connection lost: nothing came for " + to_text(whole_ms(silence))};
  return {};
}

/// Pings and their answers prove the connection, not the feed.
Result<void> WebSocketSource::Session::watch_data(Timestamp time) const {
  if (options_.data_timeout <= Duration::zero() || time - last_data_ < options_.data_timeout)
    return {};
  return Error{Code::timed_out, "no data came within " + to_text(options_.data_timeout)};
}

WebSocketSource::WebSocketSource(SourceOptions options, Context& context)
    : options_(std::move(options)),
      context_(context),
      connection_(static_cast<const LineOptions&>(options_), context) {}

/// A larger message is read and rejected as long as it is not larger than a connection should carry
/// in any case: the peer may send others that are smaller.
std::uint64_t WebSocketSource::message_bytes_max() const {
  const std::uint64_t usual = WebSocketOptions{}.message_bytes_max;
  return context_.payloads == nullptr ? usual : std::max(usual, context_.payloads->bytes_max());
}

/// Makes of a close by the peer what it means: the end of the input, a verdict, or a lost
/// connection.
Error WebSocketSource::meaning_of(Error error, bool was_live) {
  if (error.code != Code::connection_lost || !connection_.connected()) return error;
  const CloseReason reason = connection_.socket().close_reason();
  if (options_.close_fail_on.contains(reason.code)) {
    return {Code::reconnects_exhausted, error.message + ", which close.fail.on names",
            "fix the cause that the code names, then start again"};
  }
  constexpr std::uint16_t normal = 1000;
  if (reason.code == normal && was_live) error.code = Code::end_of_input;
  return error;
}

void WebSocketSource::close_line(bool stopped) {
  const auto code = options_.close_code != 0 ? static_cast<std::uint16_t>(options_.close_code)
                                             : std::uint16_t{stopped ? 1000U : 1001U};
  connection_.close(code, stopped ? "" : "reconnecting");
}

Result<void> WebSocketSource::run(Emitter& out) {
  bool was_live = false;
  const auto receive_all = [&]() -> Result<void> {
    EF_CHECK(connection_.connect(message_bytes_max()));
    Session session(options_, context_, connection_, &out);
    EF_CHECK(session.open());
    out.live();
    was_live = true;
    return session.live();
  };
  auto ended = receive_all();
  const bool stopped = connection_.stopping();
  if (!stopped && !ended.ok()) ended = meaning_of(std::move(ended).error(), was_live);
  close_line(stopped);
  if (stopped) return {};
  return ended;
}

Result<void> WebSocketSource::probe() {
  EF_CHECK(connection_.connect(message_bytes_max()));
  auto opened = Session(options_, context_, connection_, nullptr).open();
  close_line(true);
  return opened;
}

}  // namespace eventflux::connectors::websocket
