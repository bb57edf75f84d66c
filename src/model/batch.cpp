#include "eventflux/batch.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace eventflux {

void Arena::refill(std::size_t bytes) {
  constexpr std::size_t chunk_size = 16'384;
  while (next_ != nullptr && current_ + 1 < chunks_.size()) {
    std::vector<char>& chunk = chunks_[++current_];
    next_ = chunk.data();
    end_ = next_ + chunk.size();
    if (chunk.size() >= bytes) return;
  }
  const std::size_t size =
      std::max({chunk_size, bytes, chunks_.empty() ? 0 : chunks_.back().size() * 2});
  const std::size_t bounded = std::max(bytes, std::min<std::size_t>(size, 1U << 20U));
  chunks_.emplace_back(bounded);
  current_ = chunks_.size() - 1;
  bytes_ += bounded;
  first_ = chunks_.front().data();
  next_ = chunks_.back().data();
  end_ = next_ + bounded;
}

bool Batch::boolean(std::uint32_t row, std::size_t column) const {
  EF_ASSERT(columns[column].type == Type::boolean);
  return columns[column].at<std::uint8_t>(selection[row]) != 0;
}

std::int64_t Batch::integer(std::uint32_t row, std::size_t column) const {
  const Column& c = columns[column];
  if (c.type == Type::int32) return c.at<std::int32_t>(selection[row]);
  EF_ASSERT(c.type == Type::int64 || c.type == Type::timestamp || c.type == Type::duration);
  return c.at<std::int64_t>(selection[row]);
}

double Batch::real(std::uint32_t row, std::size_t column) const {
  const Column& c = columns[column];
  if (c.type == Type::float64) return c.at<double>(selection[row]);
  if (c.type == Type::float32) return static_cast<double>(c.at<float>(selection[row]));
  if (c.type == Type::decimal) return to_real(decimal(row, column));
  return static_cast<double>(integer(row, column));
}

Decimal Batch::decimal(std::uint32_t row, std::size_t column) const {
  const Column& c = columns[column];
  EF_ASSERT(c.type == Type::decimal);
  return {c.at<Int128>(selection[row]), c.type.scale};
}

std::string_view Batch::text(std::uint32_t row, std::size_t column) const {
  EF_ASSERT(is_text(columns[column].type));
  return columns[column].at<Text>(selection[row]).view();
}

std::string_view Batch::bytes(std::uint32_t row, std::size_t column) const {
  EF_ASSERT(columns[column].type == Type::bytes);
  return columns[column].at<Text>(selection[row]).view();
}

Value Batch::value(std::uint32_t row, std::size_t column) const {
  if (is_null(row, column)) return {};
  switch (columns[column].type) {
    case Type::boolean:
      return boolean(row, column);
    case Type::int32:
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return integer(row, column);
    case Type::float32:
    case Type::float64:
      return real(row, column);
    case Type::decimal:
      return decimal(row, column);
    case Type::string:
    case Type::json:
      return text(row, column);
    case Type::bytes:
      return bytes(row, column);
  }
  return {};
}

}  // namespace eventflux
