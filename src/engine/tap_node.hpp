#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/delivery/dead_letter.hpp"
#include "runtime/graph/graph.hpp"

namespace eventflux::engine {

/// Gets rows of a stream as they leave. `now` is the clock at that moment.
using Tap = std::function<void(const Batch& rows, Timestamp now)>;
using TapId = std::uint64_t;

/// Shows the rows of one stream to listeners, which may come and go between batches, and during
/// one from within a tap: a new one sees the next batch.
/// A tap that throws fails the app with EF0802. Thread: the graph's.
class TapNode final : public runtime::Node {
 public:
  TapNode(const runtime::Graph& graph, runtime::Failure& failure)
      : graph_(graph), failure_(failure) {}

  TapId add(Tap tap);
  void remove(TapId tap);
  void on_batch(runtime::Port port, const Batch& batch) override;

 private:
  struct Listener {
    TapId id;
    std::shared_ptr<Tap> tap;  // second owner: the batch that is being shown; null: removed
  };

  const runtime::Graph& graph_;
  runtime::Failure& failure_;
  std::vector<Listener> listeners_;
  TapId last_ = 0;
  bool removed_ = false;  // a place waits to be given back
};

}  // namespace eventflux::engine
