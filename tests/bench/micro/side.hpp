#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tests/bench/micro/checksum.hpp"

namespace eventflux::bench {

/// One of the two that process the same input: the hand-coded loop or the engine.
/// Shape: passes follow each other as in one endless stream, so state grows as it would.
class Side {
 public:
  Side() = default;
  virtual ~Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  /// Makes the input of the next pass; not measured.
  virtual void prepare() {}

  /// Processes the next pass.
  virtual void run() = 0;

  /// While not null, all output is added to it; such passes are not measured.
  void set_checksum(Checksum* checksum) { checksum_ = checksum; }

 protected:
  Checksum* checksum() const { return checksum_; }

 private:
  Checksum* checksum_ = nullptr;
};

using SidePtr = std::unique_ptr<Side>;

/// Which processor time a pass costs: that of the thread which runs it, or of all.
enum class CpuScope : std::uint8_t { thread, process };

/// A query, as a loop that somebody would write for exactly it and as a program.
struct Workload {
  std::string name;
  double ceiling = 0;         ///< Of engine ÷ hand-coded; 0: reported, not judged.
  std::uint64_t rows = 0;     ///< Of one pass.
  std::uint64_t bytes = 0;    ///< Of text that one pass reads or writes; 0: none.
  std::uint64_t warm_up = 4;  ///< Passes until all state has its size; their outputs are compared.
  std::uint64_t block_passes = 1;  ///< A block holds a multiple of so many passes.
  CpuScope scope = CpuScope::thread;
  bool count_allocations = true;  ///< The engine must not allocate in steady state.
  std::function<SidePtr()> hand;
  std::function<SidePtr()> engine;
};

}  // namespace eventflux::bench
