#include "tests/bench/micro/file_engine.hpp"

#include "base/log.hpp"
#include "engine/app_runtime.hpp"
#include "engine/compile.hpp"
#include "engine/system_host.hpp"

namespace eventflux::bench {
namespace {

/// What `eventflux run --until-eof` does, from the text of the program to the last thread's end.
class WholeRun final : public Side {
 public:
  WholeRun(TradeFiles& files, std::string program)
      : files_(files),
        program_(std::move(program)),
        system_host_(base::make_silent_log(), nullptr) {}

  void prepare() override { files_.remove_output(); }

  void run() override {
    engine::Compiled compiled = engine::compile(program_, system_host_.registry());
    if (!compiled.ok()) throw_error(compiled.first_error());
    engine::RunOptions options;
    options.until_eof = true;
    const auto app_runtime =
        engine::AppRuntime::make(std::move(compiled.plan), system_host_.host(), options).value();
    app_runtime->start().value();
    app_runtime->wait();
    app_runtime->stop().value();
    if (checksum() != nullptr) files_.add_output(*checksum());
  }

 private:
  TradeFiles& files_;
  std::string program_;
  engine::SystemHost system_host_;
};

}  // namespace

SidePtr whole_run(TradeFiles& files, std::string program) {
  return std::make_unique<WholeRun>(files, std::move(program));
}

}  // namespace eventflux::bench
