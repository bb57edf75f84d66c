#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/mapper.hpp"

#include "options.hpp"
#include "pieces.hpp"

namespace eventflux::mappers::json {

/// Writes rows as JSON: pieces of fixed text, rendered once, and the values between them.
class JsonEncoder final : public Encoder {
 public:
  /// Fails: EF0203 a template names no column, EF0313 it excludes pretty-print and nulls='omit'.
  static Result<std::unique_ptr<Encoder>> open(const EncodeOptions& options, const Schema& schema);

  Result<void> encode(const Batch& batch, std::uint32_t row, std::string& out) override;

 private:
  enum class Form : std::uint8_t { value, inside_quotes };

  struct Piece {
    std::string before{};  ///< Text in front of the value, padded to whole blocks.
    std::uint32_t column = 0;
    Form form = Form::value;
    std::size_t length = 0;  ///< Of `before` without its padding.
  };

  JsonEncoder(const EncodeOptions& options, const Schema& schema);

  void make_object(const Schema& schema);
  Result<void> make_template(const Schema& schema);
  static Form form_behind(std::string_view text, Form form);
  std::size_t size_max(const Batch& batch, std::uint32_t row) const;
  char* write_before(const Piece& piece, bool first, char* out) const;
  char* write_value(const Batch& batch, std::uint32_t row, const Piece& piece, char* out) const;
  Error not_utf8(const Piece& piece) const;

  EncodeOptions options_;
  ValueStyle style_;
  std::vector<std::string> names_{};
  std::vector<Piece> pieces_{};
  std::vector<std::uint32_t> texts_{};  ///< Columns of text, once per piece.
  std::string first_{};                 ///< What stands before the first member instead of a comma.
  std::string after_{};                 ///< What closes the row.
  std::size_t fixed_ = 0;               ///< Bytes of everything but text values, at most.
  std::vector<char> buffer_{};
};

}  // namespace eventflux::mappers::json
