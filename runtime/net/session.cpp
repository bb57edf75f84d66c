#include "runtime/net/session.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "runtime/net/net_error.hpp"

namespace eventflux::net {
namespace {

namespace websocket = boost::beast::websocket;

// Parsers that work in place read whole vector registers; 64 bytes is the widest one.
constexpr std::size_t padding_bytes = 64;
// A peer that takes nothing for so long is as good as gone.
constexpr Duration write_patience = std::chrono::seconds(30);
constexpr Duration close_patience_max = std::chrono::seconds(3);
constexpr Duration abort_patience = std::chrono::milliseconds(100);
// A control frame carries 125 bytes: the code, and this much text.
constexpr std::size_t close_text_bytes_max = 123;
constexpr std::size_t ping_bytes_max = 125;
// A peer may answer the last of several pings only; older ones are forgotten.
constexpr std::size_t awaited_pongs_max = 16;
// Trades arrive in small repetitive texts: level 3 is within 2 % of level 9 at a third of its time.
constexpr int deflate_level = 3;
// Below this the deflated form is rarely smaller.
constexpr std::size_t deflate_bytes_min = 64;

websocket::permessage_deflate deflate_options(bool on) {
  websocket::permessage_deflate options;
  options.client_enable = on;
  options.server_enable = on;
  options.compLevel = deflate_level;
  options.msg_size_threshold = deflate_bytes_min;
  return options;
}

websocket::stream_base::timeout no_timeouts() {
  // Every wait of a session is bounded by its caller's patience; Beast's own timers would only add
  // pings and closes that nobody asked for.
  return {websocket::stream_base::none(), websocket::stream_base::none(), false};
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

// RFC 6455 section 7.4.1: these describe an end without a code and are never sent.
bool can_be_sent(std::uint16_t code) {
  return code >= 1000 && code < 5000 && code != 1005 && code != 1006 && code != 1015;
}

}  // namespace

Session::Session(std::unique_ptr<EventLoop> loop, std::unique_ptr<ByteStream> bytes,
                 SessionOptions options)
    : loop_(std::move(loop)),
      stream_(std::move(bytes)),
      message_bytes_max_(options.message_bytes_max) {
  stream_.set_option(deflate_options(options.permessage_deflate));
  stream_.set_option(no_timeouts());
  stream_.read_message_max(options.message_bytes_max);
  stream_.auto_fragment(false);
  stream_.control_callback([this](websocket::frame_type kind, boost::beast::string_view payload) {
    if (kind == websocket::frame_type::pong) note_pong({payload.data(), payload.size()});
    if (kind == websocket::frame_type::close) check_close_code();
  });
}

// The library would answer a code that does not exist with the same code. RFC 6455 section 7.4.2.
void Session::check_close_code() {
  const auto code = static_cast<std::uint16_t>(stream_.reason().code);
  if (code == websocket::close_code::none || can_be_sent(code)) return;
  fail({Code::connection_lost,
        "connection given up: peer closed with the invalid code " + std::to_string(code)},
       {.code = websocket::close_code::protocol_error});
  stream_.next_layer().bytes().abort();
}

Session::~Session() {
  stream_.next_layer().bytes().abort();
}

void Session::start_read() {
  inbox_.clear();
  stream_.async_read(inbox_, [this](ErrorCode failed, std::size_t) { end_read(failed); });
}

void Session::end_read(ErrorCode failed) {
  if (failed) return fail(failed);
  loop_->update([this] { received_ = true; });
}

Result<std::optional<Message>> Session::receive(Duration timeout) {
  bool start = false;
  loop_->update([this, &start] {
    start = !reading_ && !ended_;
    reading_ = reading_ || start;
  });
  const auto done = [this] { return received_ || ended_; };
  const bool ready =
      start ? loop_->wait([this] { start_read(); }, done, timeout) : loop_->wait({}, done, timeout);
  if (!ready) return std::optional<Message>();
  return take_message();
}

Result<std::optional<Message>> Session::take_message() {
  bool received = false;
  loop_->update([this, &received] {
    received = std::exchange(received_, false);
    if (received) reading_ = false;
  });
  if (!received) return error();
  const std::size_t size = inbox_.size();
  const auto padding = inbox_.prepare(padding_bytes);
  std::memset(padding.data(), 0, padding_bytes);
  char* const data = static_cast<char*>(inbox_.data().data());
  return std::optional(Message{stream_.got_text() ? MessageKind::text : MessageKind::binary,
                               std::span<char>(data, size)});
}

Result<void> Session::send(MessageKind kind, std::string_view payload) {
  if (kind == MessageKind::text && !base::is_utf8(payload))
    return Error{Code::unencodable, "text to send is not UTF-8", "send it as binary"};
  bool start = false;
  loop_->update([this, &start] { start = !ended_ && !std::exchange(writing_, true); });
  if (!start) return error();
  outbox_.assign(payload);
  const auto done = [this] { return !writing_ || ended_; };
  if (!loop_->wait([this, kind] { start_write(kind); }, done, write_patience)) {
    fail({Code::connection_lost, "peer accepted no data for 30 s"}, {});
    hard_close();
  }
  const std::lock_guard lock(loop_->mutex());
  if (ended_) return *error_;
  return {};
}

void Session::start_write(MessageKind kind) {
  stream_.binary(kind == MessageKind::binary);
  stream_.async_write(asio::const_buffer(outbox_.data(), outbox_.size()),
                      [this](ErrorCode failed, std::size_t) { end_write(failed); });
}

void Session::end_write(ErrorCode failed) {
  if (failed) return fail(failed);
  loop_->update([this] { writing_ = false; });
}

Result<void> Session::ping(std::string_view payload) {
  if (payload.size() > ping_bytes_max)
    return Error{Code::too_large, "a ping carries at most 125 bytes"};
  const auto idle = [this] { return !pinging_ || ended_; };
  bool start = false;
  if (loop_->wait({}, idle, write_patience)) {
    loop_->update([this, payload, &start] {
      if (ended_ || pinging_) return;
      start = pinging_ = true;
      ping_data_ = {payload.data(), payload.size()};
      awaited_pongs_.emplace_back(payload);
      if (awaited_pongs_.size() > awaited_pongs_max) awaited_pongs_.pop_front();
    });
  }
  if (!start) return error();
  if (!loop_->wait([this] { start_ping(); }, idle, write_patience)) {
    fail({Code::connection_lost, "peer accepted no data for 30 s"}, {});
    hard_close();
  }
  const std::lock_guard lock(loop_->mutex());
  if (ended_) return *error_;
  return {};
}

void Session::start_ping() {
  stream_.async_ping(ping_data_, [this](ErrorCode failed) {
    if (failed) return fail(failed);
    loop_->update([this] { pinging_ = false; });
  });
}

// Only the echo of a ping proves anything: a peer may send pongs of its own accord.
void Session::note_pong(std::string_view payload) {
  loop_->update([this, payload] {
    const auto found = std::find(awaited_pongs_.begin(), awaited_pongs_.end(), payload);
    if (found == awaited_pongs_.end()) return;
    awaited_pongs_.erase(awaited_pongs_.begin(), found + 1);
    ++pongs_;
  });
}

std::uint64_t Session::pongs() const {
  const std::lock_guard lock(loop_->mutex());
  return pongs_;
}

Duration Session::silence() const {
  // Beast's accessor is not const. NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  return const_cast<Stream&>(stream_).next_layer().bytes().activity().silence();
}

void Session::fail(const ErrorCode& reason) {
  const auto& peer = stream_.reason();
  CloseReason close{.code = close_code_of(reason)};
  if (reason == websocket::error::closed)
    close = {static_cast<std::uint16_t>(peer.code), std::string(peer.reason.c_str())};
  fail(session_error(reason, close, message_bytes_max_), close);
}

void Session::fail(Error error, CloseReason reason) {
  loop_->update([&] {
    if (!error_) {
      error_ = std::move(error);
      reason_ = std::move(reason);
    }
    ended_ = true;
  });
}

Error Session::error() const {
  const std::lock_guard lock(loop_->mutex());
  return error_ ? *error_ : Error{Code::connection_lost, "connection is busy with another call"};
}

CloseReason Session::close_reason() const {
  const std::lock_guard lock(loop_->mutex());
  return reason_;
}

void Session::close(std::uint16_t code, std::string_view reason, Duration patience) noexcept {
  try {
    const std::string text(cut_utf8(reason, close_text_bytes_max));
    loop_->wait([this, code, text] { start_close(code, text); },
                [this] { return closed_ || aborted_; }, std::min(patience, close_patience_max));
    fail({Code::connection_lost, "connection closed here"}, {code, text});
    hard_close();
  } catch (...) {
    cancel();
  }
}

void Session::start_close(std::uint16_t code, const std::string& reason) {
  bool start = false;
  loop_->update([this, code, &start] {
    start = !ended_ && !closing_ && can_be_sent(code);
    closing_ = closing_ || start;
    if (ended_ || !can_be_sent(code)) closed_ = true;
  });
  if (!start) return;
  const websocket::close_reason frame(static_cast<websocket::close_code>(code), reason);
  stream_.async_close(frame, [this](ErrorCode) { loop_->update([this] { closed_ = true; }); });
}

void Session::hard_close() {
  loop_->wait(
      [this] {
        stream_.next_layer().bytes().abort();
        loop_->update([this] { aborted_ = true; });
      },
      [this] { return aborted_; }, abort_patience);
}

void Session::cancel() noexcept {
  try {
    fail({Code::connection_lost, "connection cancelled"}, {});
    hard_close();
  } catch (...) {
    // Without memory for the handler the line is cut when the session goes.
  }
}

}  // namespace eventflux::net
