#include "eventflux/extension.hpp"

namespace eventflux::windows::hopping {
namespace {

/// Overlapping stretches [k·slide, k·slide + size), counted from 1970-01-01 UTC. The slices that
/// they share are as long as the slide, of which the size is a multiple.
class HoppingWindow final : public WindowAssigner {
 public:
  HoppingWindow(std::int64_t size, std::int64_t slide) : size_(size), slide_(slide) {}

  void assign(const WindowInput& rows, std::span<AssignedSlice> slices) override {
    for (std::size_t i = 0; i < rows.time.size(); ++i) {
      // Neighbours mostly share a slice: one compare instead of a division.
      if (rows.time[i] < last_.start || rows.time[i] >= last_.end) last_ = slice_of(rows.time[i]);
      slices[i] = {last_, false};
    }
  }

  WindowTrigger trigger() const override { return WindowTrigger::time; }

  std::optional<WindowInstance> next_instance(const WindowInstance& slice,
                                              std::int64_t time) const override {
    std::int64_t end = slice.end;
    if (time >= end) end = slice_of(time).end;
    if (end - size_ > slice.start) return std::nullopt;
    return WindowInstance{end - size_, end};
  }

  std::int64_t earliest_end(std::int64_t time) const override {
    return time == std::numeric_limits<std::int64_t>::min() ? time : slice_of(time).end;
  }

  std::optional<std::int64_t> next_tick(const WindowInstance& instance) const override {
    return instance.end + slide_;
  }

 private:
  WindowInstance slice_of(std::int64_t time) const {
    std::int64_t into = time % slide_;
    if (into < 0) into += slide_;
    return {time - into, time - into + slide_};
  }

  std::int64_t size_;
  std::int64_t slide_;
  WindowInstance last_;
};

Result<std::unique_ptr<WindowAssigner>> make(std::span<const WindowArgument> arguments) {
  const Span span = arguments.empty() ? Span{} : arguments.back().span;
  const bool fits = arguments.size() == 2 && arguments[0].type == Type::duration &&
                    arguments[1].type == Type::duration && arguments[0].value > 0 &&
                    arguments[1].value > 0;
  if (!fits) {
    return Error{Code::unknown_window, "HOPPING takes two durations above zero: size and slide",
                 "write HOPPING(10 MINUTES, 1 MINUTE)", span};
  }
  const std::int64_t size = arguments[0].value;
  const std::int64_t slide = arguments[1].value;
  if (size % slide != 0) {
    return Error{Code::unknown_window,
                 "the size of HOPPING has to be a multiple of its slide: " +
                     to_text(Duration(size)) + " is not one of " + to_text(Duration(slide)),
                 size < slide ? "write the size first: HOPPING(size, slide)"
                              : "write HOPPING(" + to_text(Duration(size / slide * slide)) + ", " +
                                    to_text(Duration(slide)) + ')',
                 span};
  }
  return std::unique_ptr<WindowAssigner>(std::make_unique<HoppingWindow>(size, slide));
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  for (const char* name : {"hopping", "sliding"}) {
    registry.window({.name = name,
                     .text =
                         "Rows of equal, aligned stretches of time that overlap; emits when one "
                         "of them is over.",
                     .signature = "HOPPING(size, slide)",
                     .assigner = make,
                     .aligned = true});
  }
}

}  // namespace eventflux::windows::hopping
