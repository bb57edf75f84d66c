#pragma once

#include <string>
#include <vector>

#include "semantic/bound.hpp"

namespace eventflux::plan {

/// What an operator is called in explain, counters and the store.
struct OperatorName {
  std::string id;  ///< Stable over edits that do not change what it computes: keys of stored state.
  std::string label;  ///< For people: "window TUMBLING(10 s)".
};

/// A query ready to be lowered: constants folded, conditions that may move pushed before the
/// window.
struct QueryPlan {
  semantic::Query query;
  OperatorName filter;  ///< Filter and projection in front of the state.
  OperatorName state;   ///< Window or aggregation; empty id when the query keeps none.
  OperatorName project;
};

/// The delivery guarantee from one source to one sink.
struct Guarantee {
  std::size_t source = 0;
  std::size_t sink = 0;
  std::string level;   ///< "at most once", "at least once" …
  std::string reason;  ///< The weakest element and what would raise it.
};

/// A part of the program that owns stored state.
struct StatefulPart {
  std::string id;    ///< Key of its state.
  std::string name;  ///< As people know it: "query into Bars", "resource matches".
  std::string text;  ///< All that the state depends on, line by line.
};

/// What runs: nothing but references into the app and decisions about it.
/// Shape: `order` lists query indices so that writers of a stream come before its readers.
struct Plan {
  semantic::App app;
  std::vector<QueryPlan> queries;  ///< Parallel to app.queries.
  std::vector<std::size_t> order;
  std::vector<Guarantee> guarantees;
  std::vector<StatefulPart> stateful;
  std::string fingerprint;  ///< Of everything that stored state depends on.
};

}  // namespace eventflux::plan
