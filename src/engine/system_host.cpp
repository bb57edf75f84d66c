#include "engine/system_host.hpp"

#include "engine/compile.hpp"
#include "runtime/delivery/payloads.hpp"

namespace eventflux::engine {

SystemHost::SystemHost(std::unique_ptr<Log> log, Output* output)
    : transport_(clock_, net::ProxyRules(system_variables(files_))),
      rng_(static_cast<std::uint64_t>(clock_.now().us)),
      output_(output),
      log_(std::move(log)) {
  register_extensions(registry_);
}

Host SystemHost::host() const {
  return {.clock = clock_,
          .files = files_,
          .transport = transport_,
          .log = *log_,
          .out = output_,
          .variables = system_variables(files_)};
}

Context SystemHost::context(const std::string& name) const {
  return Context{.clock = clock_,
                 .rng = rng_,
                 .files = files_,
                 .transport = transport_,
                 .log = *log_,
                 .name = name,
                 .out = output_};
}

Result<std::unique_ptr<PayloadRules>> SystemHost::payload_rules(
    const semantic::Source& source) const {
  EF_TRY(const ParamValues shared,
         model::resolve_variables(source.shared_params, system_variables(files_)));
  EF_TRY(const model::SourceOptions options, model::parse_source_options(*source.entry, shared));
  return std::unique_ptr<PayloadRules>(std::make_unique<runtime::Payloads>(options));
}

}  // namespace eventflux::engine
