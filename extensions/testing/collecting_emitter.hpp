#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventflux/row_text.hpp"
#include "eventflux/source.hpp"

namespace eventflux::testing {

/// Keeps what a source emits: payloads, or rows of one resource or several, and the positions
/// behind them, from which the next session resumes.
class CollectingEmitter final : public Emitter {
 public:
  /// For rows of one resource; payloads need no columns.
  explicit CollectingEmitter(const Schema& schema = {}) { add_resource(schema); }

  /// For rows of several. Shape: `wanted` and `schemas` are parallel.
  CollectingEmitter(std::vector<TableProjection> wanted, const std::vector<Schema>& schemas)
      : wanted_(std::move(wanted)) {
    for (const Schema& schema : schemas)
      add_resource(schema);
  }

  std::vector<std::string> payloads{};
  std::vector<std::string> errors{};      ///< Codes of payloads that came with an error.
  std::vector<std::string> refused{};     ///< And what there was of them.
  std::uint64_t full_length = 0;          ///< Of the last of them.
  std::vector<std::string> gaps{};        ///< Where and why, with a colon between.
  std::vector<std::size_t> idle_after{};  ///< How many payloads there were at each idle().
  std::string order{};  ///< One letter per row: a, b, c … for resource 0, 1, 2 …
  std::map<std::string, Cursor, std::less<>> cursors{};  ///< By partition; resume() reads them.
  bool went_live = false;
  std::size_t stop_after = ~std::size_t{0};  ///< Payloads and rows after which it is to stop.
  std::function<void()> on_payload{};
  std::function<void(Duration)> on_pause{};  ///< Empty: a source that waits is to stop.

  void stop() { stopped_ = true; }

  /// Forgets the payloads, and begins a session that resumes from the cursors.
  void next_session() {
    payloads.clear();
    stop_after = ~std::size_t{0};
    stopped_ = false;
  }

  std::uint32_t row_count(std::size_t resource = 0) const { return rows_[resource].rows(); }

  Column column(std::size_t index, std::size_t resource = 0) {
    return rows_[resource].column(index).column();
  }

  /// Returns all rows of a resource, one per line, with tabs between the cells.
  std::string text(std::size_t resource = 0) const {
    std::string all;
    std::vector<Column> columns;
    for (std::uint32_t first = 0; first < row_count(resource); first += batch_rows_max) {
      const std::uint32_t count = std::min(row_count(resource) - first, batch_rows_max);
      const Batch batch = rows_[resource].view(first, count, columns);
      all += render_rows(schemas_[resource], batch, RowFormat::raw);
    }
    return all;
  }

  Result<void> emit(const Envelope& envelope) override {
    if (envelope.error != nullptr) {
      errors.push_back(code_text(envelope.error->code));
      refused.emplace_back(envelope.payload.data(), envelope.payload.size());
      full_length = envelope.full_length;
    } else {
      payloads.emplace_back(envelope.payload.data(), envelope.payload.size());
    }
    if (envelope.cursor) EF_CHECK(move_to(*envelope.cursor));
    if (on_payload) on_payload();
    return {};
  }

  Result<void> idle() override {
    idle_after.push_back(payloads.size());
    return {};
  }

  BatchBuilder& rows() override { return rows_of(0); }

  std::span<const TableProjection> wanted() const override { return wanted_; }

  BatchBuilder& rows_of(std::size_t resource) override {
    note_order();
    current_ = resource;
    return rows_[resource];
  }

  Result<void> emit_rows(const Cursor& cursor) override {
    note_order();
    return move_to(cursor);
  }

  const Schema& schema() const override { return schemas_.front(); }

  std::optional<Cursor> resume(std::string_view partition) const override {
    const auto found = cursors.find(partition);
    return found == cursors.end() ? std::nullopt : std::optional(found->second);
  }

  void gap(const Gap& gap) override { gaps.push_back(gap.where + ": " + gap.reason); }

  void live() override { went_live = true; }

  void pause(Duration wait) override {
    if (!on_pause) return stop();
    on_pause(wait);
  }

  bool stopping() const noexcept override {
    std::size_t taken = payloads.size();
    for (const BatchBuilder& rows : rows_)
      taken += rows.rows();
    return stopped_ || taken >= stop_after;
  }

 private:
  void add_resource(const Schema& schema) {
    schemas_.push_back(schema);
    rows_.emplace_back(schema);
    noted_.push_back(0);
  }

  void note_order() {
    order.append(row_count(current_) - noted_[current_], static_cast<char>('a' + current_));
    noted_[current_] = row_count(current_);
  }

  // As the product does: a position never goes back.
  Result<void> move_to(const Cursor& cursor) {
    Cursor& stored = cursors[cursor.partition];
    if (cursor.order < stored.order)
      return Error{Code::cursor_moved_back, "the cursor moved back to '" + cursor.position + "'"};
    stored = cursor;
    return {};
  }

  std::vector<TableProjection> wanted_{};
  std::vector<Schema> schemas_{};
  std::vector<BatchBuilder> rows_{};
  std::vector<std::uint32_t> noted_{};  // rows whose order is noted, by resource
  std::size_t current_ = 0;             // resource that rows are appended to
  bool stopped_ = false;
};

}  // namespace eventflux::testing
