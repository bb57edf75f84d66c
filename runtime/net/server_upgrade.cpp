#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "runtime/net/session.hpp"
#include "runtime/net/upgrade.hpp"

namespace eventflux::net {
namespace {

namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;

using Request = http::request<http::empty_body>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// TLS and the request; the delay that on_upgrade asks for comes on top.
constexpr Duration patience = std::chrono::seconds(10);
constexpr std::uint32_t request_bytes_max = 16384;

UpgradeRequest request_of(const Request& request) {
  UpgradeRequest seen{std::string(request.target()), {}};
  for (const auto& field : request)
    seen.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return seen;
}

/// Each step starts the next one when it completes; advance() lets them run and looks how far it
/// is.
class BeastServerUpgrade final : public ServerUpgrade {
 public:
  BeastServerUpgrade(std::unique_ptr<EventLoop> loop, std::unique_ptr<ByteStream> bytes,
                     const WebSocketServerOptions& options)
      : options_(options),
        deadline_(loop->clock().steady() + patience),
        timer_(loop->executor()),
        session_(std::make_unique<Session>(
            std::move(loop), std::move(bytes),
            SessionOptions{options.permessage_deflate, options.message_bytes_max})) {
    parser_.header_limit(request_bytes_max);
    start_tls();
  }

  BeastServerUpgrade(const BeastServerUpgrade&) = delete;
  BeastServerUpgrade& operator=(const BeastServerUpgrade&) = delete;

  ~BeastServerUpgrade() override { timer_.reset(); }

  Progress advance() override;
  std::unique_ptr<WebSocket> take() override;

 private:
  void start_tls();
  void start_read();
  void start_delay();
  void start_answer();
  void start_accept();
  void start_refusal();

  ErasedStream& line() { return session_->stream().next_layer(); }

  /// Goes on with the next step unless this one failed.
  void then(ErrorCode failed, void (BeastServerUpgrade::*next)());

  const WebSocketServerOptions& options_;
  Timestamp deadline_;
  std::optional<Timer> timer_;
  std::unique_ptr<Session> session_;
  boost::beast::flat_buffer inbox_;
  http::request_parser<http::empty_body> parser_;
  Request request_;
  http::response<http::empty_body> refusal_;
  UpgradeResponse response_;
  Progress progress_ = Progress::working;
};

void BeastServerUpgrade::then(ErrorCode failed, void (BeastServerUpgrade::*next)()) {
  if (failed) {
    progress_ = Progress::refused;
  } else {
    (this->*next)();
  }
}

void BeastServerUpgrade::start_tls() {
  line().bytes().handshake(Role::server, Completion(
                                             [this](ErrorCode failed, std::size_t) {
                                               then(failed, &BeastServerUpgrade::start_read);
                                             },
                                             session_->loop().executor()));
}

void BeastServerUpgrade::start_read() {
  http::async_read(line(), inbox_, parser_, [this](ErrorCode failed, std::size_t) {
    then(failed, &BeastServerUpgrade::start_delay);
  });
}

void BeastServerUpgrade::start_delay() {
  request_ = parser_.release();
  if (options_.on_upgrade) response_ = options_.on_upgrade(request_of(request_));
  deadline_ = deadline_ + response_.delay;
  timer_->expires_after(response_.delay);
  timer_->async_wait([this](ErrorCode failed) { then(failed, &BeastServerUpgrade::start_answer); });
}

void BeastServerUpgrade::start_answer() {
  if (response_.status != 101 || !websocket::is_upgrade(request_)) {
    start_refusal();
  } else {
    start_accept();
  }
}

void BeastServerUpgrade::start_refusal() {
  const int status = response_.status == 101 ? 426 : response_.status;
  refusal_.result(static_cast<unsigned>(status));
  refusal_.set(http::field::connection, "close");
  refusal_.content_length(0);
  http::async_write(line(), refusal_, [this](ErrorCode, std::size_t) {
    line().bytes().teardown(
        Completion([this](ErrorCode, std::size_t) { progress_ = Progress::refused; },
                   session_->loop().executor()));
  });
}

void BeastServerUpgrade::start_accept() {
  session_->set_subprotocol(response_.subprotocol);
  session_->stream().set_option(
      websocket::stream_base::decorator([this](websocket::response_type& answer) {
        answer.set(http::field::server, "eventflux");
        if (!response_.subprotocol.empty())
          answer.set(http::field::sec_websocket_protocol, response_.subprotocol);
      }));
  session_->stream().async_accept(request_, [this](ErrorCode failed) {
    progress_ = failed ? Progress::refused : Progress::done;
  });
}

ServerUpgrade::Progress BeastServerUpgrade::advance() {
  session_->loop().drain();
  if (progress_ == Progress::working && session_->loop().clock().steady() >= deadline_)
    progress_ = Progress::refused;
  return progress_;
}

std::unique_ptr<WebSocket> BeastServerUpgrade::take() {
  timer_.reset();
  return std::move(session_);
}

}  // namespace

std::unique_ptr<ServerUpgrade> upgrade_server(std::unique_ptr<EventLoop> loop,
                                              std::unique_ptr<ByteStream> bytes,
                                              const WebSocketServerOptions& options) {
  return std::make_unique<BeastServerUpgrade>(std::move(loop), std::move(bytes), options);
}

}  // namespace eventflux::net
