#include "tests/bench/micro/file_engine.hpp"

#include "base/log.hpp"
#include "engine/compile.hpp"
#include "engine/machine.hpp"
#include "engine/runner.hpp"

namespace eventflux::bench {
namespace {

/// What `eventflux run --until-eof` does, from the text of the program to the last thread's end.
class WholeRun final : public Side {
 public:
  WholeRun(TradeFiles& files, std::string program)
      : files_(files), program_(std::move(program)), machine_(base::make_silent_log(), nullptr) {}

  void prepare() override { files_.remove_output(); }

  void run() override {
    engine::Compiled compiled = engine::compile(program_, machine_.registry());
    if (!compiled.ok()) throw_error(compiled.first_error());
    engine::RunOptions options;
    options.until_eof = true;
    const auto runner =
        engine::Runner::make(std::move(compiled.plan), machine_.host(), options).value();
    runner->start().value();
    runner->wait();
    runner->stop().value();
    if (checksum() != nullptr) files_.add_output(*checksum());
  }

 private:
  TradeFiles& files_;
  std::string program_;
  engine::Machine machine_;
};

}  // namespace

SidePtr whole_run(TradeFiles& files, std::string program) {
  return std::make_unique<WholeRun>(files, std::move(program));
}

}  // namespace eventflux::bench
