#include "eventflux/extension.hpp"

namespace eventflux::windows::tumbling {
namespace {

/// Stretches [k·size + offset, (k+1)·size + offset), counted from 1970-01-01 UTC.
class TumblingWindow final : public WindowAssigner {
 public:
  TumblingWindow(std::int64_t size, std::int64_t offset) : size_(size), offset_(offset) {}

  void assign(const WindowInput& rows, std::span<AssignedSlice> slices) override {
    for (std::size_t i = 0; i < rows.time.size(); ++i) {
      // Neighbours mostly share a stretch: one compare instead of a division.
      if (rows.time[i] < last_.start || rows.time[i] >= last_.end)
        last_ = instance_of(rows.time[i]);
      slices[i] = {last_, false};
    }
  }

  WindowTrigger trigger() const override { return WindowTrigger::time; }

  std::int64_t earliest_end(std::int64_t time) const override {
    return time == std::numeric_limits<std::int64_t>::min() ? time : instance_of(time).end;
  }

  std::optional<std::int64_t> next_tick(const WindowInstance& instance) const override {
    return instance.end + size_;
  }

 private:
  WindowInstance instance_of(std::int64_t time) const {
    std::int64_t into = (time - offset_) % size_;
    if (into < 0) into += size_;
    return {time - into, time - into + size_};
  }

  std::int64_t size_;
  std::int64_t offset_;
  WindowInstance last_;
};

Result<std::unique_ptr<WindowAssigner>> make(std::span<const WindowArgument> arguments) {
  const bool fits = (arguments.size() == 1 || arguments.size() == 2) &&
                    arguments[0].type == Type::duration && arguments.back().type == Type::duration;
  if (!fits || arguments[0].value <= 0) {
    return Error{Code::unknown_window,
                 "TUMBLING takes a duration above zero, and perhaps an offset",
                 "write TUMBLING(10 SECONDS)", arguments.empty() ? Span{} : arguments[0].span};
  }
  const std::int64_t offset = arguments.size() == 2 ? arguments[1].value : 0;
  return std::unique_ptr<WindowAssigner>(
      std::make_unique<TumblingWindow>(arguments[0].value, offset));
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.window(
      {.name = "tumbling",
       .text = "Rows of equal, aligned stretches of time; emits when a stretch is over.",
       .signature = "TUMBLING(size [, offset])",
       .assigner = make,
       .aligned = true});
}

}  // namespace eventflux::windows::tumbling
