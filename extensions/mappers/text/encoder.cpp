#include "text.hpp"

namespace eventflux::mappers::text {
namespace {

struct Piece {
  std::string before{};
  std::uint32_t column = 0;
};

class TextEncoder final : public Encoder {
 public:
  TextEncoder(std::vector<Piece> pieces, std::string after)
      : pieces_(std::move(pieces)), after_(std::move(after)) {}

  Result<void> encode(const Batch& batch, std::uint32_t row, std::string& out) override {
    const std::uint32_t at = batch.selection[row];
    for (const Piece& piece : pieces_) {
      out += piece.before;
      const Column& column = batch.columns[piece.column];
      if (!column.is_null(at)) write_field(column, at, out);
    }
    out += after_;
    return {};
  }

 private:
  std::vector<Piece> pieces_;
  std::string after_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> open_encoder(const EncodeOptions& options, const Schema& schema) {
  if (options.template_text.empty() && schema.size() != 1) {
    return Error{Code::wrong_column_count, "text without a template sends one column",
                 "write it like template='{{" +
                     (schema.size() == 0 ? std::string("column") : schema.fields[0].name) +
                     "}} ...'"};
  }
  if (options.template_text.empty()) {
    return std::unique_ptr<Encoder>(
        std::make_unique<TextEncoder>(std::vector<Piece>{Piece{}}, std::string()));
  }
  std::vector<Piece> pieces;
  std::string_view rest = options.template_text;
  for (std::size_t open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    const std::size_t close = rest.find("}}", open);
    const std::string name(rest.substr(open + 2, close - open - 2));
    const auto column = schema.find(name);
    if (close == std::string_view::npos || !column) {
      return Error{Code::unknown_column, "unknown column '" + name + "' in template",
                   "columns: " + to_text(schema)};
    }
    pieces.push_back({std::string(rest.substr(0, open)), static_cast<std::uint32_t>(*column)});
    rest.remove_prefix(close + 2);
  }
  return std::unique_ptr<Encoder>(
      std::make_unique<TextEncoder>(std::move(pieces), std::string(rest)));
}

}  // namespace eventflux::mappers::text
