#include "testkit/golden_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "syntax/source_text.hpp"
#include "testkit/golden_check.hpp"

namespace eventflux::testkit {
namespace {

constexpr std::string_view divider = "----";

Error misfit(const GoldenFile& file, std::size_t line, const std::string& what,
             std::string help = {}) {
  return {Code::row_mismatch, file.path + ":" + std::to_string(line) + ": " + what,
          std::move(help)};
}

std::vector<std::string> to_lines(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<std::string> lines;
  for (std::string_view line : base::split(text, '\n'))
    lines.emplace_back(line);
  return lines;
}

/// Returns where the JSON string that begins at `begin` ends; npos when it does not.
std::size_t string_end(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

/// Reads the words after the verb: `word`, `key=word`, `key="text"`.
bool parse_arguments(std::string_view text, GoldenBlock& block) {
  while (!(text = base::trim(text)).empty()) {
    const std::size_t key_end = text.find_first_of("= \t");
    if (key_end == std::string_view::npos || text[key_end] != '=') {
      block.words.emplace_back(text.substr(0, key_end));
      text.remove_prefix(block.words.back().size());
      continue;
    }
    const std::string key(text.substr(0, key_end));
    text.remove_prefix(key_end + 1);
    if (text.starts_with('"')) {
      const std::size_t end = string_end(text, 0);
      const auto value = base::unquote_json(text.substr(0, end));
      if (!value) return false;
      block.options[key] = *value;
      text.remove_prefix(end);
      continue;
    }
    block.options[key] = std::string(text.substr(0, text.find_first_of(" \t")));
    text.remove_prefix(block.options[key].size());
  }
  return true;
}

void parse_prose(GoldenFile& file, std::string_view line) {
  const std::string_view text = base::trim(line.substr(1));
  const std::size_t colon = text.find(':');
  if (!file.blocks.empty() || colon == std::string_view::npos) return;
  const std::string_view key = text.substr(0, colon);
  if (key.find(' ') == std::string_view::npos)
    file.header.emplace(key, base::trim(text.substr(colon + 1)));
}

/// Reads the block that begins at line `at`, counted from 0; returns the line after it.
Result<std::size_t> parse_block(GoldenFile& file, std::size_t at) {
  GoldenBlock block;
  block.line = at + 1;
  const std::string_view head = base::trim(file.lines[at]);
  block.verb = head.substr(0, head.find_first_of(" \t"));
  if (!parse_arguments(head.substr(block.verb.size()), block))
    return misfit(file, at + 1, "an argument is a word or key=word or key=\"JSON string\"");
  if (const auto checked = check_block(block); !checked.ok())
    return misfit(file, at + 1, checked.error().message, checked.error().help);
  block.body_first = ++at;
  for (; at < file.lines.size() && base::trim(file.lines[at]) != divider; ++at)
    block.body.push_back(file.lines[at]);
  if (at == file.lines.size()) {
    return misfit(file, block.line, "'" + block.verb + "' has no line of ----",
                  "the line ends the input; what must come out follows");
  }
  block.first = ++at;
  for (; at < file.lines.size() && !base::trim(file.lines[at]).empty(); ++at)
    block.expected.push_back(file.lines[at]);
  block.last = at;
  file.blocks.push_back(std::move(block));
  return at;
}

}  // namespace

bool GoldenBlock::has(std::string_view word) const {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string GoldenBlock::title() const {
  std::string text = verb;
  for (const std::string& word : words)
    text += " " + word;
  for (const auto& [key, value] : options)
    text.append(" ").append(key).append("=").append(value);
  return text;
}

Result<GoldenFile> parse_golden(std::string path, std::string_view text) {
  GoldenFile file;
  file.path = std::move(path);
  file.lines = to_lines(text);
  for (std::size_t at = 0; at < file.lines.size();) {
    const std::string_view line = base::trim(file.lines[at]);
    if (line.empty() || line.starts_with('#')) {
      if (!line.empty()) parse_prose(file, line);
      ++at;
      continue;
    }
    EF_TRY(at, parse_block(file, at));
  }
  if (const auto checked = check_header(file); !checked.ok())
    return misfit(file, 1, checked.error().message, checked.error().help);
  return file;
}

Result<GoldenRow> parse_golden_row(std::string_view line) {
  GoldenRow row;
  std::string_view rest = base::trim(line);
  if (rest.starts_with('@')) {
    row.time = rest.substr(1, rest.find_first_of(" \t|") - 1);
    rest = base::trim(rest.substr(row.time.size() + 1));
  }
  if (rest.starts_with('+') || rest.starts_with('-')) {
    row.kind = rest[0];
    rest = base::trim(rest.substr(1));
  }
  if (!rest.starts_with('|')) {
    return Error{Code::row_mismatch, "'" + std::string(line) + "' is not a row",
                 "write it like @100ms | IBM | 10.0"};
  }
  while (rest.starts_with('|')) {
    rest = base::trim(rest.substr(1));
    std::size_t end = rest.find('|');
    if (rest.starts_with('"')) {
      if (const std::size_t closed = string_end(rest, 0); closed != std::string_view::npos)
        end = rest.find('|', closed);
    }
    row.cells.emplace_back(base::trim(rest.substr(0, end)));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  }
  return row;
}

std::optional<std::string> golden_cell(std::string_view cell) {
  if (cell == "null") return std::nullopt;
  if (cell.starts_with('"'))
    if (auto text = base::unquote_json(cell)) return text;
  return std::string(cell);
}

std::string to_golden_cell(const std::string& text) {
  const bool plain = !text.empty() && text != "null" && base::trim(text) == text &&
                     !text.starts_with('"') && text.find('|') == std::string::npos &&
                     text != "<ignore>" && std::none_of(text.begin(), text.end(), [](char c) {
                       return static_cast<unsigned char>(c) < ' ';
                     });
  return plain ? text : base::quote_json(text);
}

namespace {

bool is_row(const std::string& line) {
  const std::string_view text = base::trim(line);
  return (text.starts_with('@') || text.starts_with('|') || text.starts_with("+ |") ||
          text.starts_with("- |")) &&
         parse_golden_row(text).ok();
}

void pad(std::string& text, std::size_t width) {
  const std::size_t have = syntax::characters(text);
  if (have < width) text.append(width - have, ' ');
}

std::string lead_of(const GoldenRow& row, std::size_t time_width) {
  std::string lead = row.time.empty() ? "" : "@" + row.time;
  if (row.kind == ' ') return lead;
  pad(lead, time_width);
  return lead + (lead.empty() ? "" : " ") + row.kind;
}

/// Writes rows that stand together: every cell as wide as the widest of its column.
void align_run(const std::vector<GoldenRow>& rows, std::vector<std::string>& out) {
  std::vector<std::size_t> widths(1, 0);
  std::size_t time_width = 0;
  for (const GoldenRow& row : rows)
    if (!row.time.empty()) time_width = std::max(time_width, row.time.size() + 1);
  for (const GoldenRow& row : rows) {
    widths.resize(std::max(widths.size(), row.cells.size() + 1), 0);
    widths[0] = std::max(widths[0], lead_of(row, time_width).size());
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      widths[i + 1] = std::max<std::size_t>(widths[i + 1], syntax::characters(row.cells[i]));
  }
  for (const GoldenRow& row : rows) {
    std::string line = lead_of(row, time_width);
    pad(line, widths[0]);
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      std::string cell = row.cells[i];
      if (i + 1 != row.cells.size()) pad(cell, widths[i + 1]);
      line += (line.empty() ? "| " : " | ") + cell;
    }
    out.emplace_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
}

}  // namespace

std::vector<std::string> align_rows(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  std::vector<GoldenRow> run;
  for (const std::string& line : lines) {
    if (is_row(line)) {
      run.push_back(*parse_golden_row(line));
      continue;
    }
    align_run(run, out);
    run.clear();
    out.push_back(line);
  }
  align_run(run, out);
  return out;
}

}  // namespace eventflux::testkit
