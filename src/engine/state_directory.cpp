#include "eventflux/state_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"
#include "runtime/state/checkpoint_store.hpp"

namespace eventflux {
namespace {

/// Finds the store of an app below a state directory; without a name there must be only one.
Result<std::string> store_directory(const std::string& state, const std::string& app) {
  if (!app.empty()) return state + "/" + app;
  std::vector<std::string> found;
  std::error_code problem;
  std::error_code hidden;
  for (const auto& entry : std::filesystem::directory_iterator(state, problem)) {
    if (std::filesystem::exists(entry.path() / "store.mdb", hidden) || hidden)
      found.push_back(entry.path().string());
  }
  if (problem == std::errc::permission_denied) {
    return Error{Code::store_denied, "no permission to read '" + state + "'",
                 "run as the user that owns the directory"};
  }
  if (found.size() == 1) return found[0];
  const bool none = found.empty();
  return Error{Code::unknown_target,
               (none ? "no store below '" : "several apps below '") + state + "'",
               none ? "give the directory that `run --state` used" : "name one with --app"};
}

std::string line_of(const runtime::DeadLetter& letter) {
  const std::string where = letter.source + (letter.resource.empty() ? "" : "/" + letter.resource);
  return to_text(letter.time) + "  " + code_text(letter.code) + "  " + where + "  " +
         std::string(stage_name(letter.stage)) + "  " + letter.reason;
}

std::string line_of(const runtime::StoredGap& gap) {
  const std::string where = gap.source + (gap.gap.partition.empty() ? "" : "/" + gap.gap.partition);
  return to_text(gap.time) + "  " + where + "  " + gap.gap.where + "  " + gap.gap.reason;
}

std::string gap_json(const runtime::StoredGap& gap, const std::string& id) {
  using base::quote_json;
  return "{\"id\":" + quote_json(id) + ",\"time\":" + quote_json(to_text(gap.time)) +
         ",\"source\":" + quote_json(gap.source) +
         ",\"partition\":" + quote_json(gap.gap.partition) +
         ",\"where\":" + quote_json(gap.gap.where) + ",\"reason\":" + quote_json(gap.gap.reason) +
         ",\"checkpoint\":" + std::to_string(gap.epoch) + '}';
}

}  // namespace

Result<std::size_t> StateDirectory::purge_dead_letters(std::vector<std::string> ids) const {
  EF_TRY(const std::string directory, store_directory(directory_, app_));
  std::error_code ignored;
  if (!std::filesystem::exists(directory + "/store.mdb", ignored)) {
    return Error{Code::unknown_target, "no store in " + directory,
                 "give the directory and app that `run --state` used"};
  }
  EF_TRY(const auto store, runtime::open_lmdb_store({.directory = directory}));
  std::sort(ids.begin(), ids.end());
  return store->purge_dead_letters(ids);
}

Result<std::vector<StoredRecord>> StateDirectory::dead_letters(std::size_t limit) const {
  EF_TRY(const std::string directory, store_directory(directory_, app_));
  EF_TRY(const auto store, runtime::open_lmdb_store({.directory = directory, .read_only = true}));
  EF_TRY(const auto letters, store->dead_letters(limit));
  std::vector<StoredRecord> records;
  records.reserve(letters.size());
  for (const runtime::StoredDeadLetter& stored : letters) {
    records.push_back(
        {stored.id, line_of(stored.letter), dead_letter_json(stored.letter, stored.id)});
  }
  return records;
}

Result<std::vector<StoredRecord>> StateDirectory::gaps() const {
  EF_TRY(const std::string directory, store_directory(directory_, app_));
  EF_TRY(const auto store, runtime::open_lmdb_store({.directory = directory, .read_only = true}));
  EF_TRY(const auto gaps, store->gaps());
  std::vector<StoredRecord> records;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const std::string id = std::to_string(i + 1);
    records.push_back({id, line_of(gaps[i]), gap_json(gaps[i], id)});
  }
  return records;
}

}  // namespace eventflux
