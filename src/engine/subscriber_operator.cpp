#include "engine/subscriber_operator.hpp"

#include "runtime/exec/run_foreign.hpp"

namespace eventflux::engine {

SubscriberId SubscriberOperator::add(Subscriber subscriber) {
  listeners_.push_back({++last_, std::make_unique<Subscriber>(std::move(subscriber))});
  return last_;
}

// One that removes itself is running: it goes when its batch is through.
void SubscriberOperator::remove(SubscriberId subscriber) {
  for (Listener& listener : listeners_)
    if (listener.id == subscriber) listener.removed = true;
  removed_ = true;
  if (!showing_) give_back();
}

void SubscriberOperator::give_back() {
  removed_ = false;
  std::erase_if(listeners_, [](const Listener& listener) { return listener.removed; });
}

void SubscriberOperator::on_batch(runtime::Port, const Batch& batch) {
  if (batch.size() == 0 || listeners_.empty()) return;
  const std::size_t count = listeners_.size();
  showing_ = true;
  for (std::size_t i = 0; i < count; ++i) {
    if (listeners_[i].removed) continue;
    Subscriber& subscriber = *listeners_[i].subscriber;
    auto shown = exec::run_foreign("a callback", [&] { subscriber(batch, graph_.now()); });
    if (!shown.ok()) failure_.set(std::move(shown).error());
  }
  showing_ = false;
  if (removed_) give_back();
}

}  // namespace eventflux::engine
