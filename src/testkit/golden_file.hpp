#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"

namespace eventflux::testkit {

/// One directive of a golden file with its input and what must come out.
/// Shape: `line` counts from 1; the expected lines are `first` … `last` - 1 of the file, from 0.
struct GoldenBlock {
  std::size_t line = 0;
  std::string verb;
  std::vector<std::string> words;              ///< Arguments without a key, in order.
  std::map<std::string, std::string> options;  ///< Arguments with a key.
  std::vector<std::string> body;
  std::size_t body_first = 0;
  std::vector<std::string> expected;
  std::size_t first = 0;
  std::size_t last = 0;

  /// Returns whether a word without a key is among the arguments.
  bool has(std::string_view word) const;
  /// Returns the directive as written, without its input.
  std::string title() const;
};

/// A golden file: header, blocks, and its lines as they are on disk.
struct GoldenFile {
  std::string path;
  std::map<std::string, std::string> header;
  std::vector<std::string> lines;
  std::vector<GoldenBlock> blocks;
};

/// Reads the text of a golden file. Fails: EF0807 with "path:line" and what is wrong there.
Result<GoldenFile> parse_golden(std::string path, std::string_view text);

/// One row as golden files write it.
/// Shape: `time` as written, empty when absent; `kind` is '+', '-' or ' ' when absent; cells as
/// written, trimmed.
struct GoldenRow {
  std::string time;
  char kind = ' ';
  std::vector<std::string> cells;
};

/// Reads "@100ms + | IBM | 10.0". Fails: EF0807.
Result<GoldenRow> parse_golden_row(std::string_view line);

/// Returns the text of a cell; JSON strings are read. Shape: nothing for `null`.
std::optional<std::string> golden_cell(std::string_view cell);
/// Returns a cell that reads back as `text`.
std::string to_golden_cell(const std::string& text);

/// Returns lines with the cells of neighbouring rows in columns; other lines as they are.
std::vector<std::string> align_rows(const std::vector<std::string>& lines);

}  // namespace eventflux::testkit
