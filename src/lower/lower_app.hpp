#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "runtime/delivery/resource_operator.hpp"
#include "runtime/graph/graph.hpp"
#include "runtime/operators/stream_operator.hpp"

namespace eventflux::lower {

/// What an app is lowered for.
struct LowerOptions {
  std::uint64_t seed = 0;
  std::span<const model::SourceOptions> sources{};  ///< Parallel to App::sources.
  /// Tells sources that follow what happens now from those that read what is there and end.
  std::function<bool(std::size_t source)> is_bounded{};
  /// Decide about rows that fail in a query, and at the entry of a stream; may be null.
  std::function<runtime::RowErrorPolicy*(const semantic::Query&)> query_errors{};
  std::function<Result<runtime::RowErrorPolicy*>(std::size_t stream)> stream_errors{};
};

/// The operators of an app, and where rows enter and leave.
/// Shape: `streams` is parallel to App::streams; `resources[s][r]` to the sources and their
/// resources.
struct LoweredApp {
  std::unique_ptr<runtime::Graph> graph;
  std::vector<runtime::StreamOperator*> streams;
  std::vector<std::vector<runtime::ResourceOperator*>> resources;
};

/// Makes the graph of a plan. Sinks, sources and subscribers connect to it afterwards.
/// Fails: EF0901.
Result<LoweredApp> lower_app(const plan::Plan& plan, const LowerOptions& options);

}  // namespace eventflux::lower
