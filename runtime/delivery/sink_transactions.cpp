// Sinks of class s3_transactional: what a barrier prepares is committed once the checkpoint that
// covers it is stored.
#include "base/fail_point.hpp"
#include "runtime/delivery/sink_writer.hpp"

namespace eventflux::runtime {

void SinkWriter::resume(std::uint64_t epoch, std::optional<WriteToken> progress) {
  epoch_ = epoch + 1;
  progress_ = progress;
}

void SinkWriter::commit(const WriteToken& token) {
  const std::lock_guard lock(mutex_);
  covered_.push_back(token);
  filled_.notify_one();
}

/// Commits or aborts what earlier runs left, before anything else is written: a checkpoint of this
/// run would no longer tell which of it was covered.
void SinkWriter::recover() {
  Effort effort = new_effort();
  while (!stopping() && !failure_.is_set()) {
    Result<void> done = open();
    if (done.ok()) done = resolve_prepared();
    if (done.ok()) return;
    try_again(done.error(), effort);
  }
}

Result<void> SinkWriter::resolve_prepared() {
  EF_TRY(const std::vector<WriteToken> left, sink_->prepared());
  for (const WriteToken& token : left) {
    const bool covered =
        progress_ && token.run == progress_->run && token.epoch <= progress_->epoch;
    EF_CHECK(covered ? sink_->commit(token) : sink_->abort(token));
  }
  return {};
}

/// Shows what stored checkpoints cover, however often that takes.
void SinkWriter::commit_covered() {
  Effort effort = new_effort();
  while (!stopping() && !failure_.is_set()) {
    WriteToken token;
    {
      const std::lock_guard lock(mutex_);
      if (covered_.empty()) return;
      token = covered_.front();
    }
    EF_FAIL("sink.commit.before");
    Result<void> done = open();
    if (done.ok()) done = sink_->commit(token);
    if (!done.ok()) {
      try_again(done.error(), effort);
      continue;
    }
    EF_FAIL("sink.commit.after");
    const std::lock_guard lock(mutex_);
    covered_.pop_front();
  }
}

/// Without a store nothing will say later whether the rows count, so they are shown before anybody
/// takes them for written. Returns whether they are.
bool SinkWriter::commit_now() {
  commit(transaction());
  commit_covered();
  const std::lock_guard lock(mutex_);
  return covered_.empty();
}

/// Waits before the other side is reached anew. What it holds is neither dropped nor a dead letter:
/// after the last attempt the app fails, and its next run goes on here.
void SinkWriter::try_again(const Error& error, Effort& effort) {
  if (failure_.is_set()) return;
  lose_connection();
  const std::int64_t most = spec_.options.retry_max_attempts;
  if (most >= 0 && effort.attempts >= most) {
    return failure_.set({Code::retries_exhausted, spec_.name + ": " + error.message,
                         "raise retry.max-attempts, or -1 for no limit"});
  }
  wait_after(error, effort);
}

/// Begins the transaction of the open epoch, unless it was.
Result<void> SinkWriter::begin() {
  if (!spec_.transactional || begun_) return {};
  EF_CHECK(sink_->begin(transaction()));
  begun_ = true;
  return {};
}

Result<void> SinkWriter::make_durable() {
  if (!spec_.transactional) return sink_->flush();
  if (!begun_) return {};
  EF_CHECK(sink_->prepare(transaction()));
  begun_ = false;
  prepared_ = true;
  return {};
}

}  // namespace eventflux::runtime
