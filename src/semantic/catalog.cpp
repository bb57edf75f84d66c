#include "semantic/catalog.hpp"

#include <algorithm>
#include <utility>

namespace eventflux::semantic {

Result<std::size_t> Catalog::add(Stream stream, State state, Span name_span, Report& report) {
  const auto [entry, fresh] = by_name_.try_emplace(stream.name, streams_.size());
  if (!fresh) {
    Diagnostic diagnostic{.code = Code::duplicate_name,
                          .message = '\'' + stream.name + "' is defined twice",
                          .span = name_span};
    const Span first = streams_[entry->second].span;
    if (!first.empty()) diagnostic.mentions.push_back({"the first one is at", first});
    return report.fail(std::move(diagnostic));
  }
  streams_.push_back(std::move(stream));
  states_.push_back(state);
  return entry->second;
}

std::optional<std::size_t> Catalog::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

bool Catalog::is_failed_name(std::string_view name) const {
  return failed_names_.contains(name);
}

std::vector<std::string> Catalog::names() const {
  std::vector<std::string> names;
  for (const Stream& stream : streams_)
    if (!stream.anonymous) names.push_back(stream.name);
  return names;
}

}  // namespace eventflux::semantic
