#pragma once

#include <string>

#include "eventflux/batch.hpp"

namespace eventflux::runtime {

/// Returns a row as a JSON object by column name, for dead letters, logs and replay.
/// Shape: TIMESTAMP is RFC 3339, DOUBLE shortest exact, NaN and infinities strings, JSON itself.
std::string row_json(const Batch& batch, std::uint32_t row, const Schema& schema);

/// Returns one value as JSON.
std::string value_json(const Value& value, Type type);

}  // namespace eventflux::runtime
