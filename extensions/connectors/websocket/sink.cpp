#include <algorithm>

#include "websocket.hpp"

namespace eventflux::connectors::websocket {
namespace {

constexpr Duration slice = std::chrono::milliseconds(50);
// How long a line that was unused may take to prove that it is alive.
constexpr Duration proof_patience = std::chrono::seconds(5);
// What a server has sent on its own is read between writes, but not for ever.
constexpr int unread_max = 1000;
// How long the close frame of a server that took no more may be on its way.
constexpr int close_slices = 20;

/// Cannot accept this kind of data, not the data of its kind, too big: RFC 6455, 7.4.1. What is
/// sent again is refused again.
bool is_about_the_row(std::uint16_t code) {
  return code == 1003 || code == 1007 || code == 1009;
}

}  // namespace

WebSocketSink::WebSocketSink(SinkOptions options, Context& context)
    : options_(std::move(options)),
      context_(context),
      connection_(static_cast<const LineOptions&>(options_), context) {}

MessageKind WebSocketSink::kind() const {
  return options_.message_type == MessageType::text ? MessageKind::text : MessageKind::binary;
}

Result<void> WebSocketSink::open(const Schema& /*schema*/) {
  connection_.close(1001, "reconnecting");
  EF_CHECK(connection_.connect());
  for (const std::string& message : options_.open_messages.all)
    EF_CHECK(connection_.send(MessageKind::text, message));
  last_proof_ = context_.clock.steady();
  unproven_ = 0;
  reconnects_itself_ = false;
  return {};
}

Result<void> WebSocketSink::probe() {
  EF_CHECK(open({}));
  connection_.close(1000, "");
  return {};
}

Result<void> WebSocketSink::read_waiting() {
  for (int i = 0; i < unread_max; ++i) {
    EF_TRY(const auto message, connection_.socket().receive(Duration::zero()));
    if (!message) break;
  }
  return {};
}

Result<void> WebSocketSink::await_pong(Duration patience) {
  const Timestamp deadline = context_.clock.steady() + patience;
  const std::uint64_t before = connection_.socket().pongs();
  EF_CHECK(connection_.socket().ping(std::to_string(++pings_)));
  while (connection_.socket().pongs() == before) {
    if (connection_.stopping())
      return Error{Code::wrong_lifecycle, "stopped while waiting for a pong"};
    const Duration left = deadline - context_.clock.steady();
    if (left <= Duration::zero())
      return Error{Code::timed_out, "no pong came within " + to_text(patience)};
    // What the server says besides is not ours to keep.
    EF_TRY([[maybe_unused]] const auto message,
           connection_.socket().receive(std::min(left, slice)));
  }
  last_proof_ = context_.clock.steady();
  unproven_ = 0;
  return {};
}

Result<void> WebSocketSink::prove_alive() {
  EF_CHECK(read_waiting());
  const Duration unused = context_.clock.steady() - last_proof_;
  if (options_.ping_interval <= Duration::zero() || unused < options_.ping_interval) return {};
  return await_pong(proof_patience);
}

WriteResult WebSocketSink::lost(WriteStatus status, Error error) {
  if (error.code == Code::connection_lost) one_by_one_ = one_by_one_ || row_was_refused();
  connection_.close(1001, "reconnecting");
  return WriteResult::failed(status, std::move(error));
}

/// Returns whether the server closed the line because of what a row holds; `refused_` is how.
bool WebSocketSink::row_was_refused() {
  if (!connection_.connected()) return false;
  // A send fails before the close frame is read.
  for (int i = 0; i < close_slices && !connection_.stopping(); ++i)
    if (!connection_.socket().receive(slice).ok()) break;
  refused_ = connection_.socket().close_reason();
  return is_about_the_row(refused_.code);
}

Error WebSocketSink::refusal() const {
  return {Code::row_rejected, "the server closed the connection over this row: code " +
                                  std::to_string(refused_.code) + " '" + refused_.text + "'"};
}

/// Notes a row over which the server closed the line, which is opened again at once unless it was
/// the last one. Returns whether the rows after it can go on.
bool WebSocketSink::settle_lost_row(WriteResult& result, std::uint32_t row, bool last) {
  result.rejected.push_back(row);
  result.status = WriteStatus::rows_rejected;
  result.error = refusal();
  connection_.close(1001, "reconnecting");
  unproven_ = 0;
  reconnects_itself_ = last;
  return last || open({}).ok();
}

Result<void> WebSocketSink::make_ready() {
  if (!connection_.connected() && reconnects_itself_) EF_CHECK(open({}));
  if (!connection_.connected()) return Error{Code::connection_lost, "not connected"};
  return prove_alive();
}

Result<void> WebSocketSink::send_row(std::string_view row) {
  EF_CHECK(connection_.send(kind(), row));
  return one_by_one_ ? await_pong(options_.ack_timeout) : Result<void>();
}

WriteResult WebSocketSink::write(const OutputBatch& batch) {
  if (auto ready = make_ready(); !ready.ok()) return lost(WriteStatus::disconnected, ready.error());
  WriteResult result;
  std::uint32_t last_sent = 0;
  bool any_sent = false;
  for (std::uint32_t i = 0; i < batch.size(); ++i) {
    ++unproven_;
    const auto sent = send_row(batch.row(i));
    if (sent.ok()) {
      any_sent = true;
      last_sent = i;
    } else if (sent.error().code == Code::unencodable) {
      --unproven_;
      result.rejected.push_back(i);
      result.status = WriteStatus::rows_rejected;
      result.error = sent.error();
    } else {
      const bool known =
          unproven_ == 1 && sent.error().code == Code::connection_lost && row_was_refused();
      if (!known || !settle_lost_row(result, i, i + 1 == batch.size()))
        return lost(any_sent ? WriteStatus::unknown : WriteStatus::disconnected, sent.error());
    }
  }
  if (options_.ack == Acknowledgement::none || unproven_ == 0 || !any_sent) return result;
  if (auto acknowledged = await_pong(options_.ack_timeout); !acknowledged.ok()) {
    const bool known =
        unproven_ == 1 && acknowledged.error().code == Code::connection_lost && row_was_refused();
    if (!known) return lost(WriteStatus::unknown, acknowledged.error());
    settle_lost_row(result, last_sent, true);
  }
  return result;
}

Result<void> WebSocketSink::flush() {
  if (!connection_.connected()) return {};
  if (auto read = read_waiting(); !read.ok()) return lost(WriteStatus::unknown, read.error()).error;
  one_by_one_ = false;
  return {};
}

}  // namespace eventflux::connectors::websocket
