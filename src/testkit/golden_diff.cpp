#include "testkit/golden_diff.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace eventflux::testkit {
namespace {

constexpr std::string_view anything = "<ignore>";

bool same_row(const GoldenRow& expected, const GoldenRow& actual) {
  if (expected.time != anything && expected.time != actual.time) return false;
  if (expected.kind != actual.kind || expected.cells.size() != actual.cells.size()) return false;
  for (std::size_t i = 0; i < expected.cells.size(); ++i)
    if (expected.cells[i] != anything && expected.cells[i] != actual.cells[i]) return false;
  return true;
}

/// Sorts the rows between lines that are not rows: each stream by itself.
void sort_rows(std::vector<std::string>& lines) {
  const auto is_row = [](const std::string& line) { return parse_golden_row(line).ok(); };
  for (auto at = lines.begin(); at != lines.end();) {
    const auto end = std::find_if_not(at, lines.end(), is_row);
    std::sort(at, end);
    at = end == lines.end() ? end : end + 1;
  }
}

void drop_repeats(std::vector<std::string>& lines) {
  std::vector<std::string> kept;
  for (std::string& line : lines)
    if (std::find(kept.begin(), kept.end(), line) == kept.end()) kept.push_back(std::move(line));
  lines = std::move(kept);
}

/// Rows written the one way, so that sorting them does not depend on their blanks.
std::vector<std::string> plain_rows(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  out.reserve(lines.size());
  for (const std::string& line : lines)
    out.push_back(align_rows({line})[0]);
  return out;
}

}  // namespace

bool same_line(const std::string& expected, const std::string& actual) {
  const auto left = parse_golden_row(expected);
  const auto right = parse_golden_row(actual);
  if (left.ok() && right.ok()) return same_row(*left, *right);
  const std::string_view wanted = base::trim(expected);
  const std::string_view found = base::trim(actual);
  if (wanted.ends_with(anything))
    return found.starts_with(wanted.substr(0, wanted.size() - anything.size()));
  return wanted == found;
}

bool same_output(const GoldenBlock& block, const std::vector<std::string>& actual) {
  std::vector<std::string> wanted = block.expected;
  std::vector<std::string> found = actual;
  const auto duplicates = block.options.find("duplicates");
  if (block.has("rowsort") || duplicates != block.options.end()) {
    wanted = plain_rows(wanted);
    found = plain_rows(found);
  }
  if (duplicates != block.options.end() && duplicates->second == "ok") {
    drop_repeats(wanted);
    drop_repeats(found);
  }
  if (block.has("rowsort")) {
    sort_rows(wanted);
    sort_rows(found);
  }
  return std::equal(wanted.begin(), wanted.end(), found.begin(), found.end(), same_line);
}

// The longest common part, by the table of its lengths; golden blocks are short.
std::string unified_diff(const std::vector<std::string>& expected,
                         const std::vector<std::string>& actual, std::size_t line) {
  const std::size_t rows = expected.size();
  const std::size_t columns = actual.size();
  std::vector<std::size_t> lengths((rows + 1) * (columns + 1), 0);
  const auto length = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return lengths[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      length(i, j) = same_line(expected[i], actual[j])
                         ? length(i + 1, j + 1) + 1
                         : std::max(length(i + 1, j), length(i, j + 1));
    }
  }
  std::string text = "--- expected\n+++ found\n@@ -" + std::to_string(line) + "," +
                     std::to_string(rows) + " +" + std::to_string(line) + "," +
                     std::to_string(columns) + " @@\n";
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && same_line(expected[i], actual[j])) {
      text += " " + expected[i++] + "\n";
      ++j;
    } else if (i < rows && (j == columns || length(i + 1, j) >= length(i, j + 1))) {
      text += "-" + expected[i++] + "\n";
    } else {
      text += "+" + actual[j++] + "\n";
    }
  }
  return text;
}

}  // namespace eventflux::testkit
