#pragma once

#include <cstdint>

#include "eventflux/window.hpp"

namespace eventflux::runtime {

/// What becomes of a row that comes after the watermark has passed its time.
enum class LateAction : std::uint8_t { drop, reject, accept };

/// Returns why a window cannot take a row: it has closed. Units: microseconds.
Error late_for_window(std::int64_t time, const WindowInstance& window, std::int64_t watermark);

}  // namespace eventflux::runtime
