#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/sink.hpp"

namespace eventflux::testing {

/// Rows as bytes, for sinks that have a mapper in front of them.
class EncodedRows {
 public:
  EncodedRows(std::initializer_list<std::string_view> rows) {
    ends_.reserve(rows.size());
    for (const std::string_view row : rows) {
      bytes_ += row;
      ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    }
  }

  /// Owns: valid as long as these rows.
  OutputBatch batch() const { return {.bytes = bytes_, .ends = ends_}; }

 private:
  std::string bytes_{};
  std::vector<std::uint32_t> ends_{};
};

/// Writes one batch of typed rows. Fails: by an exception when a row does not fit the columns.
inline WriteResult write_rows(Sink& sink, const Schema& schema,
                              const std::vector<std::vector<Value>>& rows) {
  BatchBuilder builder(schema);
  for (const std::vector<Value>& row : rows)
    builder.append(row, Timestamp{1}).value();
  std::vector<Column> columns;
  const Batch batch = builder.view(0, builder.rows(), columns);
  return sink.write({.rows = &batch});
}

}  // namespace eventflux::testing
