#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <filesystem>
#include <lmdb.h>
#include <unordered_map>

#include "eventflux/state.hpp"

#include "base/fail_point.hpp"
#include "runtime/state/checkpoint_store.hpp"
#include "runtime/state/store_directory.hpp"
#include "runtime/state/stored_value.hpp"

// Databases: meta, cursors (positions of sources, and cursors of resources), state (segments of
// operators in parts of 1 MiB: one packed record, because one key per group costs ten times as
// much), dlq. LMDB has no page checksums,
// so every value carries one over its header, key and payload. The default sync mode is kept: a
// commit that returned survives a power cut.

namespace eventflux::runtime {
namespace {

constexpr std::size_t part_bytes = 1U << 20U;

std::string_view view_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

MDB_val value_of(std::string_view bytes) {
  // LMDB does not write through it. NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

/// One transaction; aborted unless committed.
class Transaction {
 public:
  explicit Transaction(MDB_txn* txn) : txn_(txn) {}

  ~Transaction() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
  }

  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  MDB_txn* get() const { return txn_; }

  int commit() { return mdb_txn_commit(std::exchange(txn_, nullptr)); }

 private:
  MDB_txn* txn_;
};

class LmdbStore final : public CheckpointStore {
 public:
  explicit LmdbStore(LmdbOptions options)
      : options_(std::move(options)), directory_(options_.directory) {}

  ~LmdbStore() override {
    if (env_ != nullptr) mdb_env_close(env_);
  }

  LmdbStore(const LmdbStore&) = delete;
  LmdbStore& operator=(const LmdbStore&) = delete;

  Result<void> open();
  Result<std::optional<Checkpoint>> load() override;
  Result<void> commit(const Checkpoint& checkpoint,
                      const std::vector<DeadLetter>& letters) override;
  Result<std::vector<StoredDeadLetter>> dead_letters(std::size_t limit) override;
  Result<void> close_cleanly() override;

 private:
  enum Database : std::uint8_t { meta, cursors, state, dlq };

  static constexpr std::array<const char*, 4> names{"meta", "cursors", "state", "dlq"};

  /// A segment that the store holds.
  struct Segment {
    std::uint64_t epoch;
    std::uint32_t parts;
  };

  Result<void> open_databases();
  Result<void> check_size();
  Result<std::unique_ptr<Transaction>> begin(bool write);
  Error failed(int code, const std::string& doing) const;
  Result<void> put(Transaction& txn, Database database, std::string_view key,
                   std::string_view payload);
  Result<std::optional<std::string_view>> get(Transaction& txn, Database database,
                                              std::string_view key);
  Result<std::string_view> checked(std::string_view key, std::string_view stored) const;
  template <class Visit>
  Result<void> for_each(Transaction& txn, Database database, Visit visit);
  Result<void> put_segment(Transaction& txn, const NodeState& node, std::uint64_t epoch);
  Result<void> put_states(Transaction& txn, const Checkpoint& checkpoint);
  void drop_segments(Transaction& txn, const NodeState& newest);
  void note_segments(const Checkpoint& checkpoint);
  Result<void> put_cursors(Transaction& txn, const Checkpoint& checkpoint);
  Result<void> put_letters(Transaction& txn, const std::vector<DeadLetter>& letters);
  Result<void> load_states(Transaction& txn, Checkpoint& checkpoint);
  Result<void> load_cursors(Transaction& txn, Checkpoint& checkpoint);

  LmdbOptions options_;
  StoreDirectory directory_;
  MDB_env* env_ = nullptr;
  std::array<MDB_dbi, 4> databases_{};
  std::uint64_t epoch_ = 0;
  std::uint32_t boot_ = 0;
  std::uint32_t next_letter_ = 0;
  std::unordered_map<std::string, std::deque<Segment>> segments_;  // by id, oldest first
};

/// Returns where a part of a segment stands: after those of the same operator that are older.
std::string segment_key(std::string_view id, std::uint64_t epoch, std::uint32_t part) {
  std::string key;
  append_big_endian(key, hash_text(id));
  append_big_endian(key, epoch);
  append_big_endian(key, part);
  return key;
}

std::uint32_t parts_of(const NodeState& segment) {
  return static_cast<std::uint32_t>(segment.bytes.size() / part_bytes + 1);
}

Error LmdbStore::failed(int code, const std::string& doing) const {
  // LMDB reports a full disk as EIO.
  if (code == ENOSPC || (code == EIO && directory_.is_full()))
    return directory_.failed(ENOSPC, doing);
  if (code == EACCES || code == EPERM) return directory_.failed(code, doing);
  if (code == MDB_MAP_FULL) {
    return {Code::store_full,
            "store.max.bytes reached: cannot " + doing + " in " + directory_.path(),
            "raise store.max.bytes in @app"};
  }
  if (code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND ||
      code == MDB_VERSION_MISMATCH || code == MDB_PANIC)
    return directory_.damaged(mdb_strerror(code));
  return {Code::store_failed,
          "cannot " + doing + " in " + directory_.path() + ": " + mdb_strerror(code)};
}

Result<void> LmdbStore::open() {
  if (!options_.read_only) EF_CHECK(directory_.make_and_lock());
  EF_TRY(const bool exists, directory_.has_store());
  if (options_.read_only && !exists) {
    return Error{Code::unknown_target, "no store in " + directory_.path(),
                 "give the directory and app that `run --state` used"};
  }
  const std::string file = directory_.store_file();
  if (int code = mdb_env_create(&env_); code != 0) return failed(code, "prepare the store");
  mdb_env_set_mapsize(env_, options_.bytes_max);
  mdb_env_set_maxdbs(env_, 8);
  const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | (options_.read_only ? MDB_RDONLY : 0U);
  if (int code = mdb_env_open(env_, file.c_str(), flags, 0600); code != 0)
    return failed(code, "open the store");
  int dead = 0;
  mdb_reader_check(env_, &dead);
  if (exists) EF_CHECK(check_size());
  EF_CHECK(open_databases());
  if (!options_.read_only) EF_CHECK(directory_.mark());
  EF_FAIL("store.open.after");
  return {};
}

/// A file that was cut short would end the process at the first read behind its end.
Result<void> LmdbStore::check_size() {
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  const std::uint64_t used = (static_cast<std::uint64_t>(info.me_last_pgno) + 1) * stat.ms_psize;
  std::error_code ignored;
  if (std::filesystem::file_size(directory_.store_file(), ignored) < used)
    return directory_.damaged("store.mdb was cut short");
  return {};
}

Result<void> LmdbStore::open_databases() {
  EF_TRY(auto txn, begin(!options_.read_only));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const unsigned flags = options_.read_only ? 0U : MDB_CREATE;
    if (int code = mdb_dbi_open(txn->get(), names[i], flags, &databases_[i]); code != 0)
      return failed(code, "open a database");
  }
  if (options_.read_only) {
    if (int code = txn->commit(); code != 0) return failed(code, "open the databases");
    return {};
  }
  EF_TRY(const auto boot, get(*txn, meta, "boot"));
  if (boot) {
    SnapshotReader reader(*boot);
    EF_TRY(boot_, reader.get<std::uint32_t>());
  }
  ++boot_;
  SnapshotWriter writer;
  writer.put(boot_);
  EF_CHECK(put(*txn, meta, "boot", writer.bytes()));
  EF_CHECK(put(*txn, meta, "clean", "no"));
  if (int code = txn->commit(); code != 0) return failed(code, "write the store");
  return {};
}

Result<std::unique_ptr<Transaction>> LmdbStore::begin(bool write) {
  MDB_txn* txn = nullptr;
  if (int code = mdb_txn_begin(env_, nullptr, write ? 0U : MDB_RDONLY, &txn); code != 0)
    return failed(code, "begin a transaction");
  return std::make_unique<Transaction>(txn);
}

Result<void> LmdbStore::put(Transaction& txn, Database database, std::string_view key,
                            std::string_view payload) {
  const ValueHeader header = make_header(database, epoch_, key, payload);
  MDB_val name = value_of(key);
  MDB_val place{sizeof header + payload.size(), nullptr};
  if (int code = mdb_put(txn.get(), databases_[database], &name, &place, MDB_RESERVE); code != 0)
    return failed(code, "write");
  std::memcpy(place.mv_data, &header, sizeof header);
  std::memcpy(static_cast<char*>(place.mv_data) + sizeof header, payload.data(), payload.size());
  return {};
}

Result<std::string_view> LmdbStore::checked(std::string_view key, std::string_view stored) const {
  if (const std::uint8_t format = stored_format(stored); format != 0 && format != format_major) {
    return Error{Code::plan_incompatible,
                 "store in " + directory_.path() + " is of format " + std::to_string(format) +
                     ", this program reads " + std::to_string(format_major),
                 "run the eventflux that wrote it"};
  }
  const auto payload = payload_of(key, stored);
  if (!payload) return directory_.damaged("a checksum does not match");
  return *payload;
}

Result<std::optional<std::string_view>> LmdbStore::get(Transaction& txn, Database database,
                                                       std::string_view key) {
  MDB_val name = value_of(key);
  MDB_val value;
  const int code = mdb_get(txn.get(), databases_[database], &name, &value);
  if (code == MDB_NOTFOUND) return std::optional<std::string_view>();
  if (code != 0) return failed(code, "read");
  EF_TRY(const auto payload, checked(key, view_of(value)));
  return std::optional<std::string_view>(payload);
}

template <class Visit>
Result<void> LmdbStore::for_each(Transaction& txn, Database database, Visit visit) {
  MDB_cursor* raw = nullptr;
  if (int code = mdb_cursor_open(txn.get(), databases_[database], &raw); code != 0)
    return failed(code, "read");
  const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> cursor(raw, mdb_cursor_close);
  MDB_val key;
  MDB_val value;
  int code = mdb_cursor_get(raw, &key, &value, MDB_FIRST);
  for (; code == 0; code = mdb_cursor_get(raw, &key, &value, MDB_NEXT)) {
    EF_TRY(const auto payload, checked(view_of(key), view_of(value)));
    EF_TRY(const bool go_on, visit(view_of(key), payload));
    if (!go_on) return {};
  }
  if (code != MDB_NOTFOUND) return failed(code, "read");
  return {};
}

Result<void> LmdbStore::put_states(Transaction& txn, const Checkpoint& checkpoint) {
  for (const NodeState& node : checkpoint.states) {
    EF_CHECK(put_segment(txn, node, checkpoint.epoch));
    drop_segments(txn, node);
  }
  return {};
}

Result<void> LmdbStore::put_segment(Transaction& txn, const NodeState& node, std::uint64_t epoch) {
  const std::uint32_t parts = parts_of(node);
  for (std::uint32_t part = 0; part < parts; ++part) {
    SnapshotWriter writer;
    writer.put_text(node.id);
    writer.put(parts);
    writer.put_bytes(std::string_view(node.bytes).substr(part * part_bytes, part_bytes));
    EF_CHECK(put(txn, state, segment_key(node.id, epoch, part), writer.bytes()));
  }
  return {};
}

/// Returns how many stored segments are not needed once `newest` is stored too.
std::size_t superseded(const NodeState& newest, std::size_t stored) {
  return newest.sufficient == 0 || stored + 1 <= newest.sufficient ? 0
                                                                   : stored + 1 - newest.sufficient;
}

void LmdbStore::drop_segments(Transaction& txn, const NodeState& newest) {
  const auto& stored = segments_[newest.id];
  const std::size_t old = superseded(newest, stored.size());
  for (std::size_t i = 0; i < old; ++i) {
    for (std::uint32_t part = 0; part < stored[i].parts; ++part) {
      const std::string key = segment_key(newest.id, stored[i].epoch, part);
      MDB_val name = value_of(key);
      mdb_del(txn.get(), databases_[state], &name, nullptr);
    }
  }
}

/// Keeps the list of segments after a commit.
void LmdbStore::note_segments(const Checkpoint& checkpoint) {
  for (const NodeState& node : checkpoint.states) {
    auto& stored = segments_[node.id];
    const std::size_t old = superseded(node, stored.size());
    stored.erase(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(old));
    stored.push_back({checkpoint.epoch, parts_of(node)});
  }
}

Result<void> LmdbStore::put_cursors(Transaction& txn, const Checkpoint& checkpoint) {
  for (const StoredCursor& stored : checkpoint.positions) {
    std::string key = "p";
    append_big_endian(key, hash_text(stored.source));
    append_big_endian(key, hash_text(stored.cursor.partition));
    SnapshotWriter writer;
    writer.put_text(stored.source);
    writer.put_text(stored.cursor.partition);
    writer.put_text(stored.cursor.position);
    writer.put(stored.cursor.order);
    EF_CHECK(put(txn, cursors, key, writer.bytes()));
  }
  for (const ResourceCursor& cursor : checkpoint.cursors) {
    std::string key = "r";
    append_big_endian(key, hash_text(cursor.resource));
    SnapshotWriter writer;
    writer.put_text(cursor.resource);
    writer.put_text(cursor.column);
    writer.put_text(cursor.text);
    EF_CHECK(put(txn, cursors, key, writer.bytes()));
  }
  return {};
}

Result<void> LmdbStore::put_letters(Transaction& txn, const std::vector<DeadLetter>& letters) {
  for (const DeadLetter& letter : letters) {
    std::string key;
    append_big_endian(key, static_cast<std::uint64_t>(letter.time.us));
    append_big_endian(key, boot_);
    append_big_endian(key, next_letter_++);
    EF_CHECK(put(txn, dlq, key, encode_dead_letter(letter)));
  }
  return {};
}

Result<void> LmdbStore::commit(const Checkpoint& checkpoint,
                               const std::vector<DeadLetter>& letters) {
  if (epoch_ != 0 && checkpoint.epoch <= epoch_) {
    return Error{Code::cursor_moved_back, "epoch " + std::to_string(checkpoint.epoch) +
                                              " is not beyond " + std::to_string(epoch_)};
  }
  EF_TRY(auto txn, begin(true));
  const std::uint64_t before = std::exchange(epoch_, checkpoint.epoch);
  SnapshotWriter writer;
  writer.put(checkpoint.epoch);
  writer.put_text(checkpoint.fingerprint);
  const auto write = [&]() -> Result<void> {
    EF_CHECK(put_states(*txn, checkpoint));
    EF_CHECK(put_cursors(*txn, checkpoint));
    EF_CHECK(put_letters(*txn, letters));
    EF_CHECK(put(*txn, meta, "epoch", writer.bytes()));
    EF_FAIL("store.commit.before");
    if (int code = txn->commit(); code != 0) return failed(code, "commit");
    return {};
  };
  auto written = write();
  if (!written.ok()) {
    epoch_ = before;
    return written;
  }
  EF_FAIL("store.commit.after");
  note_segments(checkpoint);
  return {};
}

Result<void> LmdbStore::load_states(Transaction& txn, Checkpoint& checkpoint) {
  std::uint32_t missing = 0;
  const auto add = [&](std::string_view key, std::string_view payload) -> Result<bool> {
    SnapshotReader reader(payload);
    EF_TRY(const auto id, reader.get_text());
    EF_TRY(const auto parts, reader.get<std::uint32_t>());
    if (missing == 0) {
      const auto epoch = read_big_endian<std::uint64_t>(key.substr(sizeof(std::uint64_t)));
      segments_[std::string(id)].push_back({epoch, parts});
      checkpoint.states.push_back({std::string(id), {}, 0});
      missing = parts;
    }
    --missing;
    checkpoint.states.back().bytes.append(payload.substr(sizeof(std::uint32_t) * 2 + id.size()));
    return true;
  };
  EF_CHECK(for_each(txn, state, add));
  if (missing != 0) return directory_.damaged("a part of a state is missing");
  return {};
}

Result<void> LmdbStore::load_cursors(Transaction& txn, Checkpoint& checkpoint) {
  return for_each(txn, cursors,
                  [&](std::string_view key, std::string_view payload) -> Result<bool> {
                    SnapshotReader reader(payload);
                    EF_TRY(const auto name, reader.get_text());
                    EF_TRY(const auto second, reader.get_text());
                    EF_TRY(const auto third, reader.get_text());
                    if (key.starts_with('r')) {
                      checkpoint.cursors.push_back(
                          {std::string(name), std::string(second), std::string(third)});
                      return true;
                    }
                    EF_TRY(const auto order, reader.get<std::uint64_t>());
                    checkpoint.positions.push_back(
                        {std::string(name), {std::string(second), std::string(third), order}});
                    return true;
                  });
}

Result<std::optional<Checkpoint>> LmdbStore::load() {
  EF_TRY(auto txn, begin(false));
  EF_TRY(const auto stored, get(*txn, meta, "epoch"));
  if (!stored) return std::optional<Checkpoint>();
  Checkpoint checkpoint;
  SnapshotReader reader(*stored);
  EF_TRY(checkpoint.epoch, reader.get<std::uint64_t>());
  EF_TRY(checkpoint.fingerprint, reader.get_text());
  EF_CHECK(load_states(*txn, checkpoint));
  EF_CHECK(load_cursors(*txn, checkpoint));
  epoch_ = checkpoint.epoch;
  return std::optional<Checkpoint>(std::move(checkpoint));
}

Result<std::vector<StoredDeadLetter>> LmdbStore::dead_letters(std::size_t limit) {
  std::vector<StoredDeadLetter> found;
  EF_TRY(auto txn, begin(false));
  EF_CHECK(for_each(*txn, dlq, [&](std::string_view key, std::string_view payload) -> Result<bool> {
    if (found.size() == limit) return false;
    EF_TRY(auto letter, decode_dead_letter(payload));
    found.push_back({hex(key), std::move(letter)});
    return true;
  }));
  return found;
}

Result<void> LmdbStore::close_cleanly() {
  EF_TRY(auto txn, begin(true));
  EF_CHECK(put(*txn, meta, "clean", "yes"));
  if (int code = txn->commit(); code != 0) return failed(code, "commit");
  return {};
}

}  // namespace

Result<std::unique_ptr<CheckpointStore>> open_lmdb_store(const LmdbOptions& options) {
  auto store = std::make_unique<LmdbStore>(options);
  EF_CHECK(store->open());
  return std::unique_ptr<CheckpointStore>(std::move(store));
}

}  // namespace eventflux::runtime
