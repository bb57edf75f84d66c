#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eventflux/error.hpp"

namespace eventflux::engine {

/// A dead letter as people see it.
struct DeadLetterView {
  std::string id;
  std::string line;  ///< "time  code  where  stage  reason"
  std::string json;
};

/// Reads the dead letters of a stopped or running app, oldest first. `app` may be empty when the
/// state directory holds one app only. Fails: EF0806 no such store, EF0702 damaged.
Result<std::vector<DeadLetterView>> read_dead_letters(const std::string& state_dir,
                                                      const std::string& app, std::size_t limit);

/// Deletes dead letters of a stopped app by id, all of them when `ids` is empty. Returns how many.
/// Fails: EF0806 no such store, EF0701 the app runs, EF0702 damaged.
Result<std::size_t> purge_dead_letters(const std::string& state_dir, const std::string& app,
                                       std::vector<std::string> ids);

}  // namespace eventflux::engine
