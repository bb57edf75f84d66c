#include "runtime/delivery/acknowledger.hpp"

namespace eventflux::runtime {

void Acknowledger::attach(Source& source) {
  const std::lock_guard lock(mutex_);
  source_ = &source;
  session_ = ++generation_;
}

void Acknowledger::detach() {
  const std::lock_guard lock(mutex_);
  source_ = nullptr;
}

void Acknowledger::revoke(std::string_view partition) {
  const std::lock_guard lock(mutex_);
  regained_.insert_or_assign(std::string(partition), ++generation_);
}

std::uint64_t Acknowledger::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

bool Acknowledger::is_ours(std::string_view partition, std::uint64_t generation) const {
  const auto since = regained_.find(partition);
  return since == regained_.end() || generation >= since->second;
}

bool Acknowledger::may_commit(std::string_view partition, std::uint64_t generation) const {
  const std::lock_guard lock(mutex_);
  return is_ours(partition, generation);
}

void Acknowledger::acknowledge(const Cursor& cursor, std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (!wanted_ || source_ == nullptr || generation < session_) return;
  if (is_ours(cursor.partition, generation)) source_->acknowledge(cursor);
}

}  // namespace eventflux::runtime
