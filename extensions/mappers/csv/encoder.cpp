#include <array>

#include "csv.hpp"

namespace eventflux::mappers::csv {
namespace {

class CsvEncoder final : public Encoder {
 public:
  explicit CsvEncoder(EncodeOptions options)
      : options_(std::move(options)),
        delimiter_(options_.delimiter.value),
        quote_(options_.quote.value),
        escape_(options_.escape.value),
        special_{delimiter_, quote_, '\r', '\n'} {}

  void set_header(const std::vector<std::string>& names, std::string_view newline) {
    for (const std::string& name : names) {
      if (!header_.empty()) header_ += delimiter_;
      append_field(name, header_);
    }
    header_ += newline;
  }

  Result<void> encode(const Batch& batch, std::uint32_t row, std::string& out) override {
    const std::uint32_t at = batch.selection[row];
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      if (i > 0) out += delimiter_;
      const Column& column = batch.columns[i];
      if (column.is_null(at)) {
        out += options_.null;
      } else if (is_text(column.type)) {
        append_field(column.at<Text>(at).view(), out);
      } else if (column.type == Type::timestamp) {
        // As the json mapper writes it, so that both are one width and sort as text.
        std::array<char, rfc3339_size_max> time{};
        const char* const end = write_rfc3339(Timestamp{column.at<std::int64_t>(at)}, time.data());
        append_field({time.data(), static_cast<std::size_t>(end - time.data())}, out);
      } else {
        text_.clear();
        write_field(column, at, text_);
        append_field(text_, out);
      }
    }
    return {};
  }

  std::string prologue() const override { return header_; }

 private:
  // Text that would read back as NULL is quoted, so that it stays text.
  void append_field(std::string_view text, std::string& out) const {
    const bool plain = options_.quoting == Quoting::minimal && text != options_.null &&
                       !text.empty() && text.find_first_of(special_) == std::string_view::npos;
    if (plain) {
      out += text;
      return;
    }
    out += quote_;
    for (const char c : text) {
      if (c == quote_ || c == escape_) out += escape_;
      out += c;
    }
    out += quote_;
  }

  EncodeOptions options_;
  char delimiter_;
  char quote_;
  char escape_;
  std::string special_;
  std::string header_{};
  std::string text_{};
};

}  // namespace

Result<std::unique_ptr<Encoder>> open_encoder(const EncodeOptions& options, const Schema& schema) {
  std::vector<std::string> names = options.header_names;
  if (names.empty()) {
    for (const Field& field : schema.fields)
      names.push_back(field.name);
  }
  if (names.size() != schema.size()) {
    return Error{Code::wrong_column_count, "header-names has " + std::to_string(names.size()) +
                                               " names, stream has " +
                                               std::to_string(schema.size()) + " columns"};
  }
  auto made = std::make_unique<CsvEncoder>(options);
  if (options.include_header)
    made->set_header(names, options.newline == Newline::crlf ? "\r\n" : "\n");
  return std::unique_ptr<Encoder>(std::move(made));
}

}  // namespace eventflux::mappers::csv
