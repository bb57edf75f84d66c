#include <doctest/doctest.h>

#include "model/shared_params.hpp"

namespace eventflux {

void register_extensions(Registry& registry);

namespace {

struct Declared {
  std::string extension;
  std::vector<ParamInfo> params;
};

std::vector<Declared> everything(const Registry& registry) {
  std::vector<Declared> all{{"@app", infos(model::app_params())}};
  for (const SourceEntry& entry : registry.sources()) {
    all.push_back({"source " + entry.name, entry.params});
    all.push_back({"source " + entry.name, infos(model::source_params(entry.traits))});
  }
  for (const SinkEntry& entry : registry.sinks()) {
    all.push_back({"sink " + entry.name, entry.params});
    all.push_back({"sink " + entry.name, infos(model::sink_params(entry.traits))});
  }
  for (const MapperEntry& entry : registry.mappers()) {
    all.push_back({"mapper " + entry.name, entry.decoder_params});
    all.push_back({"mapper " + entry.name, entry.encoder_params});
  }
  for (const SimulatorEntry& entry : registry.simulators())
    all.push_back({"simulator " + entry.name, entry.params});
  return all;
}

using Names = std::vector<std::string>;

/// Returns the parameters whose example or default does not pass their own check.
Names refused(const Declared& declared) {
  Names found;
  for (const ParamInfo& info : declared.params) {
    for (const std::string& text : {info.example, info.default_value}) {
      const bool fits = text.empty() || check_value(info, {info.name, text}).ok();
      if (!fits) found.push_back(info.name + "=" + text);
    }
  }
  return found;
}

/// Returns what parameters need or exclude although nothing is called so.
Names unknown_partners(const Declared& declared) {
  Names partners;
  for (const ParamInfo& info : declared.params) {
    partners.insert(partners.end(), info.excludes.begin(), info.excludes.end());
    for (const ParamNeed& need : info.needs)
      partners.insert(partners.end(), need.names.begin(), need.names.end());
  }
  std::erase_if(partners, [&](const std::string& name) {
    const auto found = find_param(declared.params, name);
    return found && declared.params[*found].name == name;
  });
  return partners;
}

}  // namespace

TEST_CASE("examples and defaults pass the checks of their own parameter") {
  Registry registry;
  register_extensions(registry);
  for (const Declared& declared : everything(registry)) {
    CAPTURE(declared.extension);
    CHECK(refused(declared) == Names());
  }
}

TEST_CASE("what a parameter needs or excludes is declared beside it") {
  Registry registry;
  register_extensions(registry);
  for (const Declared& declared : everything(registry)) {
    CAPTURE(declared.extension);
    CHECK(unknown_partners(declared) == Names());
  }
}

}  // namespace eventflux
