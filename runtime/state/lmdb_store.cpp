#include <algorithm>
#include <filesystem>
#include <utility>

#include "eventflux/state.hpp"

#include "base/fail_point.hpp"
#include "runtime/state/checkpoint_store.hpp"
#include "runtime/state/lmdb_environment.hpp"
#include "runtime/state/store_contents.hpp"
#include "runtime/state/store_verifier.hpp"

// A commit is one transaction: deltas, positions, dead letters, and the manifest that lists what
// the store then holds. Deltas are one packed record per operator and epoch, because one key per
// group costs ten times as much.

namespace eventflux::runtime {
namespace {

class LmdbStore final : public CheckpointStore {
 public:
  explicit LmdbStore(LmdbOptions options)
      : options_(std::move(options)), directory_(options_.directory) {}

  Result<void> open();
  Result<std::optional<Checkpoint>> load() override;
  Result<void> commit(const StoreTransaction& transaction) override;
  Result<std::vector<StoredDeadLetter>> dead_letters(std::size_t limit) override;
  Result<std::vector<StoredGap>> gaps() override;
  Result<std::size_t> purge_dead_letters(const std::vector<std::string>& ids) override;

  std::uint64_t dead_letter_bytes() const override { return manifest_.dead_letter_bytes; }

  std::uint64_t run() const override { return boot_; }

 private:
  Result<void> open_for_writing();
  Result<void> open_for_reading();
  Result<void> create();
  Result<void> open_environment(bool create);
  Result<void> put_delta(LmdbTransaction& txn, const StateDelta& delta, std::uint64_t epoch);
  Result<void> drop_deltas(LmdbTransaction& txn, const std::string& id, std::size_t count,
                           StoreManifest& next);
  Result<void> put_cursor(LmdbTransaction& txn, const std::string& key, std::string_view payload,
                          StoreManifest& next);
  Result<void> number_run();
  Result<void> put_cursors(LmdbTransaction& txn, const Checkpoint& checkpoint, StoreManifest& next);
  std::string next_record_key(Timestamp time);
  Result<void> append(LmdbTransaction& txn, const DeadLetter& letter, StoreManifest& next);
  Result<void> append(LmdbTransaction& txn, const StoredGap& stored, StoreManifest& next);
  Result<void> drop_old_gaps(LmdbTransaction& txn, StoreManifest& next);
  Result<void> write(LmdbTransaction& txn, const StoreTransaction& transaction,
                     StoreManifest& next);

  LmdbOptions options_;
  StoreDirectory directory_;
  std::unique_ptr<LmdbEnvironment> environment_;
  StoreManifest manifest_;  // of the last commit
  std::uint32_t boot_ = 0;
  std::uint32_t next_record_ = 0;
  std::unordered_map<std::string, WrittenEntry> cursors_;  // by key, as stored
  std::unordered_map<std::string, WrittenEntry> changed_;  // by the commit that runs
};

Result<void> LmdbStore::open() {
  EF_CHECK(options_.read_only ? open_for_reading() : open_for_writing());
  {
    EF_TRY(auto txn, environment_->read());
    EF_TRY(StoreContents contents, StoreContents::open(txn, directory_));
    manifest_ = contents.manifest();
    boot_ = manifest_.boot + 1;
    Checkpoint positions;
    EF_CHECK(contents.read_cursors(positions, cursors_));
  }
  if (!options_.read_only) EF_CHECK(number_run());
  EF_FAIL("store.open.after");
  return {};
}

/// Stores the number of the run before anything is written under it: a run that ends before its
/// first commit has used its number, too.
Result<void> LmdbStore::number_run() {
  StoreManifest next = manifest_;
  next.boot = boot_;
  EF_TRY(auto txn, environment_->write(next.epoch));
  EF_CHECK(txn.put(StoreTable::meta, manifest_key, next.encode()));
  EF_CHECK(txn.commit());
  manifest_ = std::move(next);
  return {};
}

/// Nothing of an existing store is changed before all of it was verified.
Result<void> LmdbStore::open_for_writing() {
  EF_CHECK(directory_.make_and_lock());
  EF_TRY(const StorePresence presence, directory_.find_store());
  if (presence == StorePresence::none) return create();
  EF_TRY(const StoreCondition condition, verify_store(directory_));
  if (presence == StorePresence::marked) return open_environment(false);
  // The mark follows the first commit of the manifest: what has more lost its mark.
  if (condition == StoreCondition::used) return directory_.damaged("FORMAT is missing");
  std::error_code ignored;
  std::filesystem::remove(directory_.store_file(), ignored);
  return create();
}

Result<void> LmdbStore::open_for_reading() {
  EF_TRY(const StorePresence presence, directory_.find_store());
  if (presence == StorePresence::none) {
    return Error{Code::unknown_target, "no store in " + directory_.path(),
                 "give the directory and app that `run --state` used"};
  }
  // A process that runs the app has verified it, and writes now.
  if (directory_.try_lock()) {
    EF_TRY(const StoreCondition condition, verify_store(directory_));
    static_cast<void>(condition);
  }
  return open_environment(false);
}

Result<void> LmdbStore::create() {
  EF_CHECK(open_environment(true));
  EF_FAIL("store.create.before");
  EF_TRY(auto txn, environment_->make_tables());
  EF_CHECK(txn.put(StoreTable::meta, manifest_key, StoreManifest{}.encode()));
  EF_CHECK(txn.commit());
  EF_FAIL("store.create.after");
  return directory_.mark();
}

Result<void> LmdbStore::open_environment(bool create) {
  EF_TRY(environment_, LmdbEnvironment::open(directory_, {.bytes_max = options_.bytes_max,
                                                          .read_only = options_.read_only,
                                                          .create = create}));
  return {};
}

Result<void> LmdbStore::put_delta(LmdbTransaction& txn, const StateDelta& delta,
                                  std::uint64_t epoch) {
  const auto parts = static_cast<std::uint32_t>(delta.bytes.size() / delta_part_bytes + 1);
  for (std::uint32_t part = 0; part < parts; ++part) {
    SnapshotWriter writer;
    writer.put_text(delta.id);
    writer.put(parts);
    writer.put(part);
    writer.put_bytes(
        std::string_view(delta.bytes).substr(part * delta_part_bytes, delta_part_bytes));
    EF_CHECK(txn.put(StoreTable::state, delta_key(delta.id, epoch, part), writer.bytes()));
  }
  return {};
}

/// Drops the oldest deltas of an operator.
Result<void> LmdbStore::drop_deltas(LmdbTransaction& txn, const std::string& id, std::size_t count,
                                    StoreManifest& next) {
  auto& deltas = next.deltas[id];
  for (; count != 0; --count) {
    for (std::uint32_t part = 0; part < deltas.front().parts; ++part)
      EF_CHECK(txn.erase(StoreTable::state, delta_key(id, deltas.front().epoch, part)));
    deltas.pop_front();
  }
  if (deltas.empty()) next.deltas.erase(id);
  return {};
}

/// Writes a position only when it changed.
Result<void> LmdbStore::put_cursor(LmdbTransaction& txn, const std::string& key,
                                   std::string_view payload, StoreManifest& next) {
  const std::uint64_t hash = hash_text(payload);
  const auto known = cursors_.find(key);
  if (known != cursors_.end() && known->second.hash == hash) return {};
  EF_CHECK(txn.put(StoreTable::cursors, key, payload));
  if (known != cursors_.end()) next.cursors.remove(key, known->second.epoch);
  next.cursors.add(key, next.epoch);
  changed_[key] = {next.epoch, hash};
  return {};
}

Result<void> LmdbStore::put_cursors(LmdbTransaction& txn, const Checkpoint& checkpoint,
                                    StoreManifest& next) {
  for (const StoredCursor& stored : checkpoint.positions) {
    std::string key = "p";
    append_big_endian(key, hash_text(stored.source));
    append_big_endian(key, hash_text(stored.cursor.partition));
    SnapshotWriter writer;
    writer.put_text(stored.source);
    writer.put_text(stored.cursor.partition);
    writer.put_text(stored.cursor.position);
    writer.put(stored.cursor.order);
    EF_CHECK(put_cursor(txn, key, writer.bytes(), next));
  }
  for (const ResourceCursor& cursor : checkpoint.cursors) {
    std::string key = "r";
    append_big_endian(key, hash_text(cursor.resource));
    SnapshotWriter writer;
    writer.put_text(cursor.resource);
    writer.put_text(cursor.column);
    writer.put_text(cursor.text);
    EF_CHECK(put_cursor(txn, key, writer.bytes(), next));
  }
  for (const SinkProgress& progress : checkpoint.progress) {
    std::string key = "s";
    append_big_endian(key, hash_text(progress.sink));
    SnapshotWriter writer;
    writer.put_text(progress.sink);
    writer.put(progress.token.run);
    writer.put(progress.token.epoch);
    EF_CHECK(put_cursor(txn, key, writer.bytes(), next));
  }
  return {};
}

/// Returns a key after those of the records that are there.
std::string LmdbStore::next_record_key(Timestamp time) {
  std::string key;
  append_big_endian(key, static_cast<std::uint64_t>(time.us));
  append_big_endian(key, boot_);
  append_big_endian(key, next_record_++);
  return key;
}

Result<void> LmdbStore::append(LmdbTransaction& txn, const DeadLetter& letter,
                               StoreManifest& next) {
  const std::string key = next_record_key(letter.time);
  const std::string payload = encode_dead_letter(letter);
  EF_CHECK(txn.put(StoreTable::dlq, key, payload));
  next.dead_letters.add(key, next.epoch);
  next.dead_letter_bytes += payload.size();
  return {};
}

Result<void> LmdbStore::append(LmdbTransaction& txn, const StoredGap& stored, StoreManifest& next) {
  const std::string key = next_record_key(stored.time);
  SnapshotWriter writer;
  writer.put(stored.time.us);
  writer.put_text(stored.source);
  writer.put_text(stored.gap.partition);
  writer.put_text(stored.gap.where);
  writer.put_text(stored.gap.reason);
  EF_CHECK(txn.put(StoreTable::gaps, key, writer.bytes()));
  next.gaps.add(key, next.epoch);
  return {};
}

/// A source that loses input for ever must not fill the store.
Result<void> LmdbStore::drop_old_gaps(LmdbTransaction& txn, StoreManifest& next) {
  if (next.gaps.count() <= gaps_max) return {};
  std::uint64_t excess = next.gaps.count() - gaps_max;
  std::vector<std::string> keys;
  EF_CHECK(txn.for_each(StoreTable::gaps, [&](const LmdbTransaction::Entry& entry) -> Result<bool> {
    keys.emplace_back(entry.key);
    next.gaps.remove(entry.key, entry.epoch);
    return --excess != 0;
  }));
  for (const std::string& key : keys)
    EF_CHECK(txn.erase(StoreTable::gaps, key));
  return {};
}

Result<void> LmdbStore::write(LmdbTransaction& txn, const StoreTransaction& transaction,
                              StoreManifest& next) {
  const Checkpoint& checkpoint = transaction.checkpoint;
  for (const std::string& id : checkpoint.forgotten)
    EF_CHECK(drop_deltas(txn, id, next.deltas[id].size(), next));
  for (const StateDelta& delta : checkpoint.states) {
    EF_CHECK(put_delta(txn, delta, checkpoint.epoch));
    auto& deltas = next.deltas[delta.id];
    deltas.push_back(
        {checkpoint.epoch, static_cast<std::uint32_t>(delta.bytes.size() / delta_part_bytes + 1)});
    if (delta.deltas_required != 0 && deltas.size() > delta.deltas_required)
      EF_CHECK(drop_deltas(txn, delta.id, deltas.size() - delta.deltas_required, next));
  }
  EF_CHECK(put_cursors(txn, checkpoint, next));
  for (const DeadLetter& letter : transaction.records<DeadLetter>())
    EF_CHECK(append(txn, letter, next));
  for (const StoredGap& gap : transaction.records<StoredGap>())
    EF_CHECK(append(txn, gap, next));
  EF_CHECK(drop_old_gaps(txn, next));
  return txn.put(StoreTable::meta, manifest_key, next.encode());
}

Result<void> LmdbStore::commit(const StoreTransaction& transaction) {
  const Checkpoint& checkpoint = transaction.checkpoint;
  if (manifest_.epoch != 0 && checkpoint.epoch <= manifest_.epoch) {
    return Error{Code::cursor_moved_back, "epoch " + std::to_string(checkpoint.epoch) +
                                              " is not beyond " + std::to_string(manifest_.epoch)};
  }
  StoreManifest next = manifest_;
  next.epoch = checkpoint.epoch;
  next.boot = boot_;
  next.plan = checkpoint.plan;
  changed_.clear();
  EF_TRY(auto txn, environment_->write(checkpoint.epoch));
  EF_CHECK(write(txn, transaction, next));
  EF_FAIL("store.commit.before");
  EF_CHECK(txn.commit());
  EF_FAIL("store.commit.after");
  manifest_ = std::move(next);
  for (auto& [key, entry] : changed_)
    cursors_[key] = entry;
  return {};
}

Result<std::optional<Checkpoint>> LmdbStore::load() {
  if (manifest_.epoch == 0) return std::optional<Checkpoint>();
  EF_TRY(auto txn, environment_->read());
  EF_TRY(StoreContents contents, StoreContents::open(txn, directory_));
  Checkpoint checkpoint;
  checkpoint.epoch = manifest_.epoch;
  checkpoint.plan = manifest_.plan;
  EF_CHECK(contents.read_states(checkpoint));
  EF_CHECK(contents.read_cursors(checkpoint, cursors_));
  return std::optional<Checkpoint>(std::move(checkpoint));
}

Result<std::vector<StoredDeadLetter>> LmdbStore::dead_letters(std::size_t limit) {
  std::vector<StoredDeadLetter> found;
  EF_TRY(auto txn, environment_->read());
  EF_TRY(StoreContents contents, StoreContents::open(txn, directory_));
  EF_CHECK(contents.read_dead_letters([&](std::string_view key, DeadLetter letter) -> Result<void> {
    if (found.size() < limit) found.push_back({hex(key), std::move(letter)});
    return {};
  }));
  return found;
}

Result<std::vector<StoredGap>> LmdbStore::gaps() {
  std::vector<StoredGap> found;
  EF_TRY(auto txn, environment_->read());
  EF_TRY(StoreContents contents, StoreContents::open(txn, directory_));
  EF_CHECK(contents.read_gaps([&](StoredGap gap) { found.push_back(std::move(gap)); }));
  return found;
}

Result<std::size_t> LmdbStore::purge_dead_letters(const std::vector<std::string>& ids) {
  StoreManifest next = manifest_;
  std::size_t purged = 0;
  EF_TRY(auto txn, environment_->write(next.epoch));
  std::vector<std::string> keys;
  EF_CHECK(txn.for_each(StoreTable::dlq, [&](const LmdbTransaction::Entry& entry) -> Result<bool> {
    if (!ids.empty() && !std::binary_search(ids.begin(), ids.end(), hex(entry.key))) return true;
    keys.emplace_back(entry.key);
    next.dead_letters.remove(entry.key, entry.epoch);
    next.dead_letter_bytes -= entry.payload.size();
    ++purged;
    return true;
  }));
  for (const std::string& key : keys)
    EF_CHECK(txn.erase(StoreTable::dlq, key));
  EF_CHECK(txn.put(StoreTable::meta, manifest_key, next.encode()));
  EF_CHECK(txn.commit());
  manifest_ = std::move(next);
  return purged;
}

}  // namespace

Result<std::unique_ptr<CheckpointStore>> open_lmdb_store(const LmdbOptions& options) {
  auto store = std::make_unique<LmdbStore>(options);
  EF_CHECK(store->open());
  return std::unique_ptr<CheckpointStore>(std::move(store));
}

}  // namespace eventflux::runtime
