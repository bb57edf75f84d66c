#include "tests/bench/micro/checksum.hpp"

#include <bit>

namespace eventflux::bench {

void Checksum::add(std::int64_t value) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15ULL;
  state_ = std::rotl((state_ ^ static_cast<std::uint64_t>(value)) * odd, 29);
}

void Checksum::add(double value) {
  add(std::bit_cast<std::int64_t>(value));
}

void Checksum::add(std::string_view text) {
  for (const char c : text)
    add(std::int64_t{c});
  add(static_cast<std::int64_t>(text.size()));
}

void Checksum::add(const Batch& rows) {
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows.columns.size(); ++column) {
      const Type type = rows.columns[column].type;
      if (rows.is_null(row, column)) {
        add(std::string_view("null"));
      } else if (type == Type::boolean) {
        add(std::int64_t{rows.boolean(row, column)});
      } else if (is_stored_as_text(type)) {
        add(rows.columns[column].at<Text>(rows.selection[row]).view());
      } else if (type == Type::decimal) {
        add(to_text(rows.decimal(row, column)));
      } else if (is_real(type)) {
        add(rows.real(row, column));
      } else {
        add(rows.integer(row, column));
      }
    }
    end_row();
  }
}

}  // namespace eventflux::bench
