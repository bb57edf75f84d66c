#include <algorithm>

#include "eventflux/extension.hpp"

namespace eventflux::windows::length_batch {
namespace {

/// Runs of `size` rows of each partition. Its bounds are the times of its first row and, one
/// microsecond on, of its last.
class LengthBatchWindow final : public WindowAssigner {
 public:
  explicit LengthBatchWindow(std::uint32_t size) : size_(size) {}

  void assign(const WindowInput& rows, std::span<AssignedSlice> slices) override {
    for (std::size_t i = 0; i < rows.partition.size(); ++i) {
      const std::uint32_t partition = rows.partition[i];
      if (partition >= runs_.size())
        runs_.resize(std::max<std::size_t>(partition + 1, runs_.size() * 2));
      Run& run = runs_[partition];
      if (run.count == 0) run.start = rows.time[i];
      ++run.count;
      slices[i] = {{run.start, rows.time[i] + 1}, run.count == size_};
      if (run.count == size_) run.count = 0;
    }
  }

  WindowTrigger trigger() const override { return WindowTrigger::row; }

  void snapshot(SnapshotWriter& writer) const override {
    writer.put_all(std::span<const Run>(runs_));
  }

  Result<void> restore(SnapshotReader& reader) override { return reader.get_all(runs_); }

 private:
  struct Run {
    std::int64_t start = 0;
    std::uint64_t count = 0;
  };

  std::uint32_t size_;
  std::vector<Run> runs_;
};

Result<std::unique_ptr<WindowAssigner>> make(std::span<const WindowArgument> arguments) {
  constexpr std::int64_t most = 100'000'000;
  if (arguments.size() != 1 || arguments[0].type == Type::duration || arguments[0].value < 1 ||
      arguments[0].value > most) {
    return Error{Code::unknown_window, "LENGTH_BATCH takes a number of rows from 1 to 100000000",
                 "write LENGTH_BATCH(100)", arguments.empty() ? Span{} : arguments[0].span};
  }
  return std::unique_ptr<WindowAssigner>(
      std::make_unique<LengthBatchWindow>(static_cast<std::uint32_t>(arguments[0].value)));
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.window({.name = "length_batch",
                   .text = "Runs of n rows; emits when a run is complete.",
                   .signature = "LENGTH_BATCH(rows)",
                   .assigner = make});
}

}  // namespace eventflux::windows::length_batch
