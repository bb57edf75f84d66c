#include "eventflux/row_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace eventflux {
namespace {

using Cells = std::vector<std::string>;

constexpr int box_decimals_max = 6;
constexpr std::size_t box_decimals_min = 2;

/// Returns characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

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
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
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

void append_padded(std::string_view text, std::size_t width, bool right, std::string& out) {
  const std::string blanks(width - std::min(width, width_of(text)), ' ');
  out += right ? blanks + std::string(text) : std::string(text) + blanks;
}

void append_edge(const std::vector<std::size_t>& widths, std::array<std::string_view, 3> corners,
                 std::string& out) {
  for (std::size_t i = 0; i < widths.size(); ++i) {
    out += corners[i == 0 ? 0 : 1];
    for (std::size_t n = 0; n < widths[i] + 2; ++n)
      out += "─";
  }
  out += corners[2];
  out += '\n';
}

void append_row(const Schema& schema, const std::vector<std::size_t>& widths, const Cells& cells,
                std::string& out) {
  for (std::size_t i = 0; i < widths.size(); ++i) {
    out += "│ ";
    append_padded(cells[i], widths[i], is_numeric(schema.fields[i].type), out);
    out += ' ';
  }
  out += "│\n";
}

void append_header(const Schema& schema, const std::vector<std::size_t>& widths, std::string& out) {
  append_edge(widths, {"┌", "┬", "┐"}, out);
  for (const bool types : {false, true}) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const Field& field = schema.fields[i];
      out += "│ ";
      append_padded(types ? base::lower(type_name(field.type)) : field.name, widths[i], false, out);
      out += ' ';
    }
    out += "│\n";
  }
  append_edge(widths, {"├", "┼", "┤"}, out);
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
  const std::string text = plain_cell(batch, row, column);
  return type == Type::string || type == Type::duration ? base::quote_json(text) : text;
}

void append_json(const Schema& schema, const Batch& batch, std::uint32_t row, std::string& out) {
  for (std::size_t i = 0; i < schema.size(); ++i) {
    out += i == 0 ? "{" : ",";
    out += base::quote_json(schema.fields[i].name) + ":" + json_cell(batch, row, i);
  }
  out += schema.size() == 0 ? "{}\n" : "}\n";
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

Separators separators(const Batch& batch, RowFormat format) {
  switch (format) {
    case RowFormat::csv:
      return {"", ",", "\n"};
    case RowFormat::raw:
      return {"", "\t", "\n"};
    case RowFormat::markdown:
      return {"| ", " | ", " |\n"};
    default:
      return {batch.kind == RowKind::insert ? "+ | " : "- | ", " | ", "\n"};
  }
}

std::string separated_cell(const Batch& batch, std::uint32_t row, std::size_t column,
                           RowFormat format) {
  const bool null = batch.is_null(row, column);
  std::string text = plain_cell(batch, row, column);
  if (format == RowFormat::raw) return text;
  if (format == RowFormat::csv) return null ? std::string() : csv_text(text);
  return null ? "null" : text;
}

void append_separated(const Batch& batch, std::uint32_t row, RowFormat format, std::string& out) {
  const Separators parts = separators(batch, format);
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    out += i == 0 ? parts.first : parts.between;
    out += separated_cell(batch, row, i, format);
  }
  out += parts.last;
}

void append_header_line(const Schema& schema, RowFormat format, std::string& out) {
  if (format == RowFormat::csv) {
    for (std::size_t i = 0; i < schema.size(); ++i)
      out += (i == 0 ? "" : ",") + csv_text(schema.fields[i].name);
    out += '\n';
  }
  if (format != RowFormat::markdown) return;
  for (const Field& field : schema.fields)
    out += "| " + field.name + " ";
  out += "|\n";
  for (const Field& field : schema.fields)
    out += is_numeric(field.type) ? "|--:" : "|---";
  out += "|\n";
}

void append_lines(const Schema& schema, const Batch& batch, std::uint32_t row, std::string& out) {
  std::size_t width = 0;
  for (const Field& field : schema.fields)
    width = std::max(width, width_of(field.name));
  for (std::size_t i = 0; i < schema.size(); ++i) {
    append_padded(schema.fields[i].name, width, true, out);
    out += " = " + (batch.is_null(row, i) ? "null" : plain_cell(batch, row, i)) + "\n";
  }
  out += '\n';
}

void append_row_text(const Schema& schema, const Batch& batch, std::uint32_t row, RowFormat format,
                     std::string& out) {
  if (format == RowFormat::json) return append_json(schema, batch, row, out);
  if (format == RowFormat::line) return append_lines(schema, batch, row, out);
  append_separated(batch, row, format, out);
}

}  // namespace

Result<DatePattern> ParamCodec<DatePattern>::parse(std::string_view text) {
  if (text.empty())
    return Error{Code::invalid_value, "'' is not a date pattern", "leave it out for RFC 3339"};
  auto made = DatePattern::compile(text);
  if (made.ok()) return made;
  Error error = std::move(made).error();
  error.message = "'" + std::string(text) + "' cannot be read: " + error.message;
  return error;
}

std::string RowRenderer::table(const Batch& batch) {
  const std::vector<Cells> rows = shown_rows(schema_, batch);
  std::vector<std::size_t> widths = widths_;
  widths.resize(schema_.size());
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const Field& field = schema_.fields[i];
    widths[i] = std::max({widths[i], width_of(field.name), type_name(field.type).size()});
    for (const Cells& cells : rows)
      widths[i] = std::max(widths[i], width_of(cells[i]));
  }
  std::string out;
  if (started_ && widths != widths_) out = end();
  widths_ = std::move(widths);
  if (!started_) append_header(schema_, widths_, out);
  started_ = true;
  for (const Cells& cells : rows)
    append_row(schema_, widths_, cells, out);
  return out;
}

std::string RowRenderer::rows(const Batch& batch) {
  if (format_ == RowFormat::box) return batch.size() == 0 ? "" : table(batch);
  std::string out;
  if (!started_) append_header_line(schema_, format_, out);
  started_ = true;
  for (std::uint32_t row = 0; row < batch.size(); ++row)
    append_row_text(schema_, batch, row, format_, out);
  return out;
}

std::string RowRenderer::end() {
  std::string out;
  if (format_ == RowFormat::box && started_) append_edge(widths_, {"└", "┴", "┘"}, out);
  started_ = false;
  return out;
}

std::string render_rows(const Schema& schema, const Batch& batch, RowFormat format) {
  RowRenderer renderer(schema, format);
  std::string text = renderer.rows(batch);
  return text + renderer.end();
}

}  // namespace eventflux
