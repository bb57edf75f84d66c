#include "tests/simulation/machine.hpp"

#include <algorithm>

namespace eventflux::tests {
namespace {

constexpr std::size_t page_bytes = 4096;

Error off() {
  return {Code::file_failed, "the machine is off"};
}

}  // namespace

class Machine::Handle final : public File {
 public:
  Handle(std::shared_ptr<Node> node, Machine& machine)
      : node_(std::move(node)), machine_(machine), run_(machine.run()) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    machine_.scheduler_.yield("read");
    if (is_off()) return off();
    if (offset >= node_->data.size()) return std::size_t{0};
    return node_->data.copy(into.data(), into.size(), offset);
  }

  Result<void> append(std::string_view bytes) override {
    const bool fails = machine_.fails(machine_.rates.append, "append");
    if (is_off()) return off();
    if (fails) {
      node_->data += bytes.substr(0, machine_.rng_.below(bytes.size() + 1));
      return Error{Code::file_failed, "no space left"};
    }
    node_->data += bytes;
    // Power may fail before the caller knows.
    machine_.scheduler_.yield("appended");
    return {};
  }

  /// A failed sync drops what was not on disk, as Linux does.
  Result<void> sync() override {
    const bool fails = machine_.fails(machine_.rates.sync, "sync");
    if (is_off()) return off();
    if (fails) {
      node_->data = node_->durable;
      return Error{Code::file_failed, "input/output error"};
    }
    node_->durable = node_->data;
    machine_.scheduler_.yield("synced");
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    const bool fails = machine_.fails(machine_.rates.append, "truncate");
    if (is_off()) return off();
    if (fails) return Error{Code::file_failed, "input/output error"};
    node_->data.resize(size);
    return {};
  }

  Result<FileStat> stat() override { return stat_of(*node_); }

 private:
  bool is_off() const { return machine_.is_off() || machine_.run() != run_; }

  std::shared_ptr<Node> node_;
  Machine& machine_;
  std::size_t run_;
};

Machine::Node& Machine::node(const std::string& path) {
  auto& found = files_[path];
  if (found == nullptr) {
    found = std::make_shared<Node>();
    found->inode = ++inodes_;
    found->modified_us = scheduler_.now().us;
  }
  return *found;
}

FileStat Machine::stat_of(const Node& node) {
  return {.size = node.data.size(),
          .device = 1,
          .inode = node.inode,
          .links = 1,
          .modified_us = node.modified_us};
}

Result<std::unique_ptr<File>> Machine::open(const std::string& path, OpenMode mode) {
  const bool writes = mode != OpenMode::read;
  const bool failed = fails(writes ? rates.open : 0, "open");
  if (is_off()) return off();
  if (failed) return Error{Code::file_failed, "too many open files"};
  if (!writes && !files_.contains(path)) return Error{Code::file_failed, "no file '" + path + "'"};
  if (mode == OpenMode::truncate) node(path).data.clear();
  node(path);
  return std::unique_ptr<File>(std::make_unique<Handle>(files_[path], *this));
}

Result<std::optional<FileStat>> Machine::stat(const std::string& path) {
  if (is_off()) return off();
  const auto found = files_.find(path);
  if (found == files_.end()) return std::optional<FileStat>();
  return std::optional(stat_of(*found->second));
}

Result<void> Machine::rename(const std::string& from, const std::string& to) {
  if (is_off()) return off();
  files_[to] = files_.extract(from).mapped();
  return {};
}

Result<void> Machine::remove(const std::string& path) {
  if (is_off()) return off();
  files_.erase(path);
  return {};
}

Result<std::vector<std::string>> Machine::glob(const std::string& pattern) {
  const std::size_t star = std::min(pattern.find('*'), pattern.size());
  std::vector<std::string> found;
  for (const auto& [path, file] : files_)
    if (path.starts_with(pattern.substr(0, star))) found.push_back(path);
  return found;
}

Result<std::unique_ptr<WebSocket>> Machine::connect(const WebSocketOptions&, const StopSignal&) {
  if (fails(rates.peer * 3, "connect") || is_off())
    return Error{Code::connection_refused, "nobody listens"};
  return std::unique_ptr<WebSocket>(std::make_unique<PeerSocket>(*this));
}

Result<std::unique_ptr<WebSocketServer>> Machine::listen(const WebSocketServerOptions&) {
  return Error{Code::connection_refused, "no addresses"};
}

void Machine::write_from_outside(const std::string& path, std::string_view bytes) {
  Node& file = node(path);
  file.data += bytes;
  file.durable = file.data;
  file.modified_us = scheduler_.now().us;
}

bool Machine::fails(std::uint64_t rate, const char* place) {
  scheduler_.yield(place);
  return rate != 0 && rng_.below(1000) < rate;
}

void Machine::lose(Wire& wire) {
  close(wire);
  ++wire.lost[run_];
}

void Machine::close(Wire& wire) {
  const std::size_t kept = wire.flushed + rng_.below(wire.rows.size() - wire.flushed + 1);
  wire.rows.resize(kept);
  wire.flushed = kept;
  wire.open = false;
}

void Machine::restart_after_cut() {
  for (auto& [path, file] : files_) {
    // Any prefix of what was not synced may be there; a cut that was not synced may be undone.
    const bool grown = file->data.starts_with(file->durable);
    if (grown) {
      file->data.resize(file->durable.size() +
                        rng_.below(file->data.size() - file->durable.size() + 1));
    } else if (rng_.below(2) == 0) {
      file->data = file->durable;
    }
  }
  // A commit is there when its last page is.
  for (Commit& commit : unsynced_) {
    std::size_t bytes = page_bytes;
    for (const runtime::StateDelta& state : commit.checkpoint.states)
      bytes += state.bytes.size();
    const std::size_t pages = bytes / page_bytes + 1;
    if (rng_.below(pages + 1) == pages) commits_.push_back(std::move(commit));
  }
  unsynced_.clear();
  cut_at_ = 0;
  end_process();
}

void Machine::end_process() {
  for (auto& [path, file] : files_)
    file->durable = file->data;
  for (auto& [name, wire] : wires_)
    close(wire);
  ++run_;
}

class Machine::Store final : public runtime::CheckpointStore {
 public:
  explicit Store(Machine& machine)
      : machine_(machine), run_(machine.run()), contents_(runtime::make_memory_store()) {}

  Result<void> read_all() {
    for (const Commit& commit : machine_.commits_)
      EF_CHECK(contents_->commit(commit));
    return {};
  }

  Result<std::optional<runtime::Checkpoint>> load() override { return contents_->load(); }

  Result<void> commit(const runtime::StoreTransaction& transaction) override {
    const bool fails = machine_.fails(machine_.rates.commit, "commit");
    if (is_off()) return failed("the machine is off");
    if (fails) return failed("input/output error");
    machine_.unsynced_ = {transaction};
    machine_.scheduler_.yield("commit written");
    if (is_off()) return failed("the machine is off");
    machine_.unsynced_.clear();
    EF_CHECK(contents_->commit(transaction));
    machine_.commits_.push_back(transaction);
    machine_.scheduler_.note(
        "epoch " + std::to_string(transaction.checkpoint.epoch) + " is durable, " +
        std::to_string(transaction.records<runtime::DeadLetter>().size()) + " dead letters");
    machine_.scheduler_.yield("commit synced");
    return {};
  }

  Result<std::vector<runtime::StoredDeadLetter>> dead_letters(std::size_t limit) override {
    return contents_->dead_letters(limit);
  }

  Result<std::size_t> purge_dead_letters(const std::vector<std::string>& ids) override {
    return contents_->purge_dead_letters(ids);
  }

  Result<std::vector<runtime::StoredGap>> gaps() override { return contents_->gaps(); }

  std::uint64_t dead_letter_bytes() const override { return contents_->dead_letter_bytes(); }

  std::uint64_t run() const override { return run_ + 1; }

 private:
  bool is_off() const { return machine_.is_off() || machine_.run() != run_; }

  static Error failed(const char* reason) { return {Code::store_failed, reason}; }

  Machine& machine_;
  std::size_t run_;
  std::unique_ptr<runtime::CheckpointStore> contents_;
};

Result<std::unique_ptr<runtime::CheckpointStore>> Machine::open_store() {
  auto store = std::make_unique<Store>(*this);
  EF_CHECK(store->read_all());
  return std::unique_ptr<runtime::CheckpointStore>(std::move(store));
}

namespace {

struct WireOptions {
  std::string to{};
  std::int64_t picky = 0;  ///< Rows whose n leaves the remainder 1 by it are rejected; 0: none.
};

class WireSink final : public Sink {
 public:
  WireSink(WireOptions options, Context& context)
      : options_(std::move(options)),
        machine_(static_cast<Machine&>(context.transport)),
        run_(machine_.run()) {}

  Result<void> open(const Schema&) override {
    const bool failed = machine_.fails(machine_.rates.wire, "wire open");
    if (is_off() || failed) return Error{Code::connection_refused, "nobody listens"};
    wire().open = true;
    return {};
  }

  WriteResult write(const OutputBatch& batch) override {
    const bool failed = machine_.fails(machine_.rates.wire, "wire write");
    if (is_off() || !wire().open) return lost(WriteStatus::disconnected);
    if (failed) return failure(batch);
    WriteResult result;
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      if (!is_rejected(batch.row(i))) {
        take(batch.row(i));
        continue;
      }
      result.status = WriteStatus::rows_rejected;
      result.error = {Code::row_rejected, "not this one"};
      result.rejected.push_back(i);
    }
    machine_.scheduler().yield("wire written");
    return result;
  }

  Result<void> flush() override {
    const bool failed = machine_.fails(machine_.rates.wire, "wire flush");
    if (is_off()) return Error{Code::connection_lost, "connection lost"};
    if (failed || !wire().open) {
      machine_.lose(wire());
      return Error{Code::connection_lost, "connection lost"};
    }
    wire().flushed = wire().rows.size();
    machine_.scheduler().yield("wire flushed");
    return {};
  }

 private:
  bool is_off() const { return machine_.is_off() || machine_.run() != run_; }

  Wire& wire() { return machine_.wire(options_.to); }

  void take(std::string_view row) { wire().rows.push_back({std::string(row), machine_.run()}); }

  bool is_rejected(std::string_view row) const {
    constexpr std::string_view key = "\"n\":";
    const std::size_t at = row.find(key);
    if (options_.picky == 0 || at == std::string_view::npos) return false;
    return std::stoll(std::string(row.substr(at + key.size()))) % options_.picky == 1;
  }

  static WriteResult lost(WriteStatus status) {
    return WriteResult::failed(status, {Code::connection_lost, "connection lost"});
  }

  /// One of the ways in which a write can fail.
  WriteResult failure(const OutputBatch& batch) {
    if (machine_.fails(500, "wire failure"))
      return WriteResult::failed(WriteStatus::retriable, {Code::connection_lost, "busy"});
    if (is_off()) return lost(WriteStatus::disconnected);
    const bool some = machine_.fails(500, "wire loss");
    if (is_off()) return lost(WriteStatus::disconnected);
    if (some) {
      for (std::uint32_t i = 0; i < batch.size(); ++i)
        if (!is_rejected(batch.row(i))) take(batch.row(i));
    }
    machine_.lose(wire());
    return lost(some ? WriteStatus::unknown : WriteStatus::disconnected);
  }

  WireOptions options_;
  Machine& machine_;
  std::size_t run_;
};

}  // namespace

void register_wire(Registry& registry) {
  ParamSpec<WireOptions> params{
      param("to", &WireOptions::to, "Name of the other side."),
      param("picky", &WireOptions::picky, "Rejects rows of a remainder."),
  };
  registry.sink<WireSink>(
      "wire", "A simulated network sink.",
      {.delivery = SinkClass::s1_acknowledged, .network = true, .batch_rows = 5},
      std::move(params));
}

}  // namespace eventflux::tests
