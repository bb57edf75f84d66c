#include "runtime/delivery/run_loop.hpp"

#include "base/text.hpp"
#include "runtime/exec/run_foreign.hpp"

namespace eventflux::runtime {
namespace {

// A connection that lived this long was a good one: its loss is not another failed attempt.
constexpr Duration stable_after = std::chrono::seconds(60);

bool may_mend(Code code) {
  switch (code) {
    case Code::connection_lost:
    case Code::connection_refused:
    case Code::handshake_refused:
    case Code::tls_failed:
    case Code::timed_out:
    case Code::subscription_refused:
    case Code::too_large:
    case Code::end_of_input:
      return true;
    default:
      return false;
  }
}

}  // namespace

RunLoop::RunLoop(MakeSource make, SourceEmitter& op, bool network,
                 const model::SourceOptions& options, Clock& clock, Rng rng, Log& log,
                 Acknowledger& acknowledger)
    : make_(std::move(make)),
      emitter_(op),
      network_(network),
      options_(options),
      clock_(clock),
      rng_(rng),
      log_(log),
      backoff_(options.reconnect_delay, options.reconnect_max_delay, rng_),
      acknowledger_(acknowledger) {}

Result<void> RunLoop::run() {
  std::int64_t attempts = 0;
  while (!emitter_.stopping()) {
    emitter_.begin_session();
    Result<void> outcome = session();
    emitter_.end_session();
    const auto flushed = emitter_.flush();
    const auto live_since = emitter_.live_since();
    emitter_.disconnected();
    if (emitter_.stopping() || !flushed.ok()) return {};
    if (ends(outcome)) return emitter_.end();
    ++attempts;
    if (live_since && clock_.steady() - *live_since >= stable_after) {
      attempts = 0;
      backoff_.success();
    }
    if (!may_reconnect(outcome.error(), attempts))
      return final_error(std::move(outcome).error(), attempts);
    const Duration wait = backoff_.next(outcome.error().retry);
    log_.write(LogLevel::warn,
               "source=" + emitter_.name() + " " + code_text(outcome.error().code) +
                   " reason=" + base::quote_json(outcome.error().message) + " next_try=" +
                   to_text(std::chrono::duration_cast<std::chrono::milliseconds>(wait)));
    emitter_.pause(wait);
  }
  return {};
}

/// A connection that its peer closed in order is the end of the input only for a source that does
/// not connect again.
bool RunLoop::ends(const Result<void>& outcome) const {
  if (outcome.ok()) return true;
  if (outcome.error().code != Code::end_of_input) return false;
  return !network_ || !options_.reconnect;
}

Error RunLoop::final_error(Error error, std::int64_t attempts) const {
  if (!network_ || !options_.reconnect || !may_mend(error.code)) return error;
  return {Code::reconnects_exhausted,
          emitter_.name() + ": gave up after " + std::to_string(attempts) +
              (attempts == 1 ? " attempt: " : " attempts: ") + error.message,
          "raise reconnect.max.attempts, or -1 for no limit"};
}

bool RunLoop::may_reconnect(const Error& error, std::int64_t attempts) const {
  if (!network_ || !options_.reconnect || !may_mend(error.code)) return false;
  return options_.reconnect_attempts < 0 || attempts < options_.reconnect_attempts;
}

Result<void> RunLoop::session() {
  EF_TRY(std::unique_ptr<Source> made, make_());
  Source& source = *made;
  {
    const std::lock_guard lock(mutex_);
    source_ = std::move(made);
  }
  acknowledger_.attach(source);
  if (emitter_.stopping()) source.stop();
  Result<void> outcome;
  const auto ran =
      exec::run_foreign("source " + emitter_.name(), [&] { outcome = source.run(emitter_); });
  if (!ran.ok()) outcome = ran.error();
  // The last checkpoint is still to come, and the source to hear of it.
  const bool last = emitter_.stopping() || ends(outcome);
  if (!last || !acknowledger_.wanted()) close();
  return outcome;
}

void RunLoop::close() {
  acknowledger_.detach();
  std::unique_ptr<Source> closing;
  {
    const std::lock_guard lock(mutex_);
    closing = std::move(source_);
  }
}

void RunLoop::stop() {
  emitter_.stop();
  const std::lock_guard lock(mutex_);
  if (source_ != nullptr) source_->stop();
}

}  // namespace eventflux::runtime
