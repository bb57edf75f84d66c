#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventflux/extension.hpp"
#include "eventflux/transport.hpp"

#include "runtime/state/checkpoint_store.hpp"
#include "tests/simulation/peer.hpp"
#include "tests/simulation/sim_scheduler.hpp"

namespace eventflux::tests {

/// How often things fail, in 1,000.
struct FaultRates {
  std::uint64_t append = 0;
  std::uint64_t sync = 0;
  std::uint64_t open = 0;
  std::uint64_t commit = 0;
  std::uint64_t wire = 0;  ///< Of each call of a wire sink.
  std::uint64_t peer = 0;  ///< Of each call that connects to the peer or waits for it.
};

/// What a wire sink's other side has received, and in which run of the app.
struct WireRow {
  std::string text;
  std::size_t run;
};

/// The other side of a wire sink: what was accepted since the last flush may get lost.
struct Wire {
  std::vector<WireRow> rows{};
  std::size_t flushed = 0;            ///< Rows that are safe.
  std::map<std::size_t, int> lost{};  ///< How often the connection got lost, by run.
  bool open = false;
};

/// A machine whose power can be cut: files that forget what was not synced, a store of checkpoints
/// on its disk, and peers. Everything that happens on it follows from the seed.
/// Thread: those of one simulation.
class Machine final : public FileSystem, public Transport {
 public:
  Machine(SimScheduler& scheduler, std::uint64_t seed) : scheduler_(scheduler), rng_(seed) {}

  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::optional<FileStat>> stat(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> glob(const std::string& pattern) override;

  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions& options,
                                             const StopSignal& stop) override;
  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions& options) override;

  /// Opens the store of checkpoints. LMDB maps its file into memory and writes it by itself, so it
  /// cannot run on a simulated disk; this store keeps its promises: a commit that returned is
  /// durable, one that was cut off is there as a whole or not at all.
  Result<std::unique_ptr<runtime::CheckpointStore>> open_store();

  /// Appends to a file as somebody else would: durable at once.
  void write_from_outside(const std::string& path, std::string_view bytes);

  const std::string& content(const std::string& path) { return node(path).data; }

  /// Says that power fails at a step; from then on no call has any effect.
  void cut_power_at(std::uint64_t step) { cut_at_ = step; }

  bool is_off() const { return cut_at_ != 0 && scheduler_.steps() >= cut_at_; }

  /// Makes of the disk what a power cut leaves of it, and starts anew. Shape: nothing runs.
  void restart_after_cut();
  /// Ends a run of the app without a power cut: the system writes back what it had.
  void end_process();

  std::size_t run() const { return run_; }

  Wire& wire(const std::string& name) { return wires_[name]; }

  Peer& peer() { return peer_; }

  /// What became durable at once.
  using Commit = runtime::StoreTransaction;

  const std::vector<Commit>& commits() const { return commits_; }

  /// Returns whether something of a rate fails now. A place where other threads may run.
  bool fails(std::uint64_t rate, const char* place);

  /// Returns a number in [0, bound).
  std::uint64_t below(std::uint64_t bound) { return rng_.below(bound); }

  /// The connection of a wire is gone, and with it any part of what was not flushed.
  void lose(Wire& wire);

  SimScheduler& scheduler() { return scheduler_; }

  FaultRates rates{};

 private:
  class Handle;
  class Store;

  struct Node {
    std::uint64_t inode = 0;
    std::string data{};
    std::string durable{};
    std::int64_t modified_us = 0;
  };

  Node& node(const std::string& path);
  void close(Wire& wire);
  static FileStat stat_of(const Node& node);

  SimScheduler& scheduler_;
  Rng rng_;
  std::uint64_t cut_at_ = 0;
  std::size_t run_ = 0;
  std::uint64_t inodes_ = 0;
  std::map<std::string, std::shared_ptr<Node>> files_;
  std::map<std::string, Wire> wires_;
  Peer peer_;
  std::vector<Commit> commits_;   // durable ones
  std::vector<Commit> unsynced_;  // at most one: whose pages are being written
};

/// Registers the sink `wire`: a network sink whose other side is Machine::wire(to).
void register_wire(Registry& registry);

}  // namespace eventflux::tests
