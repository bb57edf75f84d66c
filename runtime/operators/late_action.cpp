#include "runtime/operators/late_action.hpp"

namespace eventflux::runtime {

Error late_for_window(std::int64_t time, const WindowInstance& window, std::int64_t watermark) {
  return {Code::late_row, "time " + to_text(Timestamp{time}) +
                              " belongs to a window that closed at " +
                              to_text(Timestamp{window.end}) + ", the watermark is " +
                              to_text(Timestamp{watermark})};
}

}  // namespace eventflux::runtime
