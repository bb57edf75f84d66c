#pragma once

#include <string>
#include <vector>

#include "plan/operator.hpp"

namespace eventflux::plan {

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

/// What runs.
/// Shape: `operators` in topological order. App::queries have their constants folded and conditions
/// that may move pushed before the window.
struct Plan {
  semantic::App app;
  std::vector<Operator> operators;
  std::vector<Guarantee> guarantees;
  std::vector<StatefulPart> stateful;
  std::string fingerprint;  ///< Of everything that stored state depends on.
};

}  // namespace eventflux::plan
