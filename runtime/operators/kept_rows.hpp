#pragma once

#include "eventflux/batch_builder.hpp"
#include "eventflux/state.hpp"

namespace eventflux::runtime {

/// Stores collected rows, column by column.
void snapshot_rows(const BatchBuilder& rows, SnapshotWriter& writer);
/// Restores into an empty builder of the same columns.
Result<void> restore_rows(BatchBuilder& rows, SnapshotReader& reader);

}  // namespace eventflux::runtime
