#include "runtime/delivery/resource_operator.hpp"

#include "base/text.hpp"

namespace eventflux::runtime {
namespace {

std::vector<Type> types_of(const ResourceSpec& spec) {
  std::vector<Type> types;
  for (const std::size_t column : spec.per)
    types.push_back(spec.schema.fields[column].type);
  return types;
}

Value value_at(const Column& column, std::uint32_t row) {
  Batch one;
  const std::array<Column, 1> columns{column};
  const std::array<std::uint16_t, 1> rows{static_cast<std::uint16_t>(row)};
  one.columns = columns;
  one.selection = {rows.data(), 1};
  return one.value(0, 0);
}

bool is_beyond(const Value& next, const Value& last) {
  if (next.integer() != nullptr) return *next.integer() > *last.integer();
  if (next.real() != nullptr) return *next.real() > *last.real();
  if (next.decimal() != nullptr) return *next.decimal() > *last.decimal();
  if (next.text() != nullptr) return *next.text() > *last.text();
  return *next.boolean() && !*last.boolean();
}

std::string json_value(const Value& value, Type type) {
  const bool bare = value.is_null() || is_integer(type) || type == Type::decimal ||
                    type == Type::boolean || is_real(type);
  return bare ? to_text(value, type) : base::quote_json(to_text(value, type));
}

}  // namespace

void CursorState::write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) {
  const auto [first, last] = cursor.take({section, 0}, size());
  if (!changed_.any() && first == last) return;
  writer.block(section, 0);
  changed_.take(first, last, size(), [&](std::uint32_t key) {
    SnapshotWriter& record = writer.record(key);
    record.put(!cursors_[key].is_null());
    if (!cursors_[key].is_null()) record.put_text(to_text(cursors_[key], type_));
  });
}

Result<void> CursorState::begin_restore(SnapshotReader&, std::uint64_t records) {
  records_ = records;
  return {};
}

Result<void> CursorState::restore(std::uint8_t, const StoredRecord& record) {
  // Each key has a record of its own.
  if (record.part >= records_) return Error{Code::store_damaged, "a cursor of no key"};
  grow(record.part + 1);
  if (changed_.contains(record.part)) return {};
  changed_.mark(record.part);
  SnapshotReader reader(record.bytes);
  EF_TRY(const bool present, reader.get<bool>());
  if (!present) return {};
  EF_TRY(const auto text, reader.get_text());
  EF_TRY(cursors_[record.part], parse_value(text, type_));
  return {};
}

Result<void> CursorState::end_restore() {
  changed_.clear();
  return {};
}

ResourceOperator::ResourceOperator(ResourceSpec spec)
    : spec_(std::move(spec)),
      keys_(state_.make<KeyedState>({"keys"}, types_of(spec_))),
      cursors_(state_.make<CursorState>(
          {"cursors"}, spec_.cursor ? spec_.schema.fields[*spec_.cursor].type : Type(Type::int64))),
      key_of_row_(batch_rows_max) {}

std::string ResourceOperator::cursor_name() const {
  return spec_.cursor ? spec_.schema.fields[*spec_.cursor].name : std::string();
}

void ResourceOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  if (!spec_.cursor) return emit(batch);
  key_columns_.clear();
  for (const std::size_t column : spec_.per)
    key_columns_.push_back(batch.columns[column]);
  keys_.resolve(key_columns_, batch.selection, key_of_row_.data());
  cursors_.grow(keys_.end());
  if (durable) {
    keys_.mark(key_of_row_.data(), batch.selection);
    cursors_.mark(key_of_row_.data(), batch.selection);
  }
  const Column& cursor = batch.columns[*spec_.cursor];
  std::uint32_t count = 0;
  for_each_row(batch.selection, [&](std::uint32_t row) {
    if (advance(key_of_row_[row], cursor, row)) rows_[count++] = static_cast<std::uint16_t>(row);
  });
  if (count == batch.size()) return emit(batch);
  counters.drop(DropReason::duplicate, batch.size() - count);
  if (count == 0) return;
  Batch fresh = batch;
  fresh.selection = {rows_.data(), count};
  emit(fresh);
}

/// Moves the cursor of a key; returns whether the row goes on. A row without a cursor does.
bool ResourceOperator::advance(std::uint32_t key, const Column& cursor, std::uint32_t row) {
  if (cursor.is_null(row)) return true;
  Value next = value_at(cursor, row);
  Value& last = cursors_[key];
  if (spec_.monotonic && !last.is_null() && !is_beyond(next, last)) return false;
  last = std::move(next);
  return true;
}

/// Returns the values of a key with '/' between them.
std::string ResourceOperator::key_text(std::uint32_t key) const {
  std::string text;
  for (std::size_t i = 0; i < spec_.per.size(); ++i) {
    if (i != 0) text += '/';
    ColumnVector place(keys_.key_type(i));
    const Column column = keys_.keys(i, key, 1, place);
    text += column.is_null(0) ? "null" : to_text(value_at(column, 0), column.type);
  }
  return text;
}

std::optional<std::string> ResourceOperator::cursor_text() const {
  if (!spec_.cursor || cursors_.size() == 0) return std::nullopt;
  const Type type = spec_.schema.fields[*spec_.cursor].type;
  if (spec_.per.empty()) {
    if (cursors_[0].is_null()) return std::nullopt;
    return to_text(cursors_[0], type);
  }
  std::string text = "{";
  for (std::uint32_t key = 0; key < cursors_.size(); ++key) {
    if (text.size() > 1) text += ',';
    text += base::quote_json(key_text(key)) + ":" + json_value(cursors_[key], type);
  }
  return text + "}";
}

}  // namespace eventflux::runtime
