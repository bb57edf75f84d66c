#include "encoder.hpp"

#include <algorithm>
#include <cstring>
#include <simdjson.h>

#include "eventflux/text.hpp"

namespace eventflux::mappers::json {
namespace {

std::string quoted_text(std::string_view text) {
  std::string out(text.size() * 6 + 16, '"');
  const char* end = write_escaped(text, out.data() + 1).end;
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out + '"';
}

char* copy(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Line ends can only be blanks in a JSON document, and a row must stay on its line.
char* copy_json(std::string_view text, char* out) {
  char* end = copy(text, out);
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    std::replace(out, end, '\n', ' ');
    std::replace(out, end, '\r', ' ');
  }
  return end;
}

constexpr std::size_t block = 16;

// Text in front of a value is short and copied in whole blocks; what is too much is overwritten.
char* copy_blocks(const char* text, std::size_t length, char* out) {
  for (std::size_t done = 0; done < length; done += block)
    std::memcpy(out + done, text + done, block);
  return out + length;
}

// Returns the end of the text, or a null pointer when it is not UTF-8.
char* write_utf8(std::string_view text, char* out) {
  const EscapedText escaped = write_escaped(text, out);
  return escaped.ascii || simdjson::validate_utf8(text) ? escaped.end : nullptr;
}

}  // namespace

Result<std::unique_ptr<Encoder>> JsonEncoder::open(const EncodeOptions& options,
                                                   const Schema& schema) {
  std::unique_ptr<JsonEncoder> made(new JsonEncoder(options, schema));
  if (options.template_text.empty()) {
    made->make_object(schema);
  } else {
    EF_CHECK(made->make_template(schema));
  }
  made->fixed_ = made->first_.size() + made->after_.size();
  for (Piece& piece : made->pieces_) {
    piece.length = piece.before.size();
    piece.before.append(block, '\0');
    made->fixed_ += piece.before.size() + scalar_size_max;
    if (is_stored_as_text(schema.fields[piece.column].type)) made->texts_.push_back(piece.column);
  }
  return std::unique_ptr<Encoder>(std::move(made));
}

JsonEncoder::JsonEncoder(const EncodeOptions& options, const Schema& schema)
    : options_(options), style_{options.timestamps, options.bigint, options.decimal} {
  for (const Field& field : schema.fields)
    names_.push_back(field.name);
}

void JsonEncoder::make_object(const Schema& schema) {
  const std::string_view line = options_.pretty_print ? "\n  " : "";
  first_ = "{" + std::string(line);
  for (std::uint32_t i = 0; i < schema.size(); ++i) {
    pieces_.push_back({"," + std::string(line) + quoted_text(schema.fields[i].name) +
                           (options_.pretty_print ? ": " : ":"),
                       i, Form::value});
  }
  after_ = options_.pretty_print ? "\n}" : "}";
}

// A `{{column}}` inside a JSON string becomes escaped text, elsewhere a JSON value.
Result<void> JsonEncoder::make_template(const Schema& schema) {
  std::string_view rest = options_.template_text;
  Form form = Form::value;
  while (true) {
    const std::size_t open = rest.find("{{");
    const std::string_view text = rest.substr(0, open);
    form = form_behind(text, form);
    if (open == std::string_view::npos) {
      after_ = rest;
      return {};
    }
    const std::size_t close = rest.find("}}", open);
    const std::string name(rest.substr(open + 2, close - open - 2));
    const auto column = schema.find(name);
    if (close == std::string_view::npos || !column) {
      return Error{Code::unknown_column, "unknown column '" + name + "' in template",
                   "columns: " + to_text(schema)};
    }
    pieces_.push_back({std::string(text), static_cast<std::uint32_t>(*column), form});
    rest.remove_prefix(close + 2);
  }
}

// Returns the form of a value behind the text, if one in front of it has form `form`.
JsonEncoder::Form JsonEncoder::form_behind(std::string_view text, Form form) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') form = form == Form::value ? Form::inside_quotes : Form::value;
    if (text[i] == '\\') ++i;
  }
  return form;
}

std::size_t JsonEncoder::size_max(const Batch& batch, std::uint32_t row) const {
  std::size_t size = fixed_;
  for (const std::uint32_t column : texts_)
    size += std::size_t{batch.columns[column].at<Text>(row).length} * 6;
  return size;
}

// The first member follows the brace, not a comma and its line break.
char* JsonEncoder::write_before(const Piece& piece, bool first, char* out) const {
  if (!first) return copy_blocks(piece.before.data(), piece.length, out);
  return copy_blocks(piece.before.data() + first_.size(), piece.length - first_.size(), out);
}

// Returns the end of the value, or a null pointer when it is text that is not UTF-8.
char* JsonEncoder::write_value(const Batch& batch, std::uint32_t row, const Piece& piece,
                               char* out) const {
  const Column& column = batch.columns[piece.column];
  if (column.is_null(row)) return piece.form == Form::value ? copy("null", out) : out;
  if (is_text(column.type)) {
    const std::string_view text = column.at<Text>(row).view();
    if (piece.form == Form::inside_quotes) return write_utf8(text, out);
    if (column.type == Type::json) return copy_json(text, out);
    *out = '"';
    char* end = write_utf8(text, out + 1);
    if (end != nullptr) *end++ = '"';
    return end;
  }
  if (column.type == Type::bytes) {
    const std::string text = to_base64(column.at<Text>(row).view());
    if (piece.form == Form::inside_quotes) return copy(text, out);
    *out = '"';
    char* end = copy(text, out + 1);
    *end++ = '"';
    return end;
  }
  char* end = write_scalar(column, row, style_, out);
  if (piece.form == Form::inside_quotes && *out == '"') {
    // The template has its own quotes.
    std::memmove(out, out + 1, static_cast<std::size_t>(end - out - 1));
    end -= 2;
  }
  return end;
}

Error JsonEncoder::not_utf8(const Piece& piece) const {
  return {Code::unencodable, "column '" + names_[piece.column] + "': text is not UTF-8"};
}

Result<void> JsonEncoder::encode(const Batch& batch, std::uint32_t row, std::string& out) {
  const std::uint32_t at = batch.selection[row];
  const std::size_t needed = size_max(batch, at);
  if (buffer_.size() < needed) buffer_.resize(needed * 2);
  char* end = copy(first_, buffer_.data());
  bool first = !first_.empty();
  for (const Piece& piece : pieces_) {
    if (options_.nulls == Nulls::omit && batch.columns[piece.column].is_null(at)) continue;
    end = write_value(batch, at, piece, write_before(piece, first, end));
    if (end == nullptr) return not_utf8(piece);
    first = false;
  }
  end = copy(after_, end);
  out.append(buffer_.data(), static_cast<std::size_t>(end - buffer_.data()));
  return {};
}

}  // namespace eventflux::mappers::json
