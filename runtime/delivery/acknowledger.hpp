#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "eventflux/source.hpp"

#include "runtime/exec/mutex.hpp"

namespace eventflux::runtime {

/// Knows which cursors of one source are still ours to commit, and passes those that are committed
/// back to the source. A cursor is known by the generation in which it was emitted: a new session
/// and a revoked partition begin another one.
/// Thread: attach(), detach() and revoke() from that of the source; the rest from any.
class Acknowledger {
 public:
  explicit Acknowledger(bool wanted) : wanted_(wanted) {}

  /// Returns whether the source is to hear of commits.
  bool wanted() const { return wanted_; }

  /// Begins a session: what earlier ones emitted comes again and cannot be acknowledged any more.
  void attach(Source& source);
  /// Ends the session. Blocks: while acknowledge() is inside the source.
  void detach();
  /// Gives a partition away. Blocks: as detach().
  void revoke(std::string_view partition);

  std::uint64_t generation() const;
  /// Returns whether a cursor of a generation may still be stored.
  bool may_commit(std::string_view partition, std::uint64_t generation) const;
  /// Tells the source that a cursor is durable, if the session that emitted it goes on and its
  /// partition is still ours.
  void acknowledge(const Cursor& cursor, std::uint64_t generation);

 private:
  bool is_ours(std::string_view partition, std::uint64_t generation) const;

  const bool wanted_;
  mutable exec::Mutex mutex_;
  Source* source_ = nullptr;                                    // guarded by mutex_
  std::uint64_t generation_ = 1;                                // guarded by mutex_
  std::uint64_t session_ = 1;                                   // guarded by mutex_; its first one
  std::map<std::string, std::uint64_t, std::less<>> regained_;  // guarded by mutex_; ours since
};

/// Returns whether the runtime calls Source::acknowledge() of such a source.
inline bool wants_acknowledgement(const SourceTraits& traits) {
  return traits.acknowledged || traits.delivery == SourceClass::r1_ack_window;
}

}  // namespace eventflux::runtime
