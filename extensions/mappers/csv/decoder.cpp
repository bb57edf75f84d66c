// A payload holds one record or several. Fields are views of the payload; one that holds escapes is
// rewritten in place, where it only gets shorter.
#include <algorithm>
#include <charconv>
#include <utility>

#include "eventflux/text.hpp"

#include "csv.hpp"

namespace eventflux::mappers::csv {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t line_shown_max = 80;

struct Cell {
  std::string_view text{};
  bool quoted = false;
};

/// The characters that carry meaning.
struct Marks {
  char delimiter;
  char quote;
  char escape;
};

/// Splits text into records.
class Records {
 public:
  Records(Marks marks, std::span<char> text)
      : marks_(marks), next_(text.data()), end_(next_ + text.size()) {}

  /// Returns whether the last record ended inside a quoted field.
  bool open_quote() const { return open_quote_; }

  bool at_end() const { return next_ == end_; }

  std::string_view rest() const { return {next_, static_cast<std::size_t>(end_ - next_)}; }

  void skip_line() {
    next_ = std::find(next_, end_, '\n');
    if (next_ != end_) ++next_;
  }

  /// Reads the fields up to the end of the record. Fails: EF0601.
  Result<void> read(std::vector<Cell>& cells) {
    cells.clear();
    while (true) {
      cells.emplace_back();
      EF_CHECK(read_cell(cells.back()));
      if (next_ == end_) return {};
      if (*next_++ == '\n') return {};
    }
  }

 private:
  Result<void> read_cell(Cell& cell) {
    if (next_ != end_ && *next_ == marks_.quote) return read_quoted(cell);
    read_plain(cell);
    return {};
  }

  void read_plain(Cell& cell) {
    const char* begin = next_;
    while (next_ != end_ && *next_ != marks_.delimiter && *next_ != '\n')
      ++next_;
    auto size = static_cast<std::size_t>(next_ - begin);
    const bool line_end = next_ == end_ || *next_ == '\n';
    if (line_end && size > 0 && begin[size - 1] == '\r') --size;
    cell.text = {begin, size};
  }

  Result<void> read_quoted(Cell& cell) {
    char* const begin = ++next_;
    char* out = begin;
    while (next_ != end_) {
      const bool escaped = *next_ == marks_.escape && next_ + 1 != end_ &&
                           (next_[1] == marks_.quote || next_[1] == marks_.escape);
      if (!escaped && *next_ == marks_.quote) break;
      if (escaped) ++next_;
      *out++ = *next_++;
    }
    if (next_ == end_) {
      open_quote_ = true;
      return Error{Code::undecodable,
                   "a quoted field does not end: if it holds line ends, the source needs "
                   "framing='whole'"};
    }
    ++next_;
    if (next_ != end_ && *next_ == '\r') ++next_;
    if (next_ != end_ && *next_ != marks_.delimiter && *next_ != '\n')
      return Error{Code::undecodable, "text after the end of a quoted field"};
    cell = {{begin, static_cast<std::size_t>(out - begin)}, true};
    return {};
  }

  Marks marks_;
  char* next_;
  char* end_;
  bool open_quote_ = false;
};

constexpr std::size_t unbound = ~std::size_t{0};

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(DecodeOptions options, const DecoderSpec& spec, Marks marks, TimeStyle times)
      : options_(std::move(options)),
        fields_(spec.fields),
        marks_(marks),
        times_(std::move(times)) {}

  // Finds where each column is before the first record, as far as that is known.
  Result<void> bind() {
    for (const auto& mapped : options_.mapping)
      EF_CHECK(check_mapped(mapped.first));
    for (std::size_t i = 0; i < fields_.size(); ++i)
      EF_CHECK(bind_column(i));
    // Columns with paths are those of a condition, which are not all there are.
    const bool all = std::all_of(fields_.begin(), fields_.end(),
                                 [](const FieldSpec& field) { return field.path.empty(); });
    if (all && !options_.has_header && options_.mapping.empty()) fields_expected_ = fields_.size();
    return {};
  }

  Result<void> decode(std::span<char> payload, Timestamp arrived, BatchBuilder& rows) override {
    EF_TRY(const std::span<char> text, readable(payload));
    Records records(marks_, text);
    while (!records.at_end()) {
      const std::string_view rest = records.rest();
      const bool comment = !options_.comment.empty() && rest.starts_with(options_.comment);
      if (comment || rest.starts_with('\n') || rest.starts_with("\r\n")) {
        records.skip_line();
        continue;
      }
      const auto read = records.read(cells_);
      const bool follows_open_quote = std::exchange(open_quote_, records.open_quote());
      EF_CHECK(read);
      if (follows_open_quote) EF_CHECK(check_whole());
      if (options_.has_header && bind_header()) continue;
      EF_CHECK(append_row(rows));
      rows.end_row(arrived);
    }
    return {};
  }

 private:
  /// Returns the payload as UTF-8 without a byte order mark.
  Result<std::span<char>> readable(std::span<char> payload) {
    const std::string_view octets(payload.data(), payload.size());
    if (octets.starts_with(byte_order_mark)) payload = payload.subspan(byte_order_mark.size());
    if (options_.charset == Charset::latin1) {
      converted_ = from_latin1({payload.data(), payload.size()});
      return std::span<char>(converted_);
    }
    if (is_utf8({payload.data(), payload.size()})) return payload;
    return Error{Code::undecodable, "payload is not UTF-8: charset='latin1' takes every byte"};
  }

  /// A line that follows an open quote may be the rest of the same field: then a quote stands where
  /// none belongs, and its fields are not those of a record.
  Result<void> check_whole() const {
    const bool whole = std::none_of(cells_.begin(), cells_.end(), [&](const Cell& cell) {
      return !cell.quoted && cell.text.find(marks_.quote) != std::string_view::npos;
    });
    if (whole) return {};
    return Error{Code::undecodable,
                 "the rest of a quoted field that began in an earlier line: the source needs "
                 "framing='whole'"};
  }

  Result<void> check_mapped(const std::string& name) const {
    const bool known = std::any_of(fields_.begin(), fields_.end(),
                                   [&](const FieldSpec& field) { return field.name == name; });
    if (known) return {};
    return Error{Code::unknown_column, "unknown column '" + name + "' in mapping." + name,
                 "a mapping names a column of the stream"};
  }

  Result<void> bind_column(std::size_t index) {
    const std::string& name = fields_[index].name;
    const auto found = options_.mapping.find(name);
    const bool mapped = found != options_.mapping.end();
    const std::string& text = mapped ? found->second : name;
    std::size_t place = index;
    const auto [last, code] = std::from_chars(text.data(), text.data() + text.size(), place);
    const bool number = code == std::errc() && last == text.data() + text.size();
    const bool by_name = options_.has_header && !(number && mapped);
    if (!by_name && !number && mapped) {
      return Error{Code::invalid_value,
                   "mapping." + name + " = '" + text + "' needs has-header or a position"};
    }
    names_.push_back(by_name ? text : "");
    places_.push_back(by_name ? unbound : (number ? place : index));
    return {};
  }

  // A record that names every column is a header, wherever it stands: each file may bring its own.
  bool bind_header() {
    std::vector<std::size_t> found = places_;
    bool any = false;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (names_[i].empty()) continue;
      const auto cell = std::find_if(cells_.begin(), cells_.end(),
                                     [&](const Cell& c) { return trim_text(c.text) == names_[i]; });
      if (cell == cells_.end()) return false;
      found[i] = static_cast<std::size_t>(cell - cells_.begin());
      any = true;
    }
    if (!any) return false;
    places_ = std::move(found);
    fields_expected_ = cells_.size();
    return true;
  }

  /// Says what the first line was instead of the header, and which of its names was perhaps meant.
  Error no_header(std::size_t column) {
    if (first_line_.empty()) {
      for (const Cell& cell : cells_) {
        first_names_.emplace_back(trim_text(cell.text));
        first_line_ +=
            (first_line_.empty() ? "" : std::string(1, marks_.delimiter)) + std::string(cell.text);
      }
      if (first_line_.size() > line_shown_max) first_line_ = cut(first_line_) + "…";
    }
    std::string text = "no header names '" + names_[column] + "': the first line is '" +
                       escape_text(first_line_) + "'";
    if (const auto near = nearest_name(names_[column], first_names_))
      text += ": did you mean mapping." + fields_[column].name + "='" + *near + "'?";
    const bool undivided = first_names_.size() == 1;
    for (const char other : {';', '\t', '|', ','}) {
      if (!undivided || other == marks_.delimiter || first_line_.find(other) == std::string::npos)
        continue;
      text += std::string(": did you mean delimiter='") +
              (other == '\t' ? "\\t" : std::string(1, other)) + "'?";
      break;
    }
    return {Code::undecodable, std::move(text)};
  }

  static std::string cut(std::string_view text) {
    std::size_t end = line_shown_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
      --end;
    return std::string(text.substr(0, end));
  }

  Result<void> check_fields() const {
    if (options_.field_count == FieldCount::lenient || cells_.size() == fields_expected_) return {};
    const std::size_t last = *std::max_element(places_.begin(), places_.end());
    if (fields_expected_ == 0 && last < cells_.size()) return {};
    const std::string found = std::to_string(cells_.size());
    const std::string wanted =
        fields_expected_ == 0 ? std::to_string(last + 1) : std::to_string(fields_expected_);
    return Error{Code::undecodable,
                 "line has " + found + (cells_.size() == 1 ? " field, " : " fields, ") +
                     (options_.has_header ? "its header " : "the stream takes ") + wanted +
                     ": fields='lenient' fills with NULL and cuts"};
  }

  Result<void> append_row(BatchBuilder& rows) {
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (places_[i] == unbound) return no_header(i);
    if (!fields_.empty()) EF_CHECK(check_fields());
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      auto appended = append(i, rows.column(i));
      if (appended.ok()) continue;
      Error error = std::move(appended).error();
      const bool missing = error.code == Code::missing_field;
      error.message = "column '" + fields_[i].name + (missing ? "' " : "': ") + error.message;
      return error;
    }
    return {};
  }

  Result<void> append(std::size_t index, ColumnBuilder& column) {
    const FieldSpec& field = fields_[index];
    const Cell cell = places_[index] < cells_.size() ? cells_[places_[index]] : Cell{};
    const bool null =
        !cell.quoted && (options_.null ? options_.null->contains(cell.text) : cell.text.empty());
    if (!null && !(places_[index] >= cells_.size())) {
      return append_text(
          field.type == Type::string && options_.trim ? trimmed(cell.text) : cell.text, times_,
          column);
    }
    if (!field.default_value.is_null()) {
      column.append(field.default_value);
      return {};
    }
    if (field.not_null) return Error{Code::missing_field, "is NOT NULL and has no value"};
    column.append_null();
    return {};
  }

  static std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
  }

  DecodeOptions options_;
  std::vector<FieldSpec> fields_;
  Marks marks_;
  TimeStyle times_;
  std::vector<std::string> names_{};   ///< In the header; empty for columns bound by position.
  std::vector<std::size_t> places_{};  ///< Position of each column, or unbound.
  std::vector<Cell> cells_{};
  std::size_t fields_expected_ = 0;  ///< In a record; 0 when it is not known.
  bool open_quote_ = false;          ///< The last record did not end.
  std::string converted_{};
  std::string first_line_{};  ///< Of a payload that should have begun with a header.
  std::vector<std::string> first_names_{};
};

}  // namespace

Result<std::unique_ptr<Decoder>> open_decoder(const DecodeOptions& options,
                                              const DecoderSpec& spec) {
  const Marks marks{options.delimiter.value, options.quote.value, options.escape.value};
  const TimeStyle times{options.timestamp_unit, options.date_format, options.time_zone};
  auto made = std::make_unique<CsvDecoder>(options, spec, marks, times);
  EF_CHECK(made->bind());
  return std::unique_ptr<Decoder>(std::move(made));
}

}  // namespace eventflux::mappers::csv
