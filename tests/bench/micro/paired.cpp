#include "tests/bench/micro/paired.hpp"

#include <algorithm>
#include <cstdio>

#include "tests/bench/measure/allocations.hpp"
#include "tests/bench/measure/clocks.hpp"

namespace eventflux::bench {
namespace {

constexpr double disturbed_above = 1.2;
constexpr int extra_repetitions = 9;
constexpr std::uint64_t warm_passes = 2;  // behind those that were compared

/// What the passes of a block took.
struct Block {
  std::int64_t cpu_ns = 0;
  std::int64_t wall_ns = 0;
  std::uint64_t passes = 0;
  std::uint64_t allocations = 0;

  double cpu_per(std::uint64_t rows) const {
    return static_cast<double>(cpu_ns) / static_cast<double>(passes * rows);
  }

  double wall_per(std::uint64_t rows) const {
    return static_cast<double>(wall_ns) / static_cast<double>(passes * rows);
  }

  double disturbance() const { return static_cast<double>(wall_ns) / static_cast<double>(cpu_ns); }
};

std::int64_t cpu_ns(CpuScope scope) {
  return scope == CpuScope::thread ? thread_cpu_ns() : process_cpu_ns();
}

/// Runs passes until they have taken long enough; what prepares them is left out.
Block run_block(Side& side, const Workload& workload, std::int64_t least_ns) {
  const std::uint64_t multiple = workload.block_passes;
  Block block;
  while (block.cpu_ns < least_ns || block.passes % multiple != 0) {
    side.prepare();
    const std::uint64_t allocations = thread_allocations();
    const std::int64_t wall = wall_ns();
    const std::int64_t cpu = cpu_ns(workload.scope);
    side.run();
    block.cpu_ns += cpu_ns(workload.scope) - cpu;
    block.wall_ns += wall_ns() - wall;
    block.allocations += thread_allocations() - allocations;
    ++block.passes;
  }
  return block;
}

void run_passes(Side& side, std::uint64_t passes) {
  for (std::uint64_t i = 0; i < passes; ++i) {
    side.prepare();
    side.run();
  }
}

Checksum checked_passes(Side& side, std::uint64_t passes) {
  Checksum checksum;
  side.set_checksum(&checksum);
  run_passes(side, passes);
  side.set_checksum(nullptr);
  return checksum;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Samples {
  std::vector<double> hand;
  std::vector<double> engine;
  std::vector<double> wall;
  std::vector<double> ratio;
  std::vector<double> disturbance;
  double allocations = 0;  // of the block that had the fewest: others may still have been growing
};

void add_sample(Samples& samples, const Workload& workload, const Block& hand,
                const Block& engine) {
  samples.hand.push_back(hand.cpu_per(workload.rows));
  samples.engine.push_back(engine.cpu_per(workload.rows));
  samples.wall.push_back(engine.wall_per(workload.rows));
  samples.ratio.push_back(samples.engine.back() / samples.hand.back());
  samples.disturbance.push_back(std::max(hand.disturbance(), engine.disturbance()));
  const double allocations =
      static_cast<double>(engine.allocations) / static_cast<double>(engine.passes * workload.rows);
  const bool first = samples.ratio.size() == 1;
  samples.allocations = first ? allocations : std::min(samples.allocations, allocations);
}

Samples take_samples(const Workload& workload, Side& hand, Side& engine,
                     const PairedOptions& options) {
  Samples samples;
  int extra = extra_repetitions;
  for (int repetition = 0; repetition < options.repetitions;) {
    const bool hand_first = repetition % 2 == 0;
    Block first = run_block(hand_first ? hand : engine, workload, options.block_ns);
    Block second = run_block(hand_first ? engine : hand, workload, options.block_ns);
    if (!hand_first) std::swap(first, second);
    const bool disturbed = workload.scope == CpuScope::thread &&
                           std::max(first.disturbance(), second.disturbance()) > disturbed_above;
    if (disturbed && extra-- > 0) continue;
    add_sample(samples, workload, first, second);
    ++repetition;
  }
  return samples;
}

}  // namespace

PairedResult run_paired(const Workload& workload, const PairedOptions& options) {
  PairedResult result;
  result.name = workload.name;
  result.ceiling = workload.ceiling;
  result.bytes_per_row = static_cast<double>(workload.bytes) / static_cast<double>(workload.rows);
  const SidePtr hand = workload.hand();
  const SidePtr engine = workload.engine();
  const Checksum expected = checked_passes(*hand, workload.warm_up);
  const Checksum found = checked_passes(*engine, workload.warm_up);
  result.same = expected == found && expected.rows() != 0;
  if (!result.same) {
    std::fprintf(stderr, "%s: hand-coded %llu rows, engine %llu rows\n", workload.name.c_str(),
                 static_cast<unsigned long long>(expected.rows()),
                 static_cast<unsigned long long>(found.rows()));
    return result;
  }
  run_passes(*hand, warm_passes);
  run_passes(*engine, warm_passes);
  const Samples samples = take_samples(workload, *hand, *engine, options);
  result.hand_ns = median(samples.hand);
  result.engine_ns = median(samples.engine);
  result.hand_least_ns = *std::min_element(samples.hand.begin(), samples.hand.end());
  result.engine_least_ns = *std::min_element(samples.engine.begin(), samples.engine.end());
  result.engine_wall_ns = median(samples.wall);
  result.ratio = median(samples.ratio);
  result.disturbed = median(samples.disturbance);
  result.allocations = samples.allocations;
  result.allocations_judged = workload.count_allocations;
  return result;
}

void run_engine_alone(const Workload& workload, std::int64_t length_ns) {
  const SidePtr engine = workload.engine();
  run_passes(*engine, workload.warm_up);
  for (const std::int64_t end = wall_ns() + length_ns; wall_ns() < end;)
    run_passes(*engine, 1);
}

}  // namespace eventflux::bench
