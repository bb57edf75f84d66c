#pragma once

#include <algorithm>
#include <atomic>
#include <string>

#include "eventflux/extension.hpp"

// A message broker in memory that outlives the process of the app: it sends what was not
// acknowledged, again and again, and no more than a window of it at a time.

namespace eventflux::tests {

struct Broker {
  static constexpr std::uint32_t messages = 400;
  static constexpr std::uint32_t window = 40;

  /// Messages before this one are acknowledged and do not come again.
  std::atomic<std::uint32_t> acknowledged{0};
};

/// The one that sources reach.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
inline Broker* broker = nullptr;

/// Sends the messages of the broker, whose content is their number, as rows of one column.
class BrokerSource final : public Source {
 public:
  struct Options {
    bool positions = true;         ///< Knows of what is stored by its position.
    bool ends = false;             ///< Ends before the last acknowledgements.
    std::int64_t transaction = 0;  ///< Messages per transaction; 0: there are none.
  };

  BrokerSource(const Options& options, Context&) : options_(options) {}

  ~BrokerSource() override { send_acknowledgements(); }

  BrokerSource(const BrokerSource&) = delete;
  BrokerSource& operator=(const BrokerSource&) = delete;

  Result<void> run(Emitter& out) override {
    std::uint32_t next = broker->acknowledged;
    if (const auto stored = out.resume({}); stored && options_.positions) {
      next = std::max(next, static_cast<std::uint32_t>(stored->order));
      noted_ = next;
    }
    out.live();
    while (!out.stopping() && !stopping_) {
      send_acknowledgements();
      const bool all_sent = next == Broker::messages;
      if (all_sent && (options_.ends || broker->acknowledged == Broker::messages))
        return Error{Code::end_of_input, "the queue is empty"};
      while (next < Broker::messages && next - broker->acknowledged < Broker::window)
        EF_CHECK(send(out, next));
      EF_CHECK(out.idle());
      out.pause(std::chrono::milliseconds(1));
    }
    return {};
  }

  void stop() noexcept override { stopping_ = true; }

  void acknowledge(const Cursor& cursor) override {
    noted_ = static_cast<std::uint32_t>(cursor.order);
  }

 private:
  /// Sends one message, or the rest of its transaction, in two parts.
  Result<void> send(Emitter& out, std::uint32_t& next) {
    const auto size = static_cast<std::uint32_t>(options_.transaction);
    if (size == 0) return send_one(out, next);
    out.begin_transaction();
    do {
      EF_CHECK(send_one(out, next));
      if (next % size == size / 2) {
        EF_CHECK(out.idle());
        out.pause(std::chrono::milliseconds(3));
      }
    } while (next % size != 0 && next < Broker::messages);
    return out.end_transaction();
  }

  static Result<void> send_one(Emitter& out, std::uint32_t& next) {
    BatchBuilder& rows = out.rows();
    *rows.column(0).extend<std::int64_t>(1) = next;
    rows.end_rows(1, {});
    ++next;
    return out.emit_rows({{}, std::to_string(next), next});
  }

  void send_acknowledgements() {
    if (noted_ > broker->acknowledged) broker->acknowledged = noted_.load();
  }

  Options options_;
  std::atomic<std::uint32_t> noted_{0};
  std::atomic<bool> stopping_{false};
};

inline void register_broker(Registry& registry) {
  using Options = BrokerSource::Options;
  registry.source<BrokerSource>(
      "broker", "Sends what was not acknowledged.",
      {.delivery = SourceClass::r1_ack_window, .rows = true},
      ParamSpec<Options>{
          param("positions", &Options::positions, "Knows of what is stored by its position."),
          param("ends", &Options::ends, "Ends before the last acknowledgements."),
          param("transaction", &Options::transaction, "Messages per transaction.").at_least(0)});
}

}  // namespace eventflux::tests
