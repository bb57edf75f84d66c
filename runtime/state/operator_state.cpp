#include "runtime/state/operator_state.hpp"

#include <algorithm>

#include "base/assert.hpp"

// Each delta begins with a header that names its states in the order of their sections, so that
// states may be declared in another order later.

namespace eventflux::runtime {
namespace {

constexpr std::uint8_t header_section = 255;

}  // namespace

void OperatorState::declare(StateName name, DeclaredState& state) {
  EF_ASSERT(entries_.size() < header_section / DeclaredState::sections);
  entries_.push_back({std::move(name), &state});
}

void OperatorState::write_header(DeltaWriter& writer) const {
  writer.block(header_section, 0);
  SnapshotWriter& record = writer.record(0);
  record.put(static_cast<std::uint8_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    SnapshotWriter header;
    entry.state->save_header(header);
    record.put_text(entry.name.name);
    record.put(entry.name.version);
    record.put_text(header.bytes());
  }
}

std::uint32_t OperatorState::snapshot(DeltaWriter& writer) {
  std::uint64_t changed = 0;
  for (const Entry& entry : entries_)
    changed += entry.state->note_changes();
  if (changed == 0) return 0;
  cursor_.begin(changed);
  write_header(writer);
  std::uint8_t section = 0;
  for (const Entry& entry : entries_) {
    entry.state->write(section, cursor_, writer);
    section += DeclaredState::sections;
  }
  return cursor_.end();
}

Result<void> OperatorState::read_header(std::string_view bytes, std::uint64_t records,
                                        Places& places) {
  places.clear();
  SnapshotReader reader(bytes);
  EF_TRY(const auto count, reader.get<std::uint8_t>());
  for (std::uint8_t i = 0; i < count; ++i) {
    EF_TRY(const auto name, reader.get_text());
    EF_TRY(const auto version, reader.get<std::uint32_t>());
    EF_TRY(const auto header, reader.get_text());
    const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& e) { return e.name.name == name; });
    places.push_back(entry == entries_.end() ? nullptr : entry->state);
    if (entry == entries_.end() || entry->begun) continue;
    if (entry->name.version != version) {
      return Error{Code::plan_incompatible,
                   "state '" + entry->name.name + "' has version " + std::to_string(version) +
                       ", this program reads and writes " + std::to_string(entry->name.version)};
    }
    entry->begun = true;
    SnapshotReader fields(header);
    EF_CHECK(entry->state->begin_restore(fields, records));
  }
  return {};
}

Result<void> OperatorState::restore(const MergedState& records) {
  Places places;
  EF_CHECK(records.for_each([&](const StoredRecord& record) -> Result<void> {
    if (record.section == header_section)
      return read_header(record.bytes, records.records_max(), places);
    const std::size_t place = record.section / DeclaredState::sections;
    if (place >= places.size()) return Error{Code::store_damaged, "a record of no state"};
    if (places[place] == nullptr) return {};
    return places[place]->restore(record.section % DeclaredState::sections, record);
  }));
  for (const Entry& entry : entries_)
    if (entry.begun) EF_CHECK(entry.state->end_restore());
  return {};
}

std::size_t OperatorState::bytes() const {
  std::size_t sum = 0;
  for (const Entry& entry : entries_)
    sum += entry.state->bytes();
  return sum;
}

}  // namespace eventflux::runtime
