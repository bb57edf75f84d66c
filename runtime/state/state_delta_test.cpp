#include "runtime/state/state_delta.hpp"

#include <deque>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "runtime/state/blob_state.hpp"
#include "runtime/state/dirty_set.hpp"

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
  std::vector<std::uint64_t> values;
  for (const std::string_view part : records.parts(section)) {
    SnapshotReader reader(part);
    values.push_back(reader.get<std::uint64_t>().value());
  }
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

TEST_CASE(
    "a part that no stored entry can have is damaged, and nothing is allocated for it: EF0702") {
  const auto code_of = [](std::uint32_t part, std::uint64_t units) {
    DeltaWriter writer;
    for (std::uint64_t unit = 0; unit < units; ++unit) {
      writer.block(0, unit);
      writer.record(part).put_text("whole");
    }
    const std::string bytes = writer.take();
    const std::string_view delta(bytes);
    return code_text(MergedState::read(std::span(&delta, 1)).error().code);
  };
  CHECK(code_of((1U << 30U) - 1, 1) == "EF0702");
  CHECK(code_of(10'000, 1) == "EF0702");
  CHECK(code_of(500, 1'000) == "EF0702");  // each would fit, all together do not
}

}  // namespace
}  // namespace eventflux::runtime
