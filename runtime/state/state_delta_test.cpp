#include "runtime/state/state_delta.hpp"

#include <deque>
#include <map>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "runtime/state/blob_state.hpp"
#include "runtime/state/dirty_set.hpp"
#include "runtime/state/keyed_state.hpp"
#include "runtime/state/row_log.hpp"

namespace eventflux::runtime {
namespace {

/// Two phases of numbered values, stored as operators store theirs.
struct Values {
  std::array<std::vector<std::uint64_t>, 2> phases;
  std::array<DirtySet, 2> changed;
  CompactionCursor round;

  void set(std::size_t phase, std::uint32_t unit, std::uint64_t value) {
    if (unit >= phases[phase].size()) phases[phase].resize(unit + 1);
    phases[phase][unit] = value;
    changed[phase].mark(unit);
  }

  /// Units appear without gaps, as groups do.
  void close_gaps(std::size_t phase, std::uint32_t size) {
    for (auto unit = static_cast<std::uint32_t>(phases[phase].size()); unit < size; ++unit)
      set(phase, unit, unit);
    for (std::uint32_t unit = 0; unit < phases[phase].size(); ++unit)
      if (phases[phase][unit] == 0) set(phase, unit, 1);
  }

  std::pair<std::string, std::uint32_t> snapshot() {
    DeltaWriter writer;
    round.begin(changed[0].count() + changed[1].count());
    for (std::uint8_t phase = 0; phase < 2; ++phase) {
      const auto size = static_cast<std::uint32_t>(phases[phase].size());
      const auto [first, last] = round.take({0, phase}, size);
      writer.block(phase, 0);
      changed[phase].take(first, last, size, [&](std::uint32_t unit) {
        writer.record(unit).put(phases[phase][unit]);
      });
    }
    const std::uint32_t deltas_required = round.end();
    return {writer.take(), deltas_required};
  }
};

std::vector<std::uint64_t> values_of(const MergedState& records, std::uint8_t section) {
  std::map<std::uint32_t, std::uint64_t> newest;
  const auto taken = records.for_each([&](const StoredRecord& record) -> Result<void> {
    if (record.section != section) return {};
    SnapshotReader reader(record.bytes);
    newest.emplace(record.part, reader.get<std::uint64_t>().value());
    return {};
  });
  CHECK(taken.ok());
  std::vector<std::uint64_t> values;
  for (const auto& [part, value] : newest)
    values.push_back(value);
  return values;
}

TEST_CASE("the newest deltas that suffice restore every entry, and stay within bounds") {
  Rng rng(7);
  Values values;
  std::deque<std::string> deltas;
  for (int epoch = 0; epoch < 120; ++epoch) {
    const auto grown = static_cast<std::uint32_t>(10 + epoch * 20);
    for (int i = 0; i < 40; ++i)
      values.set(rng.below(2), static_cast<std::uint32_t>(rng.below(grown)), rng.next());
    for (std::size_t phase = 0; phase < 2; ++phase)
      values.close_gaps(phase, grown);
    auto [bytes, deltas_required] = values.snapshot();
    deltas.push_back(std::move(bytes));
    while (deltas_required != 0 && deltas.size() > deltas_required)
      deltas.pop_front();
    const std::vector<std::string_view> views(deltas.begin(), deltas.end());
    const auto records = MergedState::read(views).value();
    for (std::uint8_t phase = 0; phase < 2; ++phase)
      REQUIRE(values_of(records, phase) == values.phases[phase]);
  }
  std::size_t stored = 0;
  for (const std::string& delta : deltas)
    stored += delta.size();
  const std::size_t whole = (values.phases[0].size() + values.phases[1].size()) * 16;
  CHECK(stored < whole * 6);
}

TEST_CASE("opaque state is stored by the chunks that changed, also when it shrinks") {
  BlobState stored;
  std::vector<std::string> deltas;
  std::string state(100'000, 'a');
  const auto snapshot = [&] {
    DeltaWriter writer;
    stored.write_alone(state, writer);
    if (!writer.empty()) deltas.push_back(writer.take());
    const std::vector<std::string_view> views(deltas.begin(), deltas.end());
    return BlobState::restore(MergedState::read(views).value()).value();
  };
  CHECK(snapshot() == state);
  CHECK(deltas.size() == 1);
  CHECK(snapshot() == state);
  CHECK(deltas.size() == 1);
  state[50'000] = 'b';
  CHECK(snapshot() == state);
  state.resize(20'000);
  CHECK(snapshot() == state);
  state.clear();
  CHECK(snapshot() == state);
}

TEST_CASE("a delta that ends early is damaged: EF0702") {
  DeltaWriter writer;
  writer.block(0, 0);
  writer.record(0).put_text("whole");
  const std::string bytes = writer.take();
  const std::string_view cut(bytes.data(), bytes.size() - 1);
  CHECK(code_text(MergedState::read(std::span(&cut, 1)).error().code) == "EF0702");
}

/// A delta of one operator's only state, with the header that says so.
std::string delta_of(std::string_view name, std::string_view header, std::uint64_t unit,
                     std::uint32_t part, std::string_view record) {
  DeltaWriter writer;
  writer.block(255, 0);
  SnapshotWriter& names = writer.record(0);
  names.put(std::uint8_t{1});
  names.put_text(name);
  names.put(std::uint32_t{1});
  names.put_text(header);
  writer.block(0, unit);
  writer.record(part).put_bytes(record);
  return writer.take();
}

std::string code_of(OperatorState& state, const std::string& delta) {
  const std::string_view view(delta);
  const auto records = MergedState::read(std::span(&view, 1)).value();
  const auto restored = state.restore(records);
  return restored.ok() ? "" : std::string(code_text(restored.error().code));
}

TEST_CASE("a part that no stored entry can have is damaged, and nothing is allocated: EF0702") {
  constexpr std::uint32_t part = (1U << 30U) - 1;
  SnapshotWriter end;
  end.put(std::uint32_t{1000});
  OperatorState keyed;
  keyed.make<KeyedState>({"a"}, std::vector<Type>{Type::string});
  CHECK(code_of(keyed, delta_of("a", end.bytes(), 0, part, "x")) == "EF0702");
  OperatorState opaque;
  opaque.make<OpaqueState>(
      {"a"}, [](SnapshotWriter&) {}, [](SnapshotReader&) { return Result<void>(); });
  CHECK(code_of(opaque, delta_of("a", {}, 0, part, "x")) == "EF0702");
  OperatorState log;
  log.make<RowLog>({"a"}, Schema{{{"a", Type::string}}});
  CHECK(code_of(log, delta_of("a", {}, 7, 1024 / 64, "x")) == "EF0702");
}

TEST_CASE("a declared state of another version is refused by name, one that is gone is dropped") {
  const std::string none(4, '\0');
  OperatorState newer;
  newer.make<KeyedState>({"a", 2}, std::vector<Type>{Type::int64});
  CHECK(code_of(newer, delta_of("a", none, 0, 0, "")) == "EF0705");
  OperatorState other;
  other.make<KeyedState>({"b"}, std::vector<Type>{Type::int64});
  CHECK(code_of(other, delta_of("a", none, 0, 0, "")) == "");
}

}  // namespace
}  // namespace eventflux::runtime
