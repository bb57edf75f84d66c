#pragma once

#include "eventflux/batch.hpp"

namespace eventflux::runtime {

/// Copies the selected rows of a column, NULL included. Owns: text stays where it is.
template <class Stored>
void copy_values(const Column& from, Selection rows, ColumnWriter& out) {
  for_each_row(rows, [&](std::uint32_t row) {
    if (!from.is_null(row)) {
      out.data<Stored>()[row] = from.at<Stored>(row);
      return;
    }
    out.data<Stored>()[row] = Stored();  // text of rows that are NULL is looked at
    out.set_null(row);
  });
}

/// Returns a flat column from row `first` on, which is a multiple of 64. Owns: nothing.
Column rows_from(Column column, std::uint32_t first);

/// Copies to a column of the same type.
void copy_rows(const Column& from, Selection rows, ColumnWriter& out);

}  // namespace eventflux::runtime
