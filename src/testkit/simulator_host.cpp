#include "testkit/simulator_host.hpp"

namespace eventflux::testkit {
namespace {

// A connection that has not said goodbye by then sits in a send to a client that does not read.
constexpr Duration goodbye_patience = std::chrono::milliseconds(200);
constexpr Duration step = std::chrono::milliseconds(5);

class Never final : public StopSignal {
 public:
  bool stopping() const noexcept override { return false; }
};

}  // namespace

Result<std::unique_ptr<SimulatorHost>> SimulatorHost::start(const SimulatorEntry& entry,
                                                            SimulatorPlan plan,
                                                            Transport& transport, Clock& clock) {
  EF_TRY(auto simulator, entry.make(plan.params));
  auto host = std::make_unique<SimulatorHost>(std::move(plan), std::move(simulator), clock);
  EF_CHECK(host->listen(transport));
  return host;
}

SimulatorHost::SimulatorHost(SimulatorPlan plan, std::unique_ptr<Simulator> simulator, Clock& clock)
    : plan_(std::move(plan)),
      simulator_(std::move(simulator)),
      clock_(clock),
      started_(clock.now()) {}

Result<void> SimulatorHost::listen(Transport& transport) {
  plan_.server.on_upgrade = [this](const UpgradeRequest& request) { return answer(request); };
  EF_TRY(server_, transport.listen(plan_.server));
  accepts_ = exec::Thread(
      "simulator", [this] { accept_all(); }, [](const Error&) {});
  return {};
}

std::string SimulatorHost::url() const {
  const std::string scheme = plan_.server.tls.cert_file.empty() ? "ws" : "wss";
  return scheme + "://127.0.0.1:" + std::to_string(port());
}

UpgradeResponse SimulatorHost::answer(const UpgradeRequest& request) {
  UpgradeResponse response = simulator_->upgrade(request);
  if (plan_.faults.status != 101) response.status = plan_.faults.status;
  response.delay = response.delay + plan_.faults.slow_handshake;
  return response;
}

void SimulatorHost::accept_all() {
  for (;;) {
    auto socket = server_->accept();
    if (!socket.ok() || *socket == nullptr) return;
    lines_.remove_if([](const Connection& line) { return line.ended.load(); });
    Connection& line = lines_.emplace_back();
    line.socket = *std::move(socket);
    const std::uint64_t number = connections_++;
    line.thread = exec::Thread(
        "simulator-line", [this, &line, number] { serve(line, number); },
        [&line](const Error&) {
          line.socket->cancel();
          line.ended = true;
        });
  }
}

void SimulatorHost::serve(Connection& connection, std::uint64_t number) {
  Peer peer{*connection.socket, clock_, plan_.load, plan_.faults, stop_, number, started_};
  // What a simulator fails with is the end of a line; its client sees it, and nobody else asks.
  static_cast<void>(simulator_->serve(peer));
  connection.socket->cancel();
  connection.ended = true;
}

bool SimulatorHost::any_running() const {
  for (const Connection& line : lines_)
    if (!line.ended) return true;
  return false;
}

void SimulatorHost::stop() {
  if (!server_) return;
  stop_.set();
  server_->close();
  accepts_.join();
  const Timestamp deadline = clock_.steady() + goodbye_patience;
  while (any_running() && clock_.steady() < deadline)
    clock_.wait_until(clock_.steady() + step, Never());
  for (Connection& line : lines_)
    line.socket->cancel();
  lines_.clear();
}

}  // namespace eventflux::testkit
