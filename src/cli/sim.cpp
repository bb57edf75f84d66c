#include <charconv>
#include <csignal>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/signals.hpp"
#include "cli/sim_options.hpp"
#include "cli/terminal.hpp"
#include "testkit/simulator_host.hpp"

namespace eventflux::cli {
namespace {

Result<double> parse_share(const std::string& text) {
  const bool percent = text.ends_with('%');
  EF_TRY(const double value, parse_real(percent ? text.substr(0, text.size() - 1) : text));
  const double share = percent ? value / 100 : value;
  if (share < 0 || share > 1)
    return Error{Code::invalid_value, "'" + text + "' is not a share", "write it like 0.1%"};
  return share;
}

Result<void> read_faults(const Arguments& arguments, FaultPlan& faults) {
  for (const auto& [name, member] : {std::pair{"disconnect-every", &FaultPlan::disconnect_every},
                                     std::pair{"half-open-after", &FaultPlan::half_open_after},
                                     std::pair{"slow-handshake", &FaultPlan::slow_handshake}}) {
    EF_TRY(const auto length, arguments.duration(name));
    if (length) faults.*member = *length;
  }
  for (const auto& [name, member] :
       {std::pair{"malformed", &FaultPlan::malformed},
        std::pair{"duplicate", &FaultPlan::duplicate}, std::pair{"gap", &FaultPlan::gap}}) {
    if (arguments.has(name)) {
      EF_TRY(faults.*member, parse_share(arguments.get(name)));
    }
  }
  EF_TRY(const auto status, arguments.number("status", 100));
  if (status) faults.status = static_cast<int>(std::min<std::int64_t>(*status, 999));
  EF_TRY(const auto code, arguments.number("close-code", 1000));
  if (code) faults.close_code = static_cast<std::uint16_t>(std::min<std::int64_t>(*code, 4999));
  faults.never_ack = arguments.has("never-ack");
  return {};
}

int run(const Arguments& arguments) {
  const Host machine;
  const SimulatorEntry* entry = machine.engine().extensions().find_simulator(arguments.words[0]);
  if (entry == nullptr) {
    std::vector<std::string> names;
    for (const SimulatorEntry& one : machine.engine().extensions().simulators())
      names.push_back(one.name);
    report(Error{Code::unknown_extension, "there is no simulator '" + arguments.words[0] + "'",
                 "simulators: " + base::join(names, ", ")});
    return exit_usage;
  }
  const auto plan = read_simulator_plan(arguments, *entry);
  if (!plan.ok()) {
    report(plan.error());
    return exit_usage;
  }
  if (arguments.has("describe")) {
    const auto made = entry->make(plan->params);
    if (!made.ok()) return report(made.error());
    print_data((*made)->describe());
    return exit_ok;
  }

  struct Stop final : StopSignal {
    bool stopping() const noexcept override { return set.load(); }

    std::atomic<bool> set{false};
  } stop;

  const Signals signals([&stop](int signal) {
    if (signal == SIGINT || signal == SIGTERM) stop.set = true;
  });
  const auto host =
      testkit::SimulatorHost::start(*entry, *plan, machine.engine().transport(), machine.clock());
  if (!host.ok()) return report(host.error());
  print_error(entry->name + " simulator   " + (*host)->url() + "   seed " +
              std::to_string(plan->load.seed) + ", Ctrl-C stops it\n");
  const Duration length = plan->load.length;
  const Timestamp end = length.count() == 0 ? Timestamp::max() : machine.clock().steady() + length;
  while (!stop.stopping() && machine.clock().steady() < end) {
    machine.clock().wait_until(
        std::min(end, machine.clock().steady() + std::chrono::milliseconds(200)), stop);
  }
  (*host)->stop();
  return exit_ok;
}

}  // namespace

Result<testkit::SimulatorPlan> read_simulator_plan(const Arguments& arguments,
                                                   const SimulatorEntry& entry) {
  testkit::SimulatorPlan plan;
  plan.server.port = entry.port;
  if (arguments.has("port")) {
    EF_TRY(const auto port, parse_integer(arguments.get("port")));
    if (port < 0 || port > 65535) {
      return Error{Code::invalid_value, "'" + arguments.get("port") + "' is not a port",
                   "0 takes a free one"};
    }
    plan.server.port = static_cast<std::uint16_t>(port);
  }
  if (arguments.has("seed")) {
    EF_TRY(const auto seed, arguments.number("seed"));
    plan.load.seed = static_cast<std::uint64_t>(*seed);
  }
  if (arguments.has("rate")) {
    EF_TRY(plan.load.rate, parse_real(arguments.get("rate")));
    if (!(plan.load.rate > 0)) {
      return Error{Code::invalid_value,
                   "--rate takes a number above 0, found '" + arguments.get("rate") + "'"};
    }
  }
  if (arguments.has("keys")) {
    EF_TRY(const auto keys, arguments.number("keys", 1));
    plan.load.keys = static_cast<std::uint64_t>(*keys);
  }
  if (arguments.has("for")) {
    EF_TRY(const auto length, arguments.duration("for"));
    plan.load.length = *length;
  }
  for (const std::string& change : arguments.all("set")) {
    const std::size_t equals = change.find('=');
    if (equals == std::string::npos) {
      return Error{Code::invalid_value, "--set takes NAME=VALUE, found '" + change + "'",
                   "write it like --set message.trades=1"};
    }
    plan.params.push_back({.name = change.substr(0, equals), .text = change.substr(equals + 1)});
  }
  EF_CHECK(read_faults(arguments, plan.faults));
  return plan;
}

Command sim_command() {
  return {
      .name = "sim",
      .group = "Run",
      .purpose = "serves a provider's real protocol on loopback",
      .words = "NAME",
      .words_min = 1,
      .words_max = 1,
      .options = {{"--port", "PORT", "port on 127.0.0.1; 0 takes a free one"},
                  {"--seed", "N", "same seed and flags, same bytes; default 42"},
                  {"--rate", "ROWS", "rows per second over all keys; default 200"},
                  {"--keys", "N", "number of products"},
                  {"--for", "DURATION", "stop after this time"},
                  {"--set", "NAME=VALUE", "a parameter of the simulator; may be repeated"},
                  {"--disconnect-every", "DURATION", "fault: drop the connection"},
                  {"--close-code", "CODE", "fault: how it is dropped; 1006 without a handshake"},
                  {"--half-open-after", "DURATION", "fault: go silent, keep the connection"},
                  {"--slow-handshake", "DURATION", "fault: answer the upgrade late"},
                  {"--status", "CODE", "fault: refuse the upgrade with 401, 403, 429, 503"},
                  {"--never-ack", "", "fault: do not acknowledge subscriptions"},
                  {"--malformed", "SHARE", "fault: share of broken messages, for example 0.1%"},
                  {"--duplicate", "SHARE", "fault: share of messages sent twice"},
                  {"--gap", "SHARE", "fault: share of messages left out"},
                  {"--describe", "", "list the protocol facts it keeps to"}},
      .examples = {"eventflux sim market --rate 1000 --disconnect-every 20s"},
      .answers_signals = true,
      .run = run};
}

}  // namespace eventflux::cli
