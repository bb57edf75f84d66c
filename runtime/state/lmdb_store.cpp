#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <lmdb.h>
#include <unistd.h>
#include <unordered_map>

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "eventflux/state.hpp"

#include "base/fail_point.hpp"
#include "runtime/state/checkpoint_store.hpp"
#include "runtime/state/stored_value.hpp"

// Databases: meta, cursors (positions of sources, and cursors of resources), state (snapshots of
// operators in parts of 1 MiB, only rewritten when they changed), dlq. LMDB has no page checksums,
// so every value carries one over its header, key and payload. The default sync mode is kept: a
// commit that returned survives a power cut.

namespace eventflux::runtime {
namespace {

constexpr std::size_t part_bytes = 1U << 20U;

std::string_view view_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

MDB_val value_of(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

Error damaged(const std::string& where, const std::string& what) {
  return {
      Code::store_damaged, "store in " + where + " is damaged: " + what,
      "nothing was changed; restore a copy of the directory, or give another --state directory"};
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
  explicit LmdbStore(LmdbOptions options) : options_(std::move(options)) {}

  ~LmdbStore() override {
    if (env_ != nullptr) mdb_env_close(env_);
    if (lock_ >= 0) ::close(lock_);
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

  std::string path(const char* name) const { return options_.directory + "/" + name; }

  Result<void> lock();
  Result<void> check_marker(bool exists);
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
  Result<void> put_states(Transaction& txn, const Checkpoint& checkpoint);
  Result<void> put_cursors(Transaction& txn, const Checkpoint& checkpoint);
  Result<void> put_letters(Transaction& txn, const std::vector<DeadLetter>& letters);
  Result<void> load_states(Transaction& txn, Checkpoint& checkpoint);
  Result<void> load_cursors(Transaction& txn, Checkpoint& checkpoint);

  LmdbOptions options_;
  int lock_ = -1;
  MDB_env* env_ = nullptr;
  std::array<MDB_dbi, 4> databases_{};
  std::uint64_t epoch_ = 0;
  std::uint32_t boot_ = 0;
  std::uint32_t next_letter_ = 0;
  std::unordered_map<std::string, std::pair<std::uint64_t, std::uint32_t>>
      written_;  // id → hash, parts
};

Error LmdbStore::failed(int code, const std::string& doing) const {
  struct statvfs space {};

  const bool disk_full =
      code == ENOSPC || (code == EIO && ::statvfs(options_.directory.c_str(), &space) == 0 &&
                         space.f_bavail * space.f_frsize < (1U << 20U));
  if (disk_full)
    return {Code::store_full, "disk full: cannot " + doing + " in " + options_.directory,
            "free space; the app goes on by itself"};
  if (code == MDB_MAP_FULL)
    return {Code::store_full,
            "store.max.bytes reached: cannot " + doing + " in " + options_.directory,
            "raise store.max.bytes in @app"};
  if (code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND ||
      code == MDB_VERSION_MISMATCH || code == MDB_PANIC)
    return damaged(options_.directory, mdb_strerror(code));
  return {Code::store_failed,
          "cannot " + doing + " in " + options_.directory + ": " + mdb_strerror(code)};
}

Result<void> LmdbStore::lock() {
  lock_ = ::open(path("LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return failed(errno, "open LOCK");
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> owner{};
    const auto size = ::pread(lock_, owner.data(), owner.size() - 1, 0);
    return Error{Code::store_locked,
                 "store in " + options_.directory + " is in use by process " +
                     std::string(owner.data(), size > 0 ? static_cast<std::size_t>(size) : 0),
                 "stop that process, or give another --state directory"};
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, pid.data(), pid.size(), 0) < 0)
    return failed(errno, "write LOCK");
  return {};
}

/// The marker says that there was a store: without it a missing or empty file is a first start.
Result<void> LmdbStore::check_marker(bool exists) {
  const bool marked = std::filesystem::exists(path("FORMAT"));
  if (marked && !exists) return damaged(options_.directory, "store.mdb is missing or empty");
  if (marked || options_.read_only) return {};
  const int file = ::open(path("FORMAT").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failed(errno, "write FORMAT");
  const std::string text = std::to_string(format_major) + "\n";
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int code = errno;
  ::close(file);
  if (!written) return failed(code, "write FORMAT");
  return {};
}

Result<void> LmdbStore::open() {
  std::error_code ignored;
  if (!options_.read_only) {
    std::filesystem::create_directories(options_.directory, ignored);
    ::chmod(options_.directory.c_str(), 0700);
    EF_CHECK(lock());
  }
  const std::string file = path("store.mdb");
  const bool exists =
      std::filesystem::exists(file) && std::filesystem::file_size(file, ignored) != 0;
  if (options_.read_only && !exists)
    return Error{Code::unknown_target, "no store in " + options_.directory,
                 "give the directory and app that `run --state` used"};
  const bool marked = std::filesystem::exists(path("FORMAT"));
  if (marked && !exists) return damaged(options_.directory, "store.mdb is missing or empty");
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
  EF_CHECK(check_marker(true));
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
  if (std::filesystem::file_size(path("store.mdb"), ignored) < used)
    return damaged(options_.directory, "store.mdb was cut short");
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
  if (stored_format(stored) > format_major)
    return Error{Code::plan_incompatible,
                 "store in " + options_.directory + " is of a newer format",
                 "run a newer eventflux"};
  const auto payload = payload_of(key, stored);
  if (!payload) return damaged(options_.directory, "a checksum does not match");
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
    const std::uint64_t hash = hash_text(node.bytes);
    const auto known = written_.find(node.id);
    if (known != written_.end() && known->second.first == hash) continue;
    const auto parts = static_cast<std::uint32_t>(node.bytes.size() / part_bytes + 1);
    const std::uint32_t before = known == written_.end() ? 0 : known->second.second;
    for (std::uint32_t part = 0; part < std::max(parts, before); ++part) {
      std::string key;
      append_big_endian(key, hash_text(node.id));
      append_big_endian(key, part);
      if (part >= parts) {
        MDB_val name = value_of(key);
        mdb_del(txn.get(), databases_[state], &name, nullptr);
        continue;
      }
      SnapshotWriter writer;
      writer.put_text(node.id);
      writer.put(parts);
      writer.put_bytes(std::string_view(node.bytes).substr(part * part_bytes, part_bytes));
      EF_CHECK(put(txn, state, key, writer.bytes()));
    }
  }
  return {};
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
  if (epoch_ != 0 && checkpoint.epoch <= epoch_)
    return Error{Code::cursor_moved_back, "epoch " + std::to_string(checkpoint.epoch) +
                                              " is not beyond " + std::to_string(epoch_)};
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
  for (const NodeState& node : checkpoint.states)
    written_[node.id] = {hash_text(node.bytes),
                         static_cast<std::uint32_t>(node.bytes.size() / part_bytes + 1)};
  return {};
}

Result<void> LmdbStore::load_states(Transaction& txn, Checkpoint& checkpoint) {
  return for_each(txn, state, [&](std::string_view, std::string_view payload) -> Result<bool> {
    SnapshotReader reader(payload);
    EF_TRY(const auto id, reader.get_text());
    EF_TRY(const auto parts, reader.get<std::uint32_t>());
    const std::string_view bytes = payload.substr(sizeof(std::uint32_t) * 2 + id.size());
    if (checkpoint.states.empty() || checkpoint.states.back().id != id)
      checkpoint.states.push_back({std::string(id), {}});
    checkpoint.states.back().bytes.append(bytes);
    written_[std::string(id)] = {hash_text(checkpoint.states.back().bytes), parts};
    return true;
  });
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
