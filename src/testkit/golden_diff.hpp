#pragma once

#include <string>
#include <vector>

#include "testkit/golden_file.hpp"

namespace eventflux::testkit {

/// Returns whether a line is what was expected: rows by their cells, other lines but for blanks at
/// their ends; `<ignore>` stands for one cell or the rest of a line.
bool same_line(const std::string& expected, const std::string& actual);

/// Returns whether a block gave what it expects, under its options rowsort and duplicates=ok.
bool same_output(const GoldenBlock& block, const std::vector<std::string>& actual);

/// Returns a unified diff. Shape: lines that end in '\n'; `line` is where the expected lines begin.
std::string unified_diff(const std::vector<std::string>& expected,
                         const std::vector<std::string>& actual, std::size_t line);

}  // namespace eventflux::testkit
