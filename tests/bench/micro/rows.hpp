#pragma once

#include <cstdint>
#include <vector>

#include "eventflux/batch_builder.hpp"

namespace eventflux::bench {

/// Declares the stream that all operators read: 40 bytes a row.
inline constexpr const char* trades =
    "CREATE STREAM Trades (symbol STRING, price DOUBLE, quantity DOUBLE, id BIGINT);\n";

/// Rows of the stream Trades, column by column. Both sides read them again and again, round and
/// round. Shape: `symbol` is 10 bytes, `price` and `quantity` are uniform in [0, 1), `id` is the
/// number of the symbol.
struct Rows {
  std::vector<Text> symbol;
  std::vector<double> price;
  std::vector<double> quantity;
  std::vector<std::int64_t> id;

  std::uint32_t size() const { return static_cast<std::uint32_t>(id.size()); }
};

enum class Draw : std::uint8_t {
  uniform,  ///< Each key as often as any other.
  skewed,   ///< The n-th key 1/n as often as the first: Zipf's law.
};

/// `keys` divides nothing: which symbol a row has is drawn at random.
Rows make_rows(std::uint32_t rows, std::uint32_t keys, Draw draw = Draw::uniform);

/// How a pass is cut: `batches` batches of `batch` rows; the next pass goes on behind it.
struct PassPlan {
  std::uint32_t batch = 1024;
  std::uint32_t batches = 64;

  std::uint32_t rows() const { return batch * batches; }
};

/// Returns a plan whose pass takes long enough to be timed.
PassPlan plan_of(std::uint32_t batch);

/// The place in `Rows` at which the next batch begins, and how many rows came before.
class RowCursor {
 public:
  explicit RowCursor(std::uint32_t size) : size_(size) {}

  /// Returns the first row of the next batch.
  std::uint32_t next(std::uint32_t batch) {
    if (at_ + batch > size_) at_ = 0;
    const std::uint32_t first = at_;
    at_ += batch;
    rows_ += batch;
    return first;
  }

  /// Returns the number of rows that next() has handed out.
  std::int64_t rows() const { return rows_; }

 private:
  std::uint32_t size_;
  std::uint32_t at_ = 0;
  std::int64_t rows_ = 0;
};

}  // namespace eventflux::bench
