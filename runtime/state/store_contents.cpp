#include "runtime/state/store_contents.hpp"

#include "eventflux/state.hpp"

namespace eventflux::runtime {

std::string delta_key(std::string_view id, std::uint64_t epoch, std::uint32_t part) {
  std::string key;
  append_big_endian(key, hash_text(id));
  append_big_endian(key, epoch);
  append_big_endian(key, part);
  return key;
}

Result<StoreContents> StoreContents::open(LmdbTransaction& txn, const StoreDirectory& directory) {
  StoreContents contents(txn, directory);
  EF_TRY(const auto stored, txn.get(StoreTable::meta, manifest_key));
  if (!stored) return directory.damaged("the list of what it holds is missing");
  EF_TRY(contents.manifest_, StoreManifest::decode(*stored));
  return contents;
}

Result<void> StoreContents::read_states(Checkpoint& checkpoint) {
  StoreManifest::Deltas found;
  std::uint32_t missing = 0;
  const auto add = [&](const LmdbTransaction::Entry& entry) -> Result<bool> {
    SnapshotReader reader(entry.payload);
    EF_TRY(const auto id, reader.get_text());
    EF_TRY(const auto parts, reader.get<std::uint32_t>());
    EF_TRY(const auto part, reader.get<std::uint32_t>());
    if (missing == 0) {
      found[std::string(id)].push_back({entry.epoch, parts});
      checkpoint.states.push_back({std::string(id), {}, 0});
      missing = parts;
    }
    if (entry.key != delta_key(id, entry.epoch, part) || part != parts - missing)
      return directory_.damaged("a part of a state is missing");
    --missing;
    checkpoint.states.back().bytes.append(
        entry.payload.substr(sizeof(std::uint32_t) * 3 + id.size()));
    return true;
  };
  EF_CHECK(txn_.for_each(StoreTable::state, add));
  if (missing != 0 || found != manifest_.deltas)
    return directory_.damaged("it does not hold the state that was stored");
  return {};
}

Result<void> StoreContents::read_cursors(Checkpoint& checkpoint,
                                         std::unordered_map<std::string, WrittenEntry>& written) {
  EntrySet found;
  const auto add = [&](const LmdbTransaction::Entry& entry) -> Result<bool> {
    SnapshotReader reader(entry.payload);
    EF_TRY(const auto name, reader.get_text());
    found.add(entry.key, entry.epoch);
    written[std::string(entry.key)] = {entry.epoch, hash_text(entry.payload)};
    if (entry.key.starts_with('s')) {
      EF_TRY(const auto run, reader.get<std::uint64_t>());
      EF_TRY(const auto epoch, reader.get<std::uint64_t>());
      checkpoint.progress.push_back({std::string(name), {run, epoch, 0}});
      return true;
    }
    EF_TRY(const auto second, reader.get_text());
    EF_TRY(const auto third, reader.get_text());
    if (entry.key.starts_with('r')) {
      checkpoint.cursors.push_back({std::string(name), std::string(second), std::string(third)});
      return true;
    }
    EF_TRY(const auto order, reader.get<std::uint64_t>());
    checkpoint.positions.push_back(
        {std::string(name), {std::string(second), std::string(third), order}});
    return true;
  };
  EF_CHECK(txn_.for_each(StoreTable::cursors, add));
  if (!(found == manifest_.cursors))
    return directory_.damaged("it does not hold the positions that were stored");
  return {};
}

Result<void> StoreContents::read_dead_letters(
    const std::function<Result<void>(std::string_view key, DeadLetter letter)>& visit) {
  EntrySet found;
  const auto add = [&](const LmdbTransaction::Entry& entry) -> Result<bool> {
    found.add(entry.key, entry.epoch);
    EF_TRY(auto letter, decode_dead_letter(entry.payload));
    EF_CHECK(visit(entry.key, std::move(letter)));
    return true;
  };
  EF_CHECK(txn_.for_each(StoreTable::dlq, add));
  if (!(found == manifest_.dead_letters))
    return directory_.damaged("it does not hold the dead letters that were stored");
  return {};
}

Result<void> StoreContents::read_gaps(const std::function<void(StoredGap gap)>& visit) {
  EntrySet found;
  const auto add = [&](const LmdbTransaction::Entry& entry) -> Result<bool> {
    found.add(entry.key, entry.epoch);
    SnapshotReader reader(entry.payload);
    StoredGap stored;
    stored.epoch = entry.epoch;
    EF_TRY(stored.time.us, reader.get<std::int64_t>());
    EF_TRY(stored.source, reader.get_text());
    EF_TRY(stored.gap.partition, reader.get_text());
    EF_TRY(stored.gap.where, reader.get_text());
    EF_TRY(stored.gap.reason, reader.get_text());
    visit(std::move(stored));
    return true;
  };
  EF_CHECK(txn_.for_each(StoreTable::gaps, add));
  if (!(found == manifest_.gaps))
    return directory_.damaged("it does not hold the gaps that were stored");
  return {};
}

}  // namespace eventflux::runtime
