#pragma once

#include "eventflux/batch_builder.hpp"
#include "eventflux/state.hpp"

namespace eventflux::runtime {

/// Writes row `row` of a flat column, NULL included.
void save_cell(const Column& column, std::uint32_t row, SnapshotWriter& writer);
/// Appends what save_cell() wrote of a column of the same type. Fails: EF0702.
Result<void> load_cell(ColumnBuilder& column, SnapshotReader& reader);

/// Writes rows first … last - 1 with their times.
void save_rows(const BatchBuilder& rows, std::uint32_t first, std::uint32_t last,
               SnapshotWriter& writer);
/// Appends what save_rows() wrote. Fails: EF0702.
Result<void> load_rows(BatchBuilder& rows, SnapshotReader& reader);

}  // namespace eventflux::runtime
