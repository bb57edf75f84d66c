#include "base/assert.hpp"
#include "engine/compatibility.hpp"
#include "engine/parts.hpp"

namespace eventflux {
namespace {

/// Stops an app that is let go of; nobody is left to hear how that went.
void let_go(const std::shared_ptr<AppParts>& parts) {
  if (parts == nullptr || parts->app_runtime->state() != AppState::running) return;
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

Result<Subscription> App::subscribe(std::string_view stream, RowsCallback callback) const {
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

Result<std::uint64_t> App::checkpoint() {
  return parts_->app_runtime->checkpoint();
}

void App::request_stop() {
  parts_->app_runtime->request_stop();
}

Result<void> App::check_replacement(const Program& program) const {
  const plan::Plan& now = parts_->app_runtime->dataflow().plan();
  if (program.name() != now.app.options.name) {
    return Error{Code::plan_incompatible,
                 "the name in @app has changed, which names the stored state"};
  }
  return engine::check_compatible(program.parts().compiled.plan, engine::plan_parts(now));
}

AppStatus App::status() const {
  return parts_->app_runtime->status();
}

bool App::finished() const {
  return parts_->app_runtime->finished();
}

}  // namespace eventflux
