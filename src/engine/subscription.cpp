#include "engine/parts.hpp"

namespace eventflux {

Subscription::Subscription(std::shared_ptr<AppParts> parts, std::size_t stream, std::uint64_t tap)
    : parts_(std::move(parts)), stream_(stream), tap_(tap) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  end();
  parts_ = std::move(other.parts_);
  stream_ = other.stream_;
  tap_ = other.tap_;
  return *this;
}

Subscription::~Subscription() {
  end();
}

void Subscription::end() {
  if (parts_ == nullptr) return;
  parts_->runner->remove_tap(stream_, tap_);
  parts_.reset();
}

}  // namespace eventflux
