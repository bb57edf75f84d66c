#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <string>

#include "eventflux/extension.hpp"
#include "eventflux/transport.hpp"

#include "runtime/exec/thread.hpp"

namespace eventflux::testkit {

/// What a simulator serves, and where.
struct SimulatorPlan {
  ParamValues params{};
  LoadPlan load{};
  FaultPlan faults{};
  WebSocketServerOptions server{};  ///< Its on_upgrade is not used: the simulator answers.
};

/// Runs a simulator on a transport: one thread accepts, and each connection has one of its own.
/// Thread: one starts and stops it; the counters from any.
class SimulatorHost {
 public:
  /// `transport` and `clock` outlive the host. Fails: EF0301 or EF0303 parameters; like listen().
  static Result<std::unique_ptr<SimulatorHost>> start(const SimulatorEntry& entry,
                                                      SimulatorPlan plan, Transport& transport,
                                                      Clock& clock);

  SimulatorHost(SimulatorPlan plan, std::unique_ptr<Simulator> simulator, Clock& clock);
  SimulatorHost(const SimulatorHost&) = delete;
  SimulatorHost& operator=(const SimulatorHost&) = delete;

  ~SimulatorHost() { stop(); }

  std::uint16_t port() const { return server_->port(); }

  /// Returns "ws://127.0.0.1:<port>", or wss when it serves TLS.
  std::string url() const;

  /// Returns how many connections there have been.
  std::uint64_t connections() const { return connections_.load(); }

  /// Says goodbye to all clients and joins all threads. Blocks: at most a few 100 ms.
  void stop();

 private:
  class Stop final : public StopSignal {
   public:
    bool stopping() const noexcept override { return set_.load(); }

    void set() { set_ = true; }

   private:
    std::atomic<bool> set_{false};
  };

  struct Connection {
    std::unique_ptr<WebSocket> socket;
    std::atomic<bool> ended{false};
    exec::Thread thread{};
  };

  Result<void> listen(Transport& transport);
  UpgradeResponse answer(const UpgradeRequest& request);
  void accept_all();
  void serve(Connection& connection, std::uint64_t number);
  bool any_running() const;

  SimulatorPlan plan_;
  std::unique_ptr<Simulator> simulator_;
  Clock& clock_;
  Timestamp started_;
  Stop stop_;
  std::unique_ptr<WebSocketServer> server_;
  std::atomic<std::uint64_t> connections_{0};
  std::list<Connection> lines_;  // the accepting thread's, until it is joined
  exec::Thread accepts_;
};

}  // namespace eventflux::testkit
