#include "runtime/operators/group_state_codec.hpp"

namespace eventflux::runtime {

void GroupStateCodec::write(std::uint8_t section, std::uint64_t unit, DirtySet& changed,
                            std::pair<std::uint32_t, std::uint32_t> share,
                            DeltaWriter& writer) const {
  if (!changed.any() && share.first == share.second) return;
  writer.block(section, unit);
  changed.take(share.first, share.second, index.size(), [&](std::uint32_t group) {
    SnapshotWriter& record = writer.record(group);
    index.save(group, record);
    if (states != nullptr) states->save(group, record);
    if (numbers != nullptr) record.put((*numbers)[group]);
  });
}

Result<void> GroupStateCodec::read(const MergedState::Parts& parts) const {
  for (const std::string_view part : parts) {
    SnapshotReader reader(part);
    EF_CHECK(index.load(reader));
    if (states != nullptr) EF_CHECK(states->load(reader));
    if (numbers == nullptr) continue;
    EF_TRY(const auto number, reader.get<std::uint32_t>());
    numbers->push_back(number);
  }
  return {};
}

}  // namespace eventflux::runtime
