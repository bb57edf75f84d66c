#include <algorithm>

#include "eventflux/extension.hpp"

namespace eventflux::windows::length {
namespace {

/// The last `size` rows of each partition.
class LengthWindow final : public WindowEvictor {
 public:
  explicit LengthWindow(std::uint32_t size) : size_(size) {}

  void evict(const WindowInput& rows, std::span<std::uint32_t> leaving) override {
    for (std::size_t i = 0; i < rows.partition.size(); ++i) {
      const std::uint32_t partition = rows.partition[i];
      if (partition >= counts_.size())
        counts_.resize(std::max<std::size_t>(partition + 1, counts_.size() * 2));
      std::uint32_t& count = counts_[partition];
      leaving[i] = count == size_ ? 1 : 0;
      count += 1 - leaving[i];
    }
  }

  void snapshot(SnapshotWriter& writer) const override {
    writer.put_all(std::span<const std::uint32_t>(counts_));
  }

  Result<void> restore(SnapshotReader& reader) override { return reader.get_all(counts_); }

 private:
  std::uint32_t size_;
  std::vector<std::uint32_t> counts_;
};

Result<std::unique_ptr<WindowEvictor>> make(std::span<const WindowArgument> arguments) {
  constexpr std::int64_t most = 100'000'000;
  if (arguments.size() != 1 || arguments[0].type == Type::duration || arguments[0].value < 1 ||
      arguments[0].value > most) {
    return Error{Code::unknown_window, "LENGTH takes a number of rows from 1 to 100000000",
                 "write LENGTH(100)", arguments.empty() ? Span{} : arguments[0].span};
  }
  return std::unique_ptr<WindowEvictor>(
      std::make_unique<LengthWindow>(static_cast<std::uint32_t>(arguments[0].value)));
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.window({.name = "length",
                   .text = "The last n rows; emits with every row.",
                   .signature = "LENGTH(rows)",
                   .evictor = make});
}

}  // namespace eventflux::windows::length
