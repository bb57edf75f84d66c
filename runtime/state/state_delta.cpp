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
  // Every part has a record, also of states that are numbered by the parts of another one.
  std::size_t bytes = 0;
  for (const std::string_view delta : deltas)
    bytes += delta.size();
  records.places_left_ = 2 * bytes / record_bytes_least;
  for (const std::string_view delta : deltas)
    EF_CHECK(records.read_delta(delta));
  return records;
}

Result<void> MergedState::read_delta(std::string_view delta) {
  SnapshotReader reader(delta);
  while (!reader.at_end()) {
    EF_TRY(const auto section, reader.get<std::uint8_t>());
    EF_TRY(const auto unit, reader.get<std::uint64_t>());
    EF_TRY(const auto count, reader.get<std::uint32_t>());
    Parts& parts = sections_[section][unit];
    for (std::uint32_t i = 0; i < count; ++i) {
      EF_TRY(const auto part, reader.get<std::uint32_t>());
      EF_TRY(const auto record, reader.get_text());
      if (part >= parts.size()) {
        const std::size_t places = part + std::size_t{1} - parts.size();
        if (places > places_left_)
          return Error{Code::store_damaged, "a record has no place in the state"};
        places_left_ -= places;
        parts.resize(part + 1);
      }
      parts[part] = record;
    }
  }
  return {};
}

const MergedState::Units& MergedState::units(std::uint8_t section) const {
  static const Units none;
  const auto found = sections_.find(section);
  return found == sections_.end() ? none : found->second;
}

const MergedState::Parts& MergedState::parts(std::uint8_t section) const {
  static const Parts none;
  const Units& all = units(section);
  const auto found = all.find(0);
  return found == all.end() ? none : found->second;
}

}  // namespace eventflux::runtime
