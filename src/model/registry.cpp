#include <list>
#include <mutex>

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

/// Aggregates of DECIMAL with digits, made as queries ask for them.
struct Registry::Typed {
  struct Entry {
    Type argument;
    AggregateFunction made;

    // By what it does: an address may be given to another aggregate when more are registered.
    bool is(const AggregateFunction& generic, Type type) const {
      return argument == type && made.add == generic.add && made.name == generic.name;
    }
  };

  std::mutex mutex;
  std::list<Entry> entries;  // its elements stay where they are
};

std::shared_ptr<Registry::Typed> Registry::make_typed() {
  return std::make_shared<Typed>();
}

const AggregateFunction* Registry::typed(const AggregateFunction& aggregate, Type argument) const {
  if (!aggregate.input || *aggregate.input != Type::decimal) return &aggregate;
  const std::lock_guard lock(typed_->mutex);
  for (const Typed::Entry& entry : typed_->entries)
    if (entry.is(aggregate, argument)) return &entry.made;
  AggregateFunction made = aggregate;
  made.input = argument;
  if (made.output == Type::decimal) {
    made.output = made.widens ? Type::decimal_of(Decimal::digits_max, argument.scale) : argument;
  }
  return &typed_->entries.emplace_back(Typed::Entry{argument, std::move(made)}).made;
}

void Registry::aggregate_octets(std::string_view name) {
  const std::size_t count = aggregates_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (aggregates_[i].name != name || aggregates_[i].input != Type::string) continue;
    AggregateFunction copy = aggregates_[i];
    copy.input = Type::bytes;
    if (copy.output == Type::string) copy.output = Type::bytes;
    aggregates_.push_back(std::move(copy));
  }
}

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
