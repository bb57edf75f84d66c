#include "runtime/state/store_manifest.hpp"

#include "eventflux/state.hpp"

#include "runtime/state/stored_value.hpp"

namespace eventflux::runtime {
namespace {

/// Spreads every bit over all others. Source: the finaliser of MurmurHash3, Appleby.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 33U)) * 0xFF51AFD7ED558CCDULL;
  value = (value ^ (value >> 33U)) * 0xC4CEB9FE1A85EC53ULL;
  return value ^ (value >> 33U);
}

std::uint64_t hash_entry(std::string_view key, std::uint64_t epoch) {
  return mix(hash_text(key) + mix(epoch));
}

}  // namespace

void EntrySet::add(std::string_view key, std::uint64_t epoch) {
  ++count_;
  sum_ += hash_entry(key, epoch);
}

void EntrySet::remove(std::string_view key, std::uint64_t epoch) {
  --count_;
  sum_ -= hash_entry(key, epoch);
}

std::string StoreManifest::encode() const {
  SnapshotWriter writer;
  writer.put(epoch);
  writer.put(boot);
  writer.put(static_cast<std::uint32_t>(plan.size()));
  for (const PlanPart& part : plan) {
    writer.put_text(part.id);
    writer.put_text(part.name);
    writer.put_text(part.text);
    writer.put(part.orphaned_us);
  }
  writer.put(static_cast<std::uint32_t>(deltas.size()));
  for (const auto& [id, of_operator] : deltas) {
    writer.put_text(id);
    writer.put(static_cast<std::uint32_t>(of_operator.size()));
    for (const Delta& delta : of_operator) {
      writer.put(delta.epoch);
      writer.put(delta.parts);
    }
  }
  for (const EntrySet* set : {&cursors, &dead_letters, &gaps}) {
    writer.put(set->count_);
    writer.put(set->sum_);
  }
  writer.put(dead_letter_bytes);
  return writer.take();
}

Result<StoreManifest> StoreManifest::decode(std::string_view bytes) {
  SnapshotReader reader(bytes);
  StoreManifest manifest;
  EF_TRY(manifest.epoch, reader.get<std::uint64_t>());
  EF_TRY(manifest.boot, reader.get<std::uint32_t>());
  EF_TRY(const auto parts, reader.get<std::uint32_t>());
  for (std::uint32_t i = 0; i < parts; ++i) {
    PlanPart& part = manifest.plan.emplace_back();
    EF_TRY(part.id, reader.get_text());
    EF_TRY(part.name, reader.get_text());
    EF_TRY(part.text, reader.get_text());
    EF_TRY(part.orphaned_us, reader.get<std::int64_t>());
  }
  EF_TRY(const auto operators, reader.get<std::uint32_t>());
  for (std::uint32_t i = 0; i < operators; ++i) {
    EF_TRY(const auto id, reader.get_text());
    EF_TRY(const auto count, reader.get<std::uint32_t>());
    std::deque<Delta>& deltas = manifest.deltas[std::string(id)];
    for (std::uint32_t d = 0; d < count; ++d) {
      EF_TRY(const auto epoch, reader.get<std::uint64_t>());
      EF_TRY(const auto of_parts, reader.get<std::uint32_t>());
      deltas.push_back({epoch, of_parts});
    }
  }
  for (EntrySet* set : {&manifest.cursors, &manifest.dead_letters, &manifest.gaps}) {
    EF_TRY(set->count_, reader.get<std::uint64_t>());
    EF_TRY(set->sum_, reader.get<std::uint64_t>());
  }
  EF_TRY(manifest.dead_letter_bytes, reader.get<std::uint64_t>());
  return manifest;
}

}  // namespace eventflux::runtime
