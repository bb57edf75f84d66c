#include "semantic/dataflow.hpp"

namespace eventflux::semantic {

Dataflow dataflow_of(const App& app, std::size_t streams) {
  Dataflow flow;
  flow.readers.resize(streams);
  flow.writers.resize(streams);
  flow.sourced.resize(streams);
  for (std::size_t index = 0; index < app.queries.size(); ++index) {
    flow.readers[app.queries[index].input].push_back(index);
    flow.writers[app.queries[index].target].push_back(index);
  }
  for (const Source& source : app.sources)
    for (const Resource& resource : source.resources)
      flow.sourced[resource.stream] = true;
  return flow;
}

}  // namespace eventflux::semantic
