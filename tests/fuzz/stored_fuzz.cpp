// Whatever a store hands back is read or refused. The first byte says as what it is read.
#include <array>

#include "runtime/delivery/dead_letter.hpp"
#include "runtime/state/keyed_state.hpp"
#include "runtime/state/row_codec.hpp"
#include "runtime/state/row_log.hpp"
#include "runtime/state/store_manifest.hpp"
#include "runtime/state/stored_value.hpp"
#include "runtime/time/watermark.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace eventflux::runtime {
namespace {

void read_manifest(std::string_view bytes) {
  const auto manifest = StoreManifest::decode(bytes);
  if (!manifest.ok()) return;
  const std::string stored = manifest->encode();
  const auto again = StoreManifest::decode(stored);
  fuzz::require(again.ok() && again->encode() == stored);
}

void read_letter(std::string_view bytes) {
  const auto letter = decode_dead_letter(bytes);
  if (!letter.ok()) return;
  fuzz::require(decode_dead_letter(encode_dead_letter(*letter)).ok());
  dead_letter_json(*letter, "id");
}

void read_watermark(std::string_view bytes) {
  SnapshotReader reader(bytes);
  Watermark watermark({});
  static_cast<void>(watermark.load(reader).ok());
}

void read_deltas(std::string_view bytes) {
  const auto records = MergedState::read(std::span(&bytes, 1));
  if (!records.ok()) return;
  OperatorState state;
  state.make<KeyedState>({"a"},
                         std::vector<Type>{Type::string, Type::decimal_of(20, 4), Type::float64});
  state.make<RowLog>({"b"}, Schema{{{"a", Type::string}}});
  static_cast<void>(state.restore(*records).ok());
}

void read_rows(std::string_view bytes) {
  SnapshotReader reader(bytes);
  BatchBuilder rows(Schema{{{"a", Type::string},
                            {"b", Type::int64},
                            {"c", Type::boolean},
                            {"d", Type::decimal_of(20, 4)},
                            {"e", Type::bytes}}});
  static_cast<void>(load_rows(rows, reader).ok());
}

void read_value(std::string_view bytes) {
  stored_epoch(bytes);
  payload_of("key", bytes);
}

}  // namespace
}  // namespace eventflux::runtime

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eventflux::runtime;
  if (size == 0) return 0;
  using Reads = void (*)(std::string_view);
  static constexpr std::array<Reads, 6> readers{read_manifest, read_letter, read_watermark,
                                                read_deltas,   read_rows,   read_value};
  readers[data[0] % readers.size()]({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
