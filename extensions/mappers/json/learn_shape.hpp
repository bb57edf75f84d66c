#pragma once

#include <optional>
#include <string_view>

#include "plan.hpp"
#include "shape.hpp"

namespace eventflux::mappers::json {

/// Makes the shape of a payload that has just been decoded, and is therefore a valid document.
/// Shape: 64 bytes behind the payload can be read; nothing when the payload has none that would
/// serve others: a bound key twice in an object, elements of different shapes that become rows, no
/// container at its root, more than 256 steps.
std::optional<Shape> learn_shape(std::string_view payload, const Plan& plan,
                                 const DecoderSpec& spec, Scalars& scalars);

}  // namespace eventflux::mappers::json
