#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/delivery/dead_letter.hpp"
#include "runtime/graph/graph.hpp"

namespace eventflux::engine {

/// Gets rows of a stream as they leave. `now` is the clock at that moment.
using Subscriber = std::function<void(const Batch& rows, Timestamp now)>;
using SubscriberId = std::uint64_t;

/// Shows the rows of one stream to listeners, which may come and go between batches, and during
/// one from within a subscriber: a new one sees the next batch.
/// A subscriber that throws fails the app with EF0802. Thread: the graph's.
class SubscriberOperator final : public runtime::Operator {
 public:
  SubscriberOperator(const runtime::Graph& graph, runtime::Failure& failure)
      : graph_(graph), failure_(failure) {}

  SubscriberId add(Subscriber subscriber);
  void remove(SubscriberId subscriber);
  void on_batch(runtime::Port port, const Batch& batch) override;

 private:
  struct Listener {
    SubscriberId id;
    std::unique_ptr<Subscriber> subscriber;  // stays where it is while others come
    bool removed = false;
  };

  void give_back();

  const runtime::Graph& graph_;
  runtime::Failure& failure_;
  std::vector<Listener> listeners_;
  SubscriberId last_ = 0;
  bool showing_ = false;
  bool removed_ = false;  // a place waits to be given back
};

}  // namespace eventflux::engine
