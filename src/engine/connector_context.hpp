#pragma once

#include <string>

#include "engine/dataflow.hpp"

namespace eventflux::engine {

/// Returns what a source or sink gets of its host. `rng` becomes its own, and outlives it.
inline Context make_context(const Host& host, const std::string& name, Rng& rng,
                            const StopSignal* stop) {
  rng = Rng(rng.next());
  return Context{.clock = host.clock,
                 .rng = rng,
                 .files = host.files,
                 .transport = host.transport,
                 .log = host.log,
                 .name = name,
                 .out = host.out,
                 .stop = stop};
}

}  // namespace eventflux::engine
