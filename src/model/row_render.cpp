#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "eventflux/row_text.hpp"
#include "eventflux/text.hpp"

#include "base/display_text.hpp"
#include "base/text.hpp"

namespace eventflux {
namespace {

using Cells = std::vector<std::string>;

constexpr int box_decimals_max = 6;
constexpr std::size_t box_decimals_min = 2;

constexpr std::size_t column_width_min = 4;  // narrower ones say nothing
constexpr std::string_view more_mark = "…";

std::string plain_cell(const Batch& batch, std::uint32_t row, std::size_t column) {
  std::string text;
  if (!batch.is_null(row, column)) write_cell(batch.columns[column], batch.selection[row], text);
  return text;
}

// A real for people: grouped thousands and at most six decimals, where that shows its size.
std::string shown_real(double value) {
  const double magnitude = std::fabs(value);
  if (!std::isfinite(value) || magnitude >= 1e15 || (magnitude < 1e-3 && value != 0))
    return real_text(value);
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude,
                                 std::chars_format::fixed, box_decimals_max)
                       .ptr;
  std::string text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  text.erase(std::max(text.find_last_not_of('0') + 1, text.find('.') + 1 + box_decimals_min));
  for (std::size_t at = text.find('.'); at > 3; at -= 3)
    text.insert(at - 3, 1, ',');
  if (std::signbit(value)) text.insert(text.begin(), '-');
  return text;
}

std::string shown_cell(const Batch& batch, std::uint32_t row, std::size_t column) {
  if (batch.is_null(row, column)) return "null";
  const Type type = batch.columns[column].type;
  if (is_real(type)) return shown_real(batch.real(row, column));
  std::string text = plain_cell(batch, row, column);
  if (type == Type::timestamp) {
    std::replace(text.begin(), text.end(), 'T', ' ');
    text.pop_back();
  }
  return type == Type::string || type == Type::json ? base::escape_controls(text) : text;
}

std::size_t decimals_of(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || text.find('e') != std::string_view::npos) return 0;
  return text.size() - point - 1;
}

// Gives all reals of a column the same number of decimals, so that their points stand in line.
void align_points(std::vector<Cells>& rows, std::size_t column) {
  std::size_t most = 0;
  for (const Cells& cells : rows)
    most = std::max(most, decimals_of(cells[column]));
  for (Cells& cells : rows) {
    if (const std::size_t own = decimals_of(cells[column]); own > 0)
      cells[column].append(most - own, '0');
  }
}

std::vector<Cells> shown_rows(const Schema& schema, const Batch& batch) {
  std::vector<Cells> rows(batch.size());
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    for (std::size_t column = 0; column < schema.size(); ++column)
      rows[row].push_back(shown_cell(batch, row, column));
  }
  for (std::size_t column = 0; column < schema.size(); ++column)
    if (is_real(schema.fields[column].type)) align_points(rows, column);
  return rows;
}

/// The columns of a box that a terminal has room for: the first ones, and whether more follow.
struct Layout {
  std::vector<std::size_t> widths;
  bool more = false;

  bool operator==(const Layout&) const = default;
};

std::size_t box_width(const Layout& layout) {
  std::size_t width = layout.more ? 5 : 1;
  for (const std::size_t one : layout.widths)
    width += one + 3;
  return width;
}

/// Makes the widest columns narrower until all fit into `columns`, then leaves out the last ones.
Layout lay_out(std::vector<std::size_t> widths, std::size_t columns) {
  Layout layout{std::move(widths), false};
  if (columns == 0 || layout.widths.empty()) return layout;
  while (box_width(layout) > columns) {
    const auto widest = std::max_element(layout.widths.begin(), layout.widths.end());
    if (*widest <= column_width_min) break;
    --*widest;
  }
  while (box_width(layout) > columns && layout.widths.size() > 1) {
    layout.widths.pop_back();
    layout.more = true;
  }
  return layout;
}

void append_edge(const Layout& layout, std::array<std::string_view, 3> corners, std::string& out) {
  std::vector<std::size_t> widths = layout.widths;
  if (layout.more) widths.push_back(1);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    out += corners[i == 0 ? 0 : 1];
    for (std::size_t n = 0; n < widths[i] + 2; ++n)
      out += "─";
  }
  out += corners[2];
  out += '\n';
}

/// Appends one line of a box; `cell(i)` returns the text of column i, and whether it is set right.
template <class Cell>
void append_line(const Layout& layout, Cell cell, std::string& out) {
  for (std::size_t i = 0; i < layout.widths.size(); ++i) {
    const auto [text, right] = cell(i);
    const std::size_t width = layout.widths[i];
    out += "│ " + base::pad_columns(base::fit_columns(text, width), width, right) + ' ';
  }
  if (layout.more) out.append("│ ").append(more_mark).append(" ");
  out += "│\n";
}

void append_row(const Schema& schema, const Layout& layout, const Cells& cells, std::string& out) {
  append_line(
      layout, [&](std::size_t i) { return std::pair(cells[i], is_numeric(schema.fields[i].type)); },
      out);
}

std::string type_text(const Field& field) {
  return base::lower(type_name(field.type));
}

void append_header(const Schema& schema, const Layout& layout, std::string& out) {
  append_edge(layout, {"┌", "┬", "┐"}, out);
  append_line(
      layout,
      [&](std::size_t i) { return std::pair(base::escape_controls(schema.fields[i].name), false); },
      out);
  append_line(
      layout, [&](std::size_t i) { return std::pair(type_text(schema.fields[i]), false); }, out);
  append_edge(layout, {"├", "┼", "┤"}, out);
}

std::string json_cell(const Batch& batch, std::uint32_t row, std::size_t column) {
  if (batch.is_null(row, column)) return "null";
  const Type type = batch.columns[column].type;
  if (is_real(type) && !std::isfinite(batch.real(row, column))) return "null";
  if (type == Type::timestamp) {
    std::array<char, rfc3339_size_max> buffer{};
    const char* end = write_rfc3339(Timestamp{batch.integer(row, column)}, buffer.data());
    return "\"" + std::string(static_cast<const char*>(buffer.data()), end) + "\"";
  }
  if (type == Type::bytes) return base::quote_json(to_base64(batch.bytes(row, column)));
  const std::string text = plain_cell(batch, row, column);
  return type == Type::string || type == Type::duration ? base::quote_json(text) : text;
}

void append_json(const Schema& schema, const Batch& batch, std::uint32_t row,
                 std::string_view title, std::string& out) {
  out += '{';
  if (!title.empty()) out += "\"_stream\":" + base::quote_json(title) + ',';
  for (std::size_t i = 0; i < schema.size(); ++i)
    out += base::quote_json(schema.fields[i].name) + ":" + json_cell(batch, row, i) + ',';
  if (out.back() == ',') out.pop_back();
  out += "}\n";
}

std::string csv_text(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

struct Separators {
  std::string_view first;
  std::string_view between;
  std::string_view last;
};

Separators separators(RowFormat format) {
  switch (format) {
    case RowFormat::csv:
      return {"", ",", "\n"};
    case RowFormat::raw:
      return {"", "\t", "\n"};
    case RowFormat::markdown:
      return {"| ", " | ", " |\n"};
    default:
      return {"+ | ", " | ", "\n"};
  }
}

/// Returns a text as a cell of a Markdown table, which a bar or a line end would break.
std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "<br>";
    } else {
      if (c == '|' || c == '\\') out += '\\';
      out += c;
    }
  }
  return base::escape_controls(out);
}

std::string separated_text(const std::string& text, RowFormat format) {
  switch (format) {
    case RowFormat::csv:
      return csv_text(text);
    case RowFormat::markdown:
      return markdown_text(text);
    case RowFormat::changelog:
      return base::escape_controls(text);
    default:
      return text;
  }
}

std::string separated_cell(const Batch& batch, std::uint32_t row, std::size_t column,
                           RowFormat format) {
  const bool null = batch.is_null(row, column);
  if (null && format != RowFormat::raw) return format == RowFormat::csv ? "" : "null";
  std::string text;
  if (!null && format == RowFormat::csv) {
    write_field(batch.columns[column], batch.selection[row], text);
    return csv_text(text);
  }
  return separated_text(plain_cell(batch, row, column), format);
}

void append_separated(const Batch& batch, std::uint32_t row, RowFormat format,
                      std::string_view title, std::string& out) {
  const Separators parts = separators(format);
  out += parts.first;
  if (!title.empty() && format != RowFormat::raw)
    out.append(separated_text(std::string(title), format)).append(parts.between);
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    if (i != 0) out += parts.between;
    out += separated_cell(batch, row, i, format);
  }
  out += parts.last;
}

std::string header_line(const Schema& schema, RowFormat format, std::string_view title) {
  std::string out;
  if (format != RowFormat::csv && format != RowFormat::markdown) return out;
  const bool csv = format == RowFormat::csv;
  std::string rule = title.empty() ? "" : "|---";
  out += title.empty() ? "" : csv ? "_stream," : "| _stream ";
  for (const Field& field : schema.fields) {
    out += csv ? csv_text(field.name) + ',' : "| " + markdown_text(field.name) + ' ';
    rule += is_numeric(field.type) ? "|--:" : "|---";
  }
  if (!csv) return out + "|\n" + rule + "|\n";
  out.back() = '\n';
  return out;
}

void append_lines(const Schema& schema, const Batch& batch, std::uint32_t row,
                  std::string_view title, std::string& out) {
  std::vector<std::pair<std::string, std::string>> lines;
  if (!title.empty()) lines.emplace_back("_stream", title);
  for (std::size_t i = 0; i < schema.size(); ++i) {
    lines.emplace_back(
        base::escape_controls(schema.fields[i].name),
        batch.is_null(row, i) ? "null" : base::escape_controls(plain_cell(batch, row, i)));
  }
  std::size_t width = 0;
  for (const auto& [name, value] : lines)
    width = std::max(width, base::display_width(name));
  for (const auto& [name, value] : lines)
    out += base::pad_columns(name, width, true) + " = " + value + "\n";
  out += '\n';
}

}  // namespace

std::string RowRenderer::header() {
  if (started_) return {};
  started_ = true;
  if (format_ != RowFormat::box) return header_line(schema_, format_, title_);
  std::string out = title_.empty() ? "" : base::escape_controls(title_) + "\n";
  append_header(schema_, lay_out(widths_, columns_), out);
  return out;
}

std::string RowRenderer::table(const Batch& batch) {
  const std::vector<Cells> rows = shown_rows(schema_, batch);
  std::vector<std::size_t> widths = widths_;
  widths.resize(schema_.size());
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const Field& field = schema_.fields[i];
    widths[i] = std::max({widths[i], base::display_width(base::escape_controls(field.name)),
                          type_name(field.type).size()});
    for (const Cells& cells : rows)
      widths[i] = std::max(widths[i], base::display_width(cells[i]));
  }
  const Layout layout = lay_out(widths, columns_);
  std::string out;
  if (started_ && layout != lay_out(widths_, columns_)) out = end();
  widths_ = std::move(widths);
  out += header();
  for (const Cells& cells : rows)
    append_row(schema_, layout, cells, out);
  return out;
}

std::string RowRenderer::rows(const Batch& batch) {
  if (batch.size() == 0) return {};
  if (format_ == RowFormat::box) return table(batch);
  std::string out = header();
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    if (format_ == RowFormat::json) {
      append_json(schema_, batch, row, title_, out);
    } else if (format_ == RowFormat::line) {
      append_lines(schema_, batch, row, title_, out);
    } else {
      append_separated(batch, row, format_, title_, out);
    }
  }
  return out;
}

std::string RowRenderer::end() {
  std::string out;
  if (format_ == RowFormat::box && started_)
    append_edge(lay_out(widths_, columns_), {"└", "┴", "┘"}, out);
  started_ = false;
  return out;
}

std::string render_rows(const Schema& schema, const Batch& batch, RowFormat format) {
  RowRenderer renderer(schema, format);
  std::string text = renderer.rows(batch);
  return text + renderer.end();
}

}  // namespace eventflux
