#include "eventflux/extension.hpp"

namespace eventflux::windows::tumbling {
namespace {

/// Panes [k·size + offset, (k+1)·size + offset), counted from 1970-01-01 UTC.
class TumblingWindow final : public PaneWindow {
 public:
  TumblingWindow(std::int64_t size, std::int64_t offset) : size_(size), offset_(offset) {}

  void admit(const WindowInput& rows, std::span<PaneRow> panes) override {
    for (std::size_t i = 0; i < rows.time.size(); ++i) {
      // Neighbours mostly share a pane: one compare instead of a division.
      if (rows.time[i] < last_.start || rows.time[i] >= last_.end) last_ = pane_of(rows.time[i]);
      panes[i] = {last_, false};
    }
  }

  bool by_time() const override { return true; }

  std::int64_t horizon(std::int64_t time) const override {
    return time == std::numeric_limits<std::int64_t>::min() ? time : pane_of(time).end;
  }

  void snapshot(SnapshotWriter&) const override {}

  Result<void> restore(SnapshotReader&) override { return {}; }

 private:
  Pane pane_of(std::int64_t time) const {
    std::int64_t into = (time - offset_) % size_;
    if (into < 0) into += size_;
    return {time - into, time - into + size_};
  }

  std::int64_t size_;
  std::int64_t offset_;
  Pane last_;
};

Result<std::unique_ptr<PaneWindow>> make(std::span<const WindowArgument> arguments) {
  const bool fits = (arguments.size() == 1 || arguments.size() == 2) &&
                    arguments[0].type == Type::duration && arguments.back().type == Type::duration;
  if (!fits || arguments[0].value <= 0) {
    return Error{Code::unknown_window,
                 "TUMBLING takes a duration above zero, and perhaps an offset",
                 "write TUMBLING(10 SECONDS)", arguments.empty() ? Span{} : arguments[0].span};
  }
  const std::int64_t offset = arguments.size() == 2 ? arguments[1].value : 0;
  return std::unique_ptr<PaneWindow>(std::make_unique<TumblingWindow>(arguments[0].value, offset));
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.window(
      {.name = "tumbling",
       .text = "Rows of equal, aligned stretches of time; emits when a stretch is over.",
       .signature = "TUMBLING(size [, offset])",
       .panes = make,
       .shared_panes = true});
}

}  // namespace eventflux::windows::tumbling
