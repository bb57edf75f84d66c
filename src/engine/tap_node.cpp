#include "engine/tap_node.hpp"

#include "runtime/exec/turn.hpp"

namespace eventflux::engine {

TapId TapNode::add(Tap tap) {
  listeners_.push_back({++last_, std::make_shared<Tap>(std::move(tap))});
  return last_;
}

void TapNode::remove(TapId tap) {
  for (Listener& listener : listeners_)
    if (listener.id == tap) listener.tap.reset();
  removed_ = true;
}

// A tap may add and remove listeners of its own stream: places are only given back afterwards.
void TapNode::on_batch(runtime::Port, const Batch& batch) {
  if (batch.size() == 0 || listeners_.empty()) return;
  const std::size_t count = listeners_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::shared_ptr<Tap> tap = listeners_[i].tap;
    if (tap == nullptr) continue;
    auto shown = exec::run_foreign("a callback", [&] { (*tap)(batch, graph_.now()); });
    if (!shown.ok()) failure_.set(std::move(shown).error());
  }
  if (!std::exchange(removed_, false)) return;
  std::erase_if(listeners_, [](const Listener& listener) { return listener.tap == nullptr; });
}

}  // namespace eventflux::engine
