#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eventflux/error.hpp"

namespace eventflux {

/// One thing that a store keeps for people: a dead letter, or a gap.
struct StoredRecord {
  std::string id;
  std::string line;  ///< For people: what happened when, where and why.
  std::string json;  ///< An object on one line, without its end.
};

/// What the apps of a state directory have stored, for looking at from outside. It may be looked at
/// while the app runs.
class StateDirectory {
 public:
  /// `app` may be empty when the directory holds one app only.
  explicit StateDirectory(std::string directory, std::string app = {})
      : directory_(std::move(directory)), app_(std::move(app)) {}

  /// Returns the dead letters, oldest first, at most `limit`. Fails: EF0806 no such store, EF0702
  /// damaged.
  Result<std::vector<StoredRecord>> dead_letters(std::size_t limit) const;

  /// Deletes dead letters by id, all of them when `ids` is empty. Returns how many.
  /// Fails: EF0806 no such store, EF0701 the app runs, EF0702 damaged.
  Result<std::size_t> purge_dead_letters(std::vector<std::string> ids) const;

  /// Returns the stretches of input that are known to be lost, oldest first.
  /// Fails: EF0806 no such store, EF0702 damaged.
  Result<std::vector<StoredRecord>> gaps() const;

 private:
  std::string directory_;
  std::string app_;
};

}  // namespace eventflux
