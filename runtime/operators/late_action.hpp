#pragma once

#include <cstdint>

namespace eventflux::runtime {

/// What becomes of a row that comes after the watermark has passed its time.
enum class LateAction : std::uint8_t { drop, reject, accept };

}  // namespace eventflux::runtime
