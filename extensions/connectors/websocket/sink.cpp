#include <algorithm>

#include "websocket.hpp"

namespace eventflux::connectors::websocket {
namespace {

constexpr Duration slice = std::chrono::milliseconds(50);
// How long a line that was unused may take to prove that it is alive.
constexpr Duration proof_patience = std::chrono::seconds(5);
// What a server has sent on its own is read between writes, but not for ever.
constexpr int unread_max = 1000;

}  // namespace

WebSocketSink::WebSocketSink(SinkOptions options, Context& context)
    : options_(std::move(options)),
      context_(context),
      line_(static_cast<const LineOptions&>(options_), context) {}

MessageKind WebSocketSink::kind() const {
  return options_.message_type == MessageType::text ? MessageKind::text : MessageKind::binary;
}

Result<void> WebSocketSink::open(const Schema& /*schema*/) {
  line_.close(1001, "reconnecting");
  EF_CHECK(line_.connect());
  for (const std::string& message : options_.open_messages.all)
    EF_CHECK(line_.send(MessageKind::text, message));
  last_proof_ = context_.clock.steady();
  return {};
}

Result<void> WebSocketSink::read_waiting() {
  for (int i = 0; i < unread_max; ++i) {
    EF_TRY(const auto message, line_.socket().receive(Duration::zero()));
    if (!message) break;
  }
  return {};
}

Result<void> WebSocketSink::await_pong(Duration patience) {
  const Timestamp deadline = context_.clock.steady() + patience;
  const std::uint64_t before = line_.socket().pongs();
  EF_CHECK(line_.socket().ping(std::to_string(++pings_)));
  while (line_.socket().pongs() == before) {
    if (line_.stopping()) return Error{Code::wrong_lifecycle, "stopped while waiting for a pong"};
    const Duration left = deadline - context_.clock.steady();
    if (left <= Duration::zero())
      return Error{Code::timed_out, "no pong came within " + to_text(patience)};
    // What the server says besides is not ours to keep.
    EF_TRY([[maybe_unused]] const auto message, line_.socket().receive(std::min(left, slice)));
  }
  last_proof_ = context_.clock.steady();
  return {};
}

Result<void> WebSocketSink::prove_alive() {
  EF_CHECK(read_waiting());
  const Duration unused = context_.clock.steady() - last_proof_;
  if (options_.ping_interval <= Duration::zero() || unused < options_.ping_interval) return {};
  return await_pong(proof_patience);
}

WriteResult WebSocketSink::lost(Verdict verdict, Error error) {
  line_.close(1001, "reconnecting");
  return WriteResult::failed(verdict, std::move(error));
}

WriteResult WebSocketSink::write(const OutputBatch& batch) {
  if (!line_.connected()) return lost(Verdict::retriable, {Code::connection_lost, "not connected"});
  if (auto alive = prove_alive(); !alive.ok()) return lost(Verdict::retriable, alive.error());
  WriteResult result;
  bool any_sent = false;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto sent = line_.send(kind(), batch.row(i));
    if (sent.ok()) {
      any_sent = true;
    } else if (sent.error().code == Code::unencodable) {
      result.rejected.push_back(static_cast<std::uint32_t>(i));
      result.verdict = Verdict::row_rejected;
      result.error = sent.error();
    } else {
      return lost(any_sent ? Verdict::unknown : Verdict::retriable, sent.error());
    }
  }
  if (options_.ack == Acknowledgement::none || !any_sent) return result;
  if (auto acknowledged = await_pong(options_.ack_timeout); !acknowledged.ok())
    return lost(Verdict::unknown, acknowledged.error());
  return result;
}

Result<void> WebSocketSink::flush() {
  return line_.connected() ? read_waiting() : Result<void>();
}

}  // namespace eventflux::connectors::websocket
