#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "semantic/bound.hpp"
#include "semantic/report.hpp"

namespace eventflux::semantic {

/// The streams of an app by name, while they become known.
class Catalog {
 public:
  enum class State : std::uint8_t {
    known,   ///< Columns are declared or inferred.
    open,    ///< The query that fills it has not been bound.
    failed,  ///< Its error was reported; what depends on it is left out without another one.
  };

  /// Fails: EF0202 when the name is taken, at `name_span`.
  Result<std::size_t> add(Stream stream, State state, Span name_span, Report& report);

  /// Remembers the name of something that is not built, so that its readers stay silent.
  void add_failed_name(const std::string& name) { failed_names_.insert(name); }

  /// Returns the index of a stream; nothing when there is none.
  std::optional<std::size_t> find(std::string_view name) const;
  bool is_failed_name(std::string_view name) const;

  Stream& stream(std::size_t index) { return streams_[index]; }

  const Stream& stream(std::size_t index) const { return streams_[index]; }

  State state(std::size_t index) const { return states_[index]; }

  void set_state(std::size_t index, State state) { states_[index] = state; }

  std::size_t size() const { return streams_.size(); }

  std::vector<Stream> take() { return std::move(streams_); }

  std::vector<std::string> names() const;

 private:
  std::vector<Stream> streams_;
  std::vector<State> states_;  // parallel to streams_
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::set<std::string, std::less<>> failed_names_;
};

}  // namespace eventflux::semantic
