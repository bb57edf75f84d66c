#include "runtime/state/lmdb_environment.hpp"

#include <cerrno>
#include <cstring>
#include <lmdb.h>
#include <utility>

namespace eventflux::runtime {
namespace {

constexpr std::array<const char*, store_tables> names{"meta", "cursors", "state", "dlq", "gaps"};

std::string_view view_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

MDB_val value_of(std::string_view bytes) {
  // LMDB does not write through it. NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

}  // namespace

Result<std::unique_ptr<LmdbEnvironment>> LmdbEnvironment::open(const StoreDirectory& directory,
                                                               const Options& options) {
  std::unique_ptr<LmdbEnvironment> opened(new LmdbEnvironment(directory));
  EF_CHECK(opened->open(options));
  return opened;
}

LmdbEnvironment::~LmdbEnvironment() {
  if (env_ != nullptr) mdb_env_close(env_);
}

Error LmdbEnvironment::failed(int code, const std::string& doing) const {
  // LMDB reports a full disk as EIO.
  if (code == ENOSPC || (code == EIO && directory_.is_full()))
    return directory_.failed(ENOSPC, doing);
  switch (code) {
    case MDB_MAP_FULL:
      return {Code::store_full,
              "store.max.bytes reached: cannot " + doing + " in " + directory_.path(),
              "raise store.max.bytes in @app"};
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_VALSIZE:
    case MDB_PANIC:
      return directory_.damaged(mdb_strerror(code));
    default:
      return {Code::store_failed,
              "cannot " + doing + " in " + directory_.path() + ": " + mdb_strerror(code)};
  }
}

Result<void> LmdbEnvironment::open(const Options& options) {
  const std::string file = directory_.store_file();
  if (int code = mdb_env_create(&env_); code != 0) return failed(code, "prepare the store");
  mdb_env_set_mapsize(env_, options.bytes_max);
  mdb_env_set_maxdbs(env_, 8);
  const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | (options.read_only ? MDB_RDONLY : 0U) |
                         (options.lockless ? MDB_NOLOCK : 0U);
  if (int code = mdb_env_open(env_, file.c_str(), flags, 0600); code != 0)
    return failed(code, "open the store");
  int dead = 0;
  if (!options.lockless) mdb_reader_check(env_, &dead);
  return options.create ? Result<void>{} : open_tables();
}

bool LmdbEnvironment::has_committed() const {
  MDB_envinfo info{};
  return mdb_env_info(env_, &info) == 0 && info.me_last_txnid != 0;
}

/// Opening a table that exists writes nothing.
Result<void> LmdbEnvironment::open_tables() {
  MDB_txn* txn = nullptr;
  if (int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn); code != 0)
    return failed(code, "begin a transaction");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int code = mdb_dbi_open(txn, names[i], 0U, &tables_[i]);
    if (code == 0) continue;
    mdb_txn_abort(txn);
    if (code == MDB_NOTFOUND)
      return directory_.damaged("table '" + std::string(names[i]) + "' is missing");
    return failed(code, "open a table");
  }
  if (int code = mdb_txn_commit(txn); code != 0) return failed(code, "open the tables");
  return {};
}

Result<LmdbTransaction> LmdbEnvironment::make_tables() {
  EF_TRY(LmdbTransaction transaction, write(0));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int code = mdb_dbi_open(transaction.txn_, names[i], MDB_CREATE, &tables_[i]);
    if (code != 0) return failed(code, "make a table");
  }
  return transaction;
}

Result<LmdbTransaction> LmdbEnvironment::read() {
  MDB_txn* txn = nullptr;
  if (int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn); code != 0)
    return failed(code, "begin a transaction");
  return LmdbTransaction(*this, txn, 0);
}

Result<LmdbTransaction> LmdbEnvironment::write(std::uint64_t epoch) {
  MDB_txn* txn = nullptr;
  if (int code = mdb_txn_begin(env_, nullptr, 0, &txn); code != 0)
    return failed(code, "begin a transaction");
  return LmdbTransaction(*this, txn, epoch);
}

LmdbTransaction::~LmdbTransaction() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

LmdbTransaction::LmdbTransaction(LmdbTransaction&& other) noexcept
    : environment_(other.environment_),
      txn_(std::exchange(other.txn_, nullptr)),
      epoch_(other.epoch_) {}

Result<std::string_view> LmdbTransaction::checked(std::string_view key,
                                                  std::string_view stored) const {
  const auto payload = payload_of(key, stored);
  if (!payload) return environment_.directory().damaged("a checksum does not match");
  return *payload;
}

Result<std::optional<std::string_view>> LmdbTransaction::get(StoreTable table,
                                                             std::string_view key) {
  MDB_val name = value_of(key);
  MDB_val value;
  const int code =
      mdb_get(txn_, environment_.tables_[static_cast<std::size_t>(table)], &name, &value);
  if (code == MDB_NOTFOUND) return std::optional<std::string_view>();
  if (code != 0) return environment_.failed(code, "read");
  EF_TRY(const auto payload, checked(key, view_of(value)));
  return std::optional<std::string_view>(payload);
}

Result<void> LmdbTransaction::put(StoreTable table, std::string_view key,
                                  std::string_view payload) {
  const ValueHeader header = make_header(static_cast<std::uint8_t>(table), epoch_, key, payload);
  MDB_val name = value_of(key);
  MDB_val place{sizeof header + payload.size(), nullptr};
  if (int code = mdb_put(txn_, environment_.tables_[static_cast<std::size_t>(table)], &name, &place,
                         MDB_RESERVE);
      code != 0)
    return environment_.failed(code, "write");
  std::memcpy(place.mv_data, &header, sizeof header);
  std::memcpy(static_cast<char*>(place.mv_data) + sizeof header, payload.data(), payload.size());
  return {};
}

Result<void> LmdbTransaction::erase(StoreTable table, std::string_view key) {
  MDB_val name = value_of(key);
  const int code =
      mdb_del(txn_, environment_.tables_[static_cast<std::size_t>(table)], &name, nullptr);
  if (code != 0) return environment_.failed(code, "delete");
  return {};
}

Result<void> LmdbTransaction::for_each(StoreTable table,
                                       const std::function<Result<bool>(const Entry&)>& visit) {
  MDB_cursor* raw = nullptr;
  if (int code = mdb_cursor_open(txn_, environment_.tables_[static_cast<std::size_t>(table)], &raw);
      code != 0)
    return environment_.failed(code, "read");
  const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> cursor(raw, mdb_cursor_close);
  MDB_val key;
  MDB_val value;
  int code = mdb_cursor_get(raw, &key, &value, MDB_FIRST);
  for (; code == 0; code = mdb_cursor_get(raw, &key, &value, MDB_NEXT)) {
    EF_TRY(const auto payload, checked(view_of(key), view_of(value)));
    EF_TRY(const bool go_on, visit({view_of(key), payload, stored_epoch(view_of(value))}));
    if (!go_on) return {};
  }
  if (code != MDB_NOTFOUND) return environment_.failed(code, "read");
  return {};
}

Result<void> LmdbTransaction::commit() {
  if (int code = mdb_txn_commit(std::exchange(txn_, nullptr)); code != 0)
    return environment_.failed(code, "commit");
  return {};
}

}  // namespace eventflux::runtime
