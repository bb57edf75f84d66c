#include "engine/subscriber_operator.hpp"

#include "runtime/exec/fair_mutex.hpp"

namespace eventflux::engine {

SubscriberId SubscriberOperator::add(Subscriber subscriber) {
  listeners_.push_back({++last_, std::make_shared<Subscriber>(std::move(subscriber))});
  return last_;
}

void SubscriberOperator::remove(SubscriberId subscriber) {
  for (Listener& listener : listeners_)
    if (listener.id == subscriber) listener.subscriber.reset();
  removed_ = true;
}

// A subscriber may add and remove listeners of its own stream: places are only given back
// afterwards.
void SubscriberOperator::on_batch(runtime::Port, const Batch& batch) {
  if (batch.size() == 0 || listeners_.empty()) return;
  const std::size_t count = listeners_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::shared_ptr<Subscriber> subscriber = listeners_[i].subscriber;
    if (subscriber == nullptr) continue;
    auto shown = exec::run_foreign("a callback", [&] { (*subscriber)(batch, graph_.now()); });
    if (!shown.ok()) failure_.set(std::move(shown).error());
  }
  if (!std::exchange(removed_, false)) return;
  std::erase_if(listeners_,
                [](const Listener& listener) { return listener.subscriber == nullptr; });
}

}  // namespace eventflux::engine
