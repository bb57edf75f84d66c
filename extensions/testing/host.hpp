#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/extension.hpp"
#include "eventflux/transport.hpp"

#include "extensions/testing/memory_disk.hpp"

namespace eventflux::testing {

/// A network that refuses connections, unless the test says what becomes of them.
class ScriptedNetwork final : public Transport {
 public:
  std::function<Result<std::unique_ptr<WebSocket>>(const WebSocketOptions&)> on_connect{};

  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions& options,
                                             const StopSignal&) override {
    return on_connect ? on_connect(options) : none();
  }

  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions&) override {
    return none();
  }

 private:
  static Error none() { return {Code::connection_refused, "no network"}; }
};

/// Keeps what is logged. Shape: a line is its level and its text, "warn source=prices state=stale".
class KeptLog final : public Log {
 public:
  std::vector<std::string> lines{};

  void write(LogLevel level, std::string_view text) override {
    constexpr std::array<std::string_view, 4> levels{"debug", "info", "warn", "error"};
    lines.push_back(std::string(levels[static_cast<std::size_t>(level)]).append(" ").append(text));
  }

  /// Returns whether some line holds the text.
  bool holds(std::string_view text) const {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }
};

/// What an extension in a test has around it: a clock that moves when it is told, a disk in memory,
/// no network, and a log that is kept.
struct Host {
  /// Takes the `register_extension` of the extension under test: one source, one sink, or both.
  explicit Host(void (*register_extension)(Registry&)) { register_extension(registry); }

  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  Result<std::unique_ptr<Source>> source(const ParamValues& values) {
    return registry.sources().front().make(values, context);
  }

  Result<std::unique_ptr<Sink>> sink(const ParamValues& values) {
    return registry.sinks().front().make(values, context);
  }

  /// Runs a source of its own to its end. Returns the code of why it could not be made or why it
  /// ended; empty when it was stopped.
  std::string run(const ParamValues& values, Emitter& out) {
    const auto made = source(values);
    if (!made.ok()) return code_text(made.error().code);
    const auto ran = (*made)->run(out);
    return ran.ok() ? "" : code_text(ran.error().code);
  }

  /// Returns a pause that takes as long as is asked for, and `delay` more.
  std::function<void(Duration)> passing_time(Duration delay = {}) {
    return [this, delay](Duration wait) { clock.set(clock.now() + wait + delay); };
  }

  Registry registry{};
  VirtualClock clock{};
  Rng rng{1};
  MemoryDisk disk{};
  ScriptedNetwork network{};
  KeptLog log{};
  Context context{.clock = clock, .rng = rng, .files = disk, .transport = network, .log = log};
};

}  // namespace eventflux::testing
