#pragma once

#include <deque>

#include "extensions/testing/collecting_emitter.hpp"
#include "extensions/testing/host.hpp"
#include "extensions/testing/sink_rows.hpp"
#include "websocket.hpp"

namespace eventflux::connectors::websocket {

void register_extension(Registry& registry);

/// What the other side does, on a clock that moves only when somebody waits.
struct Script {
  explicit Script(VirtualClock& host_clock) : clock(host_clock) {}

  struct Step {
    Timestamp at;
    std::string text;
  };

  VirtualClock& clock;
  std::deque<Step> steps{};
  bool answers_pings = true;
  bool takes_messages = true;
  std::string poison{};  ///< A message over which the server closes the line with `close_code`.
  std::uint16_t close_code = 1009;
  std::vector<std::string> sent{};
  std::vector<Timestamp> sent_at{};
  std::vector<std::uint16_t> closes{};
  int connects = 0;
  std::optional<Error> refusal{};

  void say(Duration after, std::string text) {
    steps.push_back({clock.now() + after, std::move(text)});
  }
};

class ScriptedSocket final : public WebSocket {
 public:
  explicit ScriptedSocket(Script& script) : script_(script), heard_(script.clock.now()) {}

  Result<std::optional<Message>> receive(Duration timeout) override {
    if (poisoned_) return Error{Code::connection_lost, "closed by the peer"};
    const Timestamp until = script_.clock.now() + timeout;
    if (script_.steps.empty() || script_.steps.front().at > until) {
      script_.clock.set(until);
      return std::optional<Message>();
    }
    const Script::Step step = script_.steps.front();
    script_.steps.pop_front();
    if (step.at > script_.clock.now()) script_.clock.set(step.at);
    if (step.text == "END") return Error{Code::connection_lost, "the script ends"};
    if (step.text == "LARGE") return Error{Code::too_large, "message is too large"};
    if (step.text.starts_with("CLOSE ")) {
      reason_.code = static_cast<std::uint16_t>(std::stoi(step.text.substr(6)));
      return Error{Code::connection_lost, "closed by the peer: code " + step.text.substr(6)};
    }
    heard_ = script_.clock.now();
    text_ = step.text;
    const std::size_t size = text_.size();
    text_.append(64, '\0');
    return std::optional(Message{MessageKind::text, {text_.data(), size}});
  }

  Result<void> send(MessageKind kind, std::string_view payload) override {
    if (!script_.takes_messages) return Error{Code::connection_lost, "the script takes nothing"};
    if (kind == MessageKind::text && payload == "\xff")
      return Error{Code::unencodable, "not UTF-8"};
    script_.sent.emplace_back(payload);
    script_.sent_at.push_back(script_.clock.now());
    poisoned_ = poisoned_ || (!script_.poison.empty() && payload == script_.poison);
    return {};
  }

  Result<void> ping(std::string_view /*payload*/) override {
    script_.sent.emplace_back("PING");
    script_.sent_at.push_back(script_.clock.now());
    if (!script_.answers_pings || poisoned_) return {};
    ++pongs_;
    heard_ = script_.clock.now();
    return {};
  }

  std::uint64_t pongs() const override { return std::exchange(read_once_, true) ? pongs_ : 0; }

  Duration silence() const override { return script_.clock.now() - heard_; }

  void close(std::uint16_t code, std::string_view, Duration) noexcept override {
    script_.closes.push_back(code);
  }

  void cancel() noexcept override {}

  CloseReason close_reason() const override {
    return poisoned_ ? CloseReason{script_.close_code, "no"} : reason_;
  }

  std::string subprotocol() const override { return {}; }

 private:
  Script& script_;
  Timestamp heard_;
  std::string text_;
  CloseReason reason_{};
  std::uint64_t pongs_ = 0;
  mutable bool read_once_ = false;
  bool poisoned_ = false;
};

/// A source or sink, and the script of its other side.
struct Fixture {
  testing::Host host{register_extension};
  Script script{host.clock};
  testing::CollectingEmitter out{};
  std::string url = "ws://host/";

  Fixture() {
    host.context.name = "prices";
    host.network.on_connect =
        [this](const WebSocketOptions&) -> Result<std::unique_ptr<WebSocket>> {
      ++script.connects;
      if (script.refusal) return *script.refusal;
      return std::unique_ptr<WebSocket>(std::make_unique<ScriptedSocket>(script));
    };
  }

  Result<std::unique_ptr<Source>> source(ParamValues values) {
    values.push_back({.name = "url", .text = url});
    return host.source(values);
  }

  Result<std::unique_ptr<Sink>> sink(ParamValues values) {
    values.push_back({.name = "url", .text = "ws://host/"});
    return host.sink(values);
  }

  Error run(const ParamValues& values) {
    const auto made = source(values).value();
    auto ran = made->run(out);
    return ran.ok() ? Error{Code::internal, "run() ended without an error"} : ran.error();
  }
};

inline ParamValue given(std::string name, std::string text) {
  return {.name = std::move(name), .text = std::move(text)};
}

}  // namespace eventflux::connectors::websocket
