#include "eventflux/extension.hpp"

namespace eventflux::windows::session {
namespace {

/// Rows of a key that follow each other within `gap`. A session ends `gap` after its last row,
/// exclusive: a row exactly there begins another one. A row between two sessions that is within
/// `gap` of both makes them one.
class SessionWindow final : public WindowAssigner {
 public:
  explicit SessionWindow(std::int64_t gap) : gap_(gap) {}

  void assign(const WindowInput& rows, std::span<AssignedSlice> slices) override {
    for (std::size_t i = 0; i < rows.time.size(); ++i)
      slices[i] = {{rows.time[i], rows.time[i] + gap_}, false};
  }

  WindowTrigger trigger() const override { return WindowTrigger::time; }

  bool merges() const override { return true; }

  std::int64_t earliest_end(std::int64_t time) const override {
    return time == std::numeric_limits<std::int64_t>::min() ? time : time + gap_;
  }

 private:
  std::int64_t gap_;
};

Result<std::unique_ptr<WindowAssigner>> make(std::span<const WindowArgument> arguments) {
  if (arguments.size() != 1 || arguments[0].type != Type::duration || arguments[0].value <= 0) {
    return Error{Code::unknown_window, "SESSION takes a duration above zero: the gap that ends it",
                 "write SESSION(30 SECONDS)", arguments.empty() ? Span{} : arguments[0].span};
  }
  return std::unique_ptr<WindowAssigner>(std::make_unique<SessionWindow>(arguments[0].value));
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.window({.name = "session",
                   .text = "Rows of a key without a pause of `gap`; emits when the pause is there.",
                   .signature = "SESSION(gap)",
                   .assigner = make,
                   .per_group = true});
}

}  // namespace eventflux::windows::session
