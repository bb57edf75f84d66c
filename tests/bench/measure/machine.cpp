#include "tests/bench/measure/machine.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/bench/measure/json_object.hpp"

namespace eventflux::bench {
namespace {

/// Returns what stands behind the first "name : " of the kernel's list of processors.
std::string cpu_fact(const std::string& name) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t colon = line.find(": ");
    return colon == std::string::npos ? std::string() : line.substr(colon + 2);
  }
  return {};
}

std::string widest_simd() {
  const std::string flags = cpu_fact("flags") + " ";
  if (flags.find(" avx512f ") != std::string::npos) return "AVX-512";
  if (flags.find(" avx2 ") != std::string::npos) return "AVX2";
  return "SSE";
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.cpu = cpu_fact("model name");
  machine.cores = static_cast<int>(std::thread::hardware_concurrency());
  machine.mhz = std::strtod(cpu_fact("cpu MHz").c_str(), nullptr);
  machine.simd = widest_simd();
  machine.compiler = EVENTFLUX_BENCH_COMPILER;
  machine.flags = EVENTFLUX_BENCH_FLAGS;
  const char* commit = std::getenv("EVENTFLUX_BENCH_COMMIT");
  machine.commit = commit == nullptr ? "" : commit;
  double loads[1] = {0};
  if (::getloadavg(loads, 1) == 1) machine.load = loads[0];
  return machine;
}

std::string to_json(const Machine& machine) {
  return JsonObject()
      .text("cpu", machine.cpu)
      .number("cores", std::int64_t{machine.cores})
      .number("mhz", machine.mhz)
      .text("simd", machine.simd)
      .text("compiler", machine.compiler)
      .text("flags", machine.flags)
      .text("commit", machine.commit)
      .number("load", machine.load)
      .str();
}

std::string to_text(const Machine& machine) {
  return machine.cpu + ", " + std::to_string(machine.cores) + " cores, " +
         std::to_string(static_cast<int>(machine.mhz)) + " MHz, " + machine.simd + "; " +
         machine.compiler + " " + machine.flags + "; commit " + machine.commit + ", load " +
         std::to_string(machine.load).substr(0, 4);
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) std::fprintf(stderr, "cannot write %s\n", path.c_str());
}

}  // namespace eventflux::bench
