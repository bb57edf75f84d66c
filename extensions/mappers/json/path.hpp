#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"

namespace eventflux::mappers::json {

enum class StepKind : std::uint8_t { member, element, every };

/// One step of a JSON path: `.name` or `['name']`, `[3]`, `[*]`.
struct Step {
  StepKind kind = StepKind::member;
  std::string name{};
  std::size_t index = 0;

  bool operator==(const Step&) const = default;
};

/// Where a path begins: `$` is the whole payload, `@` the element that became a row.
enum class Anchor : std::uint8_t { payload, row };

struct Path {
  Anchor anchor = Anchor::payload;
  std::vector<Step> steps{};
};

/// Reads a JSON path. Fails: EF0108.
Result<Path> parse_path(std::string_view text);

}  // namespace eventflux::mappers::json
