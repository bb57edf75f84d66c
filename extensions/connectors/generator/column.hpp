#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "eventflux/batch_builder.hpp"
#include "eventflux/params.hpp"

namespace eventflux::connectors::generator {

/// Makes the values of one column.
/// Shape: value n depends on the seed, the column's name and n only; `now` on the clock only.
class ColumnGenerator {
 public:
  virtual ~ColumnGenerator() = default;
  virtual void append(std::uint64_t n, Timestamp now, ColumnBuilder& column) = 0;
};

/// Checks what a column is to hold, as far as its type does not matter. Fails: EF0303.
Result<void> check_generator(const ParamValue& value);

/// Reads what a column is to hold; an empty text takes what suits its type.
/// Fails: EF0303 a text that cannot be read, EF0206 one that does not suit the type.
Result<std::unique_ptr<ColumnGenerator>> make_generator(const Field& field, std::string_view text,
                                                        std::uint64_t seed);

}  // namespace eventflux::connectors::generator
