#include "eventflux/state.hpp"

namespace eventflux {

Result<std::string_view> SnapshotReader::get_text() {
  EF_TRY(const auto size, get<std::uint32_t>());
  return get_bytes(size);
}

Result<std::string_view> SnapshotReader::get_bytes(std::size_t count) {
  if (bytes_.size() < count) return damaged();
  const std::string_view found = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return found;
}

Error SnapshotReader::damaged() {
  bytes_ = {};
  return {Code::store_damaged, "stored state ends too early",
          "restore a backup of the state directory"};
}

}  // namespace eventflux
