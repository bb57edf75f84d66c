#include <filesystem>

#include "cli/app_run.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "testkit/simulator_host.hpp"

namespace eventflux::cli {
namespace {

// Embedded, so that an installed binary needs no file beside it.
constexpr std::string_view program =
#include "trades_program.inc"
    ;

/// A directory of its own under the system's temporary one; removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "eventflux-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }

  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int run(const Arguments& arguments) {
  const auto length = arguments.duration("for");
  if (!length.ok()) return report_usage(length.error());
  const auto rows = arguments.number("expect-rows");
  if (!rows.ok()) return report_usage(rows.error());
  const Host machine;
  const SimulatorEntry* market = machine.engine().extensions().find_simulator("market");
  if (market == nullptr)
    return report(Error{Code::unknown_extension, "this build has no market simulator"});
  testkit::SimulatorPlan plan;
  plan.faults.disconnect_every = std::chrono::seconds(20);
  const auto host =
      testkit::SimulatorHost::start(*market, plan, machine.engine().transport(), machine.clock());
  if (!host.ok()) return report(host.error());
  const TemporaryDirectory directory;
  print_error("market simulator   " + (*host)->url() +
              "   seed 42, 200 trades/s, drops the connection every 20 s\n" +
              "query              queries/trades.efql    first row after 13 s\n");
  AppRunOptions options;
  options.file = "queries/trades.efql";
  options.text = std::string(program);
  options.state_dir = directory.path() + "/state";
  options.print = {"bars"};
  options.format = "box";
  options.overrides = {{"source.coinbase.url", (*host)->url()},
                       {"sink.bars.file.path", directory.path() + "/bars.jsonl"}};
  options.run_for = *length;
  if (*rows) options.expect_rows = static_cast<std::uint64_t>(**rows);
  return run_app(options);
}

}  // namespace

Command demo_command() {
  return {.name = "demo",
          .group = "Run",
          .purpose = "runs queries/trades.efql against the market simulator",
          .options = {{"--headless", "", "no console; the terminal only, as it is today"},
                      {"--for", "DURATION", "stop after this time"},
                      {"--expect-rows", "N", "exit 1 unless at least N rows were printed"}},
          .examples = {"eventflux demo", "eventflux demo --headless --for 25s --expect-rows 2"},
          .answers_signals = true,
          .run = run};
}

}  // namespace eventflux::cli
