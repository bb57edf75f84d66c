#include "base/assert.hpp"
#include "engine/parts.hpp"

namespace eventflux {
namespace {

/// Stops an app that is let go of; nobody is left to hear how that went.
void let_go(const std::shared_ptr<AppParts>& parts) {
  if (parts == nullptr || parts->app_runtime->state() != engine::RunState::running) return;
  EF_ASSERT(!parts->app_runtime->runs_graph());
  static_cast<void>(parts->app_runtime->stop());
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
  return parts_->app_runtime->start();
}

Result<void> App::stop(Duration deadline) {
  return parts_->app_runtime->stop(deadline);
}

void App::wait() {
  parts_->app_runtime->wait();
}

Result<Publisher> App::publisher(std::string_view stream) const {
  EF_TRY(const std::size_t index, parts_->app_runtime->dataflow().find_stream(stream));
  return Publisher(parts_, index);
}

Result<Subscription> App::subscribe(std::string_view stream, RowsCallback callback) {
  EF_TRY(const std::size_t index, parts_->app_runtime->dataflow().find_stream(stream));
  auto subscriber = [callback = std::move(callback)](const Batch& rows, Timestamp) {
    callback(rows);
  };
  return Subscription(parts_, index,
                      parts_->app_runtime->add_subscriber(index, std::move(subscriber)));
}

Result<void> App::advance() {
  return parts_->app_runtime->advance();
}

AppStatus App::status() const {
  const engine::RunStatus status = parts_->app_runtime->status();
  return {.state = static_cast<AppState>(status.state),
          .finished = parts_->app_runtime->finished(),
          .checkpoint = status.epoch,
          .checkpoint_at = status.checkpoint_at,
          .dead_letters = status.dead_letters,
          .failure = parts_->app_runtime->dataflow().failure().error()};
}

}  // namespace eventflux
