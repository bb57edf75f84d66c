#include "engine/parts.hpp"

namespace eventflux {

Subscription::Subscription(std::shared_ptr<AppParts> parts, std::size_t stream,
                           std::uint64_t subscriber)
    : parts_(std::move(parts)), stream_(stream), id_(subscriber) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  end();
  parts_ = std::move(other.parts_);
  stream_ = other.stream_;
  id_ = other.id_;
  return *this;
}

Subscription::~Subscription() {
  end();
}

void Subscription::end() {
  if (parts_ == nullptr) return;
  parts_->app_runtime->remove_subscriber(stream_, id_);
  parts_.reset();
}

}  // namespace eventflux
