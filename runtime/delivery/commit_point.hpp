#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "eventflux/context.hpp"

#include "runtime/delivery/dead_letter.hpp"
#include "runtime/exec/mutex.hpp"
#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::runtime {

/// An epoch that waits to become durable.
struct Epoch {
  StoreTransaction stored{};
  /// The last cursor of each partition of which rows are in it, of sources that hear of commits.
  std::vector<StoredCursor> acknowledgements{};
  std::map<std::size_t, WriteToken> transactions{};  ///< Prepared for it, by sink.
  /// The app stops at a row of it: sinks write what came before that row, nothing is stored.
  bool abandoned = false;
};

/// Makes epochs durable, in order, each after every sink has acknowledged it: the one place that
/// moves cursors forward.
/// Invariant: no cursor is stored whose effects are neither in the same transaction nor
/// acknowledged. Thread: run() on its own; the others from any.
class CommitPoint final : public StopSignal {
 public:
  struct Spec {
    /// May be null: nothing is durable then, but epochs still tell what sinks have taken.
    CheckpointStore* store;
    std::vector<std::string> sinks;
    std::uint64_t in_flight_max;
    /// Dead letters that the store may hold; when it is full, nothing is committed and the app
    /// waits, or fails.
    std::uint64_t dead_letter_bytes_max = 1ULL << 30U;
    bool fail_when_full = false;
  };

  CommitPoint(Spec spec, Failure& failure, Clock& clock, Log& log);

  /// Takes an epoch; they come in order.
  void submit(Epoch epoch);
  /// Says that a sink has durably written everything of an epoch and those before it, except what
  /// it made dead letters; those belong to the epoch.
  /// `prepared` is the transaction that it holds for the epoch, if it has one.
  void acknowledge(std::size_t sink, std::uint64_t epoch, std::vector<DeadLetter> letters = {},
                   std::optional<WriteToken> prepared = {});
  /// Returns whether another epoch may be cut.
  bool has_room() const;
  /// Returns the last durable epoch, and when it became durable.
  std::uint64_t committed() const;
  Timestamp committed_at() const;
  /// Returns the cursor of a resource as of the last durable epoch; nothing when it has none.
  std::optional<std::string> cursor(std::string_view resource, std::string_view column) const;
  /// Takes over what a restored checkpoint holds. Shape: before run().
  void restore(const Checkpoint& checkpoint);

  /// Blocks: until finish() and all epochs are durable, or stop().
  void run();
  void finish();
  void stop();
  bool stopping() const noexcept override;
  /// Returns whether all submitted epochs are durable.
  bool drained() const;

  /// Called after each commit.
  std::function<void()> on_commit = [] {};
  /// Called for each cursor that a commit has made durable.
  std::function<void(const StoredCursor&)> on_durable = [](const StoredCursor&) {};
  /// Called for each transaction of a sink that a commit covers.
  std::function<void(std::size_t sink, const WriteToken&)> on_covered = [](std::size_t,
                                                                           const WriteToken&) {};
  /// Says whether a cursor is still ours to store; that of the last commit takes its place if not.
  std::function<bool(const StoredCursor&)> may_commit = [](const StoredCursor&) { return true; };

 private:
  bool is_covered(std::uint64_t epoch) const;
  void add_sink_letters(Epoch& epoch);
  void commit(Epoch& epoch);
  void tell_covered(const Epoch& epoch);
  bool store(const Epoch& epoch);
  void add_progress(Epoch& epoch);
  void keep_revoked_positions(Checkpoint& checkpoint) const;
  bool has_room_for(const std::vector<DeadLetter>& letters);

  CheckpointStore* store_;
  std::vector<std::string> sinks_;
  std::uint64_t in_flight_max_;
  std::uint64_t dead_letter_bytes_max_;
  bool fail_when_full_;
  Failure& failure_;
  Clock& clock_;
  Log& log_;
  mutable exec::Mutex mutex_;
  exec::ConditionVariable changed_;
  std::deque<Epoch> waiting_;                                      // guarded by mutex_
  std::vector<std::uint64_t> acknowledged_;                        // guarded by mutex_
  std::map<std::uint64_t, std::vector<DeadLetter>> sink_letters_;  // guarded by mutex_; by epoch
  std::uint64_t committed_ = 0;                                    // guarded by mutex_
  std::uint64_t in_flight_ = 0;                                    // guarded by mutex_
  Timestamp committed_at_{};                                       // guarded by mutex_
  std::vector<ResourceCursor> cursors_;                            // guarded by mutex_
  std::map<std::uint64_t, std::map<std::size_t, WriteToken>> prepared_;  // guarded by mutex_
  std::map<std::string, WriteToken> progress_;  // by sink; of the last commit; as positions_
  std::vector<StoredCursor> positions_;         // of the last commit; of the thread that commits
  bool finished_ = false;                       // guarded by mutex_
  bool stopped_ = false;                        // guarded by mutex_
};

}  // namespace eventflux::runtime
