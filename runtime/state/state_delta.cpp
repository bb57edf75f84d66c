#include "runtime/state/state_delta.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::size_t record_bytes_least = 2 * sizeof(std::uint32_t);

}  // namespace

void DeltaWriter::end_record() {
  if (!in_record_) return;
  const std::size_t begun = length_at_ + sizeof(std::uint32_t);
  bytes_.put_at(length_at_, static_cast<std::uint32_t>(bytes_.bytes().size() - begun));
  bytes_.put_at(count_at_, ++records_);
  in_record_ = false;
}

void DeltaWriter::block(std::uint8_t section, std::uint64_t unit) {
  end_record();
  bytes_.put(section);
  bytes_.put(unit);
  count_at_ = bytes_.bytes().size();
  records_ = 0;
  bytes_.put(records_);
}

SnapshotWriter& DeltaWriter::record(std::uint32_t part) {
  end_record();
  bytes_.put(part);
  length_at_ = bytes_.bytes().size();
  bytes_.put(std::uint32_t{0});
  in_record_ = true;
  return bytes_;
}

std::string DeltaWriter::take() {
  end_record();
  return bytes_.take();
}

Result<MergedState> MergedState::read(std::span<const std::string_view> deltas) {
  MergedState records;
  records.deltas_.assign(deltas.begin(), deltas.end());
  for (const std::string_view delta : deltas) {
    EF_CHECK(for_each_of(delta, [](const StoredRecord&) { return Result<void>(); }));
    records.records_max_ += delta.size() / record_bytes_least;
  }
  return records;
}

Result<void> MergedState::for_each(Visit visit) const {
  for (std::size_t i = deltas_.size(); i-- > 0;)
    EF_CHECK(for_each_of(deltas_[i], visit));
  return {};
}

Result<void> MergedState::for_each_of(std::string_view delta, Visit visit) {
  SnapshotReader reader(delta);
  while (!reader.at_end()) {
    StoredRecord record{};
    EF_TRY(record.section, reader.get<std::uint8_t>());
    EF_TRY(record.unit, reader.get<std::uint64_t>());
    EF_TRY(const auto count, reader.get<std::uint32_t>());
    for (std::uint32_t i = 0; i < count; ++i) {
      EF_TRY(record.part, reader.get<std::uint32_t>());
      EF_TRY(record.bytes, reader.get_text());
      EF_CHECK(visit(record));
    }
  }
  return {};
}

}  // namespace eventflux::runtime
