#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/state/store_directory.hpp"
#include "runtime/state/stored_value.hpp"

struct MDB_env;
struct MDB_txn;

namespace eventflux::runtime {

/// The databases of a store. The number is part of every stored value's header.
enum class StoreTable : std::uint8_t {
  meta,     ///< The manifest: what the others must hold.
  cursors,  ///< Positions of sources, and cursors of resources.
  state,    ///< Deltas of operators, in parts of 1 MiB.
  dlq,      ///< Dead letters.
  gaps,     ///< Input that sources have lost.
};

inline constexpr std::size_t store_tables = 5;

class LmdbTransaction;

/// An LMDB file with the tables of a store; the only place that calls LMDB. The default sync mode
/// is kept: a commit that returned survives a power cut. LMDB has no page checksums, so every value
/// carries one over its header, key and payload.
/// Thread: one writes at a time; reading transactions from any.
class LmdbEnvironment {
 public:
  struct Options {
    std::uint64_t bytes_max = 16ULL << 30U;
    bool read_only = false;
    bool lockless = false;  ///< Nobody else has the file open; read_only only.
    bool create = false;    ///< Tables are not looked for; else a missing one is damage.
  };

  /// `directory` outlives the environment. Fails: EF0702 damaged, EF0704.
  static Result<std::unique_ptr<LmdbEnvironment>> open(const StoreDirectory& directory,
                                                       const Options& options);
  ~LmdbEnvironment();
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;

  /// Begins the transaction that makes the tables, so that they come with their first content or
  /// not at all.
  Result<LmdbTransaction> make_tables();
  Result<LmdbTransaction> read();
  /// `epoch` goes into the header of what is written.
  Result<LmdbTransaction> write(std::uint64_t epoch);

  /// Returns whether any transaction was ever committed: else the file holds nothing, whatever a
  /// crash has left behind its first pages.
  bool has_committed() const;

  /// Returns what an error code of LMDB means for the operator.
  Error failed(int code, const std::string& doing) const;

  const StoreDirectory& directory() const { return directory_; }

 private:
  friend class LmdbTransaction;

  explicit LmdbEnvironment(const StoreDirectory& directory) : directory_(directory) {}

  Result<void> open(const Options& options);
  Result<void> open_tables();

  const StoreDirectory& directory_;
  MDB_env* env_ = nullptr;
  std::array<unsigned, store_tables> tables_{};
};

/// Reads and writes of one moment; nothing is changed unless commit() succeeds.
class LmdbTransaction {
 public:
  ~LmdbTransaction();
  LmdbTransaction(LmdbTransaction&& other) noexcept;
  LmdbTransaction& operator=(LmdbTransaction&&) = delete;

  /// Returns the payload, valid until the transaction ends. Fails: EF0702, EF0704, EF0705 a format
  /// of another version.
  Result<std::optional<std::string_view>> get(StoreTable table, std::string_view key);
  /// Fails: EF0703 full, EF0704.
  Result<void> put(StoreTable table, std::string_view key, std::string_view payload);
  Result<void> erase(StoreTable table, std::string_view key);

  /// An entry as for_each() shows it; `epoch` is when it was written.
  struct Entry {
    std::string_view key;
    std::string_view payload;
    std::uint64_t epoch;
  };

  /// Calls visit(entry) in the order of the keys until it returns false. Fails: as get() and visit.
  Result<void> for_each(StoreTable table, const std::function<Result<bool>(const Entry&)>& visit);
  /// Fails: EF0703, EF0704.
  Result<void> commit();

 private:
  friend class LmdbEnvironment;

  LmdbTransaction(LmdbEnvironment& environment, MDB_txn* txn, std::uint64_t epoch)
      : environment_(environment), txn_(txn), epoch_(epoch) {}

  Result<std::string_view> checked(std::string_view key, std::string_view stored) const;

  LmdbEnvironment& environment_;
  MDB_txn* txn_;
  std::uint64_t epoch_;
};

}  // namespace eventflux::runtime
