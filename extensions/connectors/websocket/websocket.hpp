#pragma once

#include "eventflux/extension.hpp"

#include "condition.hpp"
#include "connection.hpp"

namespace eventflux::connectors::websocket {

/// What one message of the connection holds.
enum class Framing : std::uint8_t { message, array, lines };

struct SourceOptions : LineOptions {
  Secret subscribe_message{};
  Condition subscribe_wait_for{};
  Condition open_wait_for{};
  Condition open_fail_on{};
  std::int64_t open_count = 1;
  Duration open_timeout = std::chrono::seconds(10);
  Secret heartbeat_send{};
  Duration heartbeat_interval = std::chrono::seconds(25);
  Condition heartbeat_expect{};
  Duration receive_timeout = std::chrono::seconds(30);
  Duration data_timeout{};  ///< Zero: data may stay away forever.
  Framing framing = Framing::message;
  CloseCodes close_fail_on{};
  std::int64_t close_code = 0;  ///< Zero: 1001, and 1000 at a stop.
  Rate rate_send{};
};

enum class MessageType : std::uint8_t { text, binary };
enum class Acknowledgement : std::uint8_t { pong, none };

struct SinkOptions : LineOptions {
  MessageType message_type = MessageType::text;
  Acknowledgement ack = Acknowledgement::pong;
  Duration ack_timeout = std::chrono::seconds(10);
};

/// Receives messages from a server: one session per object.
class WebSocketSource final : public Source {
 public:
  WebSocketSource(SourceOptions options, Context& context);

  Result<void> run(Emitter& out) override;

  void stop() noexcept override { connection_.stop(); }

  Result<void> probe() override;

 private:
  class Session;

  std::uint64_t message_bytes_max() const;
  Error meaning_of(Error error, bool was_live);
  void close_line(bool stopped);

  SourceOptions options_;
  Context& context_;
  Connection connection_;
};

/// Sends one message per row.
class WebSocketSink final : public Sink {
 public:
  WebSocketSink(SinkOptions options, Context& context);
  WebSocketSink(const WebSocketSink&) = delete;
  WebSocketSink& operator=(const WebSocketSink&) = delete;

  ~WebSocketSink() override { connection_.close(1000, ""); }

  Result<void> open(const Schema& schema) override;
  Result<void> probe() override;
  WriteResult write(const OutputBatch& batch) override;
  /// Answers the server's pings and notices its close while there is nothing to write.
  Result<void> flush() override;

  void stop() noexcept override { connection_.stop(); }

 private:
  MessageKind kind() const;
  Result<void> read_waiting();
  Result<void> prove_alive();
  Result<void> await_pong(Duration patience);
  Result<void> make_ready();
  Result<void> send_row(std::string_view row);
  bool row_was_refused();
  Error refusal() const;
  WriteResult lost(WriteStatus status, Error error);
  bool settle_lost_row(WriteResult& result, std::uint32_t row, bool last);

  SinkOptions options_;
  Context& context_;
  Connection connection_;
  Timestamp last_proof_{};
  std::uint64_t pings_ = 0;
  std::size_t unproven_ = 0;  ///< Rows sent since the last pong.
  CloseReason refused_{};     ///< How the server closed over a row.
  bool one_by_one_ = false;   ///< A pong after each row finds the one that the server refuses.
  bool reconnects_itself_ = false;  ///< The line was closed over a row that is settled.
};

}  // namespace eventflux::connectors::websocket
