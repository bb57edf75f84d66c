#include "base/assert.hpp"
#include "engine/parts.hpp"

namespace eventflux {
namespace {

/// Stops an app that is let go of; nobody is left to hear how that went.
void let_go(const std::shared_ptr<AppParts>& parts) {
  if (parts == nullptr || parts->runner->state() != engine::RunState::running) return;
  EF_ASSERT(!parts->runner->runs_graph());
  static_cast<void>(parts->runner->stop());
}

}  // namespace

App::App(std::shared_ptr<AppParts> parts) : parts_(std::move(parts)) {}

App& App::operator=(App&& other) noexcept {
  if (this == &other) return *this;
  let_go(parts_);
  parts_ = std::move(other.parts_);
  return *this;
}

App::~App() {
  let_go(parts_);
}

Result<void> App::start() {
  return parts_->runner->start();
}

Result<void> App::stop(Duration deadline) {
  return parts_->runner->stop(deadline);
}

void App::wait() {
  parts_->runner->wait();
}

Result<Publisher> App::publisher(std::string_view stream) const {
  EF_TRY(const std::size_t index, parts_->runner->core().find_stream(stream));
  return Publisher(parts_, index);
}

Result<Subscription> App::subscribe(std::string_view stream, RowsCallback callback) {
  EF_TRY(const std::size_t index, parts_->runner->core().find_stream(stream));
  auto tap = [callback = std::move(callback)](const Batch& rows, Timestamp) { callback(rows); };
  return Subscription(parts_, index, parts_->runner->add_tap(index, std::move(tap)));
}

Result<void> App::advance() {
  return parts_->runner->advance();
}

AppStatus App::status() const {
  const engine::RunStatus status = parts_->runner->status();
  return {.state = static_cast<AppState>(status.state),
          .finished = parts_->runner->finished(),
          .checkpoint = status.epoch,
          .checkpoint_at = status.checkpoint_at,
          .dead_letters = status.dead_letters,
          .failure = parts_->runner->core().failure().error()};
}

}  // namespace eventflux
