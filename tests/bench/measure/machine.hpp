#pragma once

#include <string>

namespace eventflux::bench {

/// Where and from what a figure came.
struct Machine {
  std::string cpu;  ///< Model as the kernel names it.
  int cores = 0;    ///< That this process may use.
  double mhz = 0;
  std::string simd;  ///< Widest vector extension: "AVX-512", "AVX2" or "SSE".
  std::string compiler;
  std::string flags;  ///< Of the product.
  std::string commit;
  double load = 0;  ///< Average of the last minute.
};

/// Reads the machine; `commit` is taken from EVENTFLUX_BENCH_COMMIT.
Machine this_machine();
std::string to_json(const Machine& machine);
/// Returns one line for people.
std::string to_text(const Machine& machine);

/// Writes a file whole; says on standard error when it cannot.
void write_file(const std::string& path, const std::string& text);

}  // namespace eventflux::bench
