#pragma once

#include <vector>

#include "semantic/bound.hpp"

namespace eventflux::semantic {

/// Which queries read and fill each stream, so that what walks the app need not look at all queries
/// for each stream. Shape: parallel to App::streams; indices into App::queries, in the order of the
/// text. A snapshot: later changes of the app do not show.
struct Dataflow {
  std::vector<std::vector<std::size_t>> readers;
  std::vector<std::vector<std::size_t>> writers;
  std::vector<bool> sourced;  ///< A source fills the stream.
};

Dataflow dataflow_of(const App& app, std::size_t streams);

}  // namespace eventflux::semantic
