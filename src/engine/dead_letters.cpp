#include "engine/dead_letters.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::engine {
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

}  // namespace

Result<std::size_t> purge_dead_letters(const std::string& state_dir, const std::string& app,
                                       std::vector<std::string> ids) {
  EF_TRY(const std::string directory, store_directory(state_dir, app));
  std::error_code ignored;
  if (!std::filesystem::exists(directory + "/store.mdb", ignored)) {
    return Error{Code::unknown_target, "no store in " + directory,
                 "give the directory and app that `run --state` used"};
  }
  EF_TRY(const auto store, runtime::open_lmdb_store({.directory = directory}));
  std::sort(ids.begin(), ids.end());
  return store->purge_dead_letters(ids);
}

Result<std::vector<DeadLetterView>> read_dead_letters(const std::string& state_dir,
                                                      const std::string& app, std::size_t limit) {
  EF_TRY(const std::string directory, store_directory(state_dir, app));
  EF_TRY(const auto store, runtime::open_lmdb_store({.directory = directory, .read_only = true}));
  EF_TRY(const auto letters, store->dead_letters(limit));
  std::vector<DeadLetterView> views;
  views.reserve(letters.size());
  for (const runtime::StoredDeadLetter& stored : letters) {
    views.push_back(
        {stored.id, line_of(stored.letter), dead_letter_json(stored.letter, stored.id)});
  }
  return views;
}

}  // namespace eventflux::engine
