#include <re2/re2.h>

#include "eventflux/text.hpp"

#include "text.hpp"

namespace eventflux::mappers::text {
namespace {

class TextDecoder final : public Decoder {
 public:
  TextDecoder(const DecodeOptions& options, const DecoderSpec& spec,
              std::unique_ptr<re2::RE2> regex)
      : charset_(options.charset),
        fields_(spec.fields),
        regex_(std::move(regex)),
        times_{options.timestamp_unit, options.date_format, options.time_zone} {
    if (!regex_) return;
    for (const FieldSpec& field : fields_)
      groups_.push_back(regex_->NamedCapturingGroups().at(field.name));
    found_.resize(static_cast<std::size_t>(regex_->NumberOfCapturingGroups()) + 1);
  }

  Result<void> decode(std::span<char> payload, Timestamp arrived, BatchBuilder& rows) override {
    std::string_view text(payload.data(), payload.size());
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (charset_ == Charset::latin1) {
      converted_ = from_latin1(text);
      text = converted_;
    } else if (!is_utf8(text)) {
      return Error{Code::undecodable, "payload is not UTF-8: charset='latin1' takes every byte"};
    }
    if (regex_) {
      EF_CHECK(append_groups(text, rows));
    } else {
      rows.column(0).append(text);
    }
    rows.end_row(arrived);
    return {};
  }

 private:
  Result<void> append_groups(std::string_view text, BatchBuilder& rows) {
    const re2::StringPiece input(text.data(), text.size());
    if (!regex_->Match(input, 0, input.size(), re2::RE2::ANCHOR_BOTH, found_.data(),
                       static_cast<int>(found_.size())))
      return Error{Code::undecodable, "payload does not match the regex"};
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const re2::StringPiece& group = found_[static_cast<std::size_t>(groups_[i])];
      auto appended = append(fields_[i], group, rows.column(i));
      if (appended.ok()) continue;
      Error error = std::move(appended).error();
      const bool missing = error.code == Code::missing_field;
      error.message = "column '" + fields_[i].name + (missing ? "' " : "': ") + error.message;
      return error;
    }
    return {};
  }

  // A group that took no part has no data.
  Result<void> append(const FieldSpec& field, const re2::StringPiece& group,
                      ColumnBuilder& column) const {
    if (group.data() != nullptr) return append_text({group.data(), group.size()}, times_, column);
    if (!field.default_value.is_null()) {
      column.append(field.default_value);
      return {};
    }
    if (field.not_null) return Error{Code::missing_field, "is NOT NULL and has no value"};
    column.append_null();
    return {};
  }

  Charset charset_;
  std::vector<FieldSpec> fields_;
  std::unique_ptr<re2::RE2> regex_;
  TimeStyle times_;
  std::vector<int> groups_{};  ///< Of each column.
  std::vector<re2::StringPiece> found_{};
  std::string converted_{};
};

std::unique_ptr<re2::RE2> compile(const std::string& regex) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  return std::make_unique<re2::RE2>(regex, options);
}

}  // namespace

Result<void> is_regex(const ParamValue& value) {
  const auto regex = compile(value.text);
  if (regex->ok()) return {};
  return Error{Code::invalid_value, "'" + value.text + "' cannot be read: " + regex->error(),
               "write it in the syntax of RE2"};
}

Result<std::unique_ptr<Decoder>> open_decoder(const DecodeOptions& options,
                                              const DecoderSpec& spec) {
  if (options.regex.empty()) {
    if (spec.fields.size() != 1 || spec.fields[0].type != Type::string) {
      return Error{Code::wrong_column_count,
                   "text without a regex needs a stream of one STRING column"};
    }
    return std::unique_ptr<Decoder>(
        std::make_unique<TextDecoder>(options, spec, std::unique_ptr<re2::RE2>()));
  }
  auto regex = compile(options.regex);
  for (const FieldSpec& field : spec.fields) {
    if (!regex->NamedCapturingGroups().contains(field.name)) {
      return Error{Code::unknown_column, "no group of the regex is named '" + field.name + "'",
                   "write it like (?P<" + field.name + ">...)"};
    }
  }
  return std::unique_ptr<Decoder>(std::make_unique<TextDecoder>(options, spec, std::move(regex)));
}

}  // namespace eventflux::mappers::text
