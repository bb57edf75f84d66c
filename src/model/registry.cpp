#include "eventflux/extension.hpp"

#include "base/text.hpp"

namespace eventflux {
namespace {

template <class Entry>
const Entry* find_one(const std::vector<Entry>& entries, std::string_view name) {
  const std::string folded = base::fold(name);
  for (const Entry& entry : entries)
    if (base::fold(entry.name) == folded) return &entry;
  return nullptr;
}

template <class Entry>
std::vector<const Entry*> find_all(const std::vector<Entry>& entries, std::string_view name) {
  std::vector<const Entry*> found;
  const std::string folded = base::fold(name);
  for (const Entry& entry : entries)
    if (base::fold(entry.name) == folded) found.push_back(&entry);
  return found;
}

template <class Entry>
void add_alias(std::vector<Entry>& entries, std::string_view alias, std::string_view name) {
  const std::string folded = base::fold(name);
  const std::size_t count = entries.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (base::fold(entries[i].name) != folded) continue;
    Entry copy = entries[i];
    copy.name = alias;
    entries.push_back(std::move(copy));
  }
}

}  // namespace

void Registry::alias(std::string_view alias, std::string_view name) {
  add_alias(functions_, alias, name);
  add_alias(aggregates_, alias, name);
}

const SourceEntry* Registry::find_source(std::string_view name) const {
  return find_one(sources_, name);
}

const SinkEntry* Registry::find_sink(std::string_view name) const {
  return find_one(sinks_, name);
}

const MapperEntry* Registry::find_mapper(std::string_view name) const {
  return find_one(mappers_, name);
}

const WindowEntry* Registry::find_window(std::string_view name) const {
  return find_one(windows_, name);
}

const SimulatorEntry* Registry::find_simulator(std::string_view name) const {
  return find_one(simulators_, name);
}

std::vector<const ScalarFunction*> Registry::find_functions(std::string_view name) const {
  return find_all(functions_, name);
}

std::vector<const AggregateFunction*> Registry::find_aggregates(std::string_view name) const {
  return find_all(aggregates_, name);
}

}  // namespace eventflux
