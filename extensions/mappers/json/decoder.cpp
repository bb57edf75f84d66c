// One forward pass: every object on the way to a bound place is walked key by key, and a value goes
// to its column when it is met. A key that comes again takes back what its first value appended,
// so the last one counts. Columns are independent, so values outside the row element are appended
// once and repeated when the number of rows is known.
// Invariant: while a row is read, each of its columns holds base_ + count_ values, or one more.
// Most payloads never come here, because they follow a shape that was learned from one that did.
// Keys are found by their bytes as they stood before; only a new one is unquoted and looked up.
#include "decoder.hpp"

#include <algorithm>
#include <cstring>

#include "learn_shape.hpp"
#include "plain_value.hpp"

namespace eventflux::mappers::json {
namespace {

namespace ondemand = simdjson::ondemand;

Error undecodable(std::string_view what) {
  return {Code::undecodable, std::string(what)};
}

Error broken(simdjson::error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return undecodable("payload is not UTF-8");
    case simdjson::EMPTY:
      return undecodable("payload is empty");
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return {Code::too_large, "payload is too large to be read"};
    default:
      return undecodable("payload is not valid JSON");
  }
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\r' ||
                           text.front() == '\t'))
    text.remove_prefix(1);
  return trim_end(text);
}

// The value of a result where it stands: a copy would wait for stores that are still under way.
template <class T>
T& in_place(simdjson::simdjson_result<T>& result) {
  T&& value = std::move(result).value_unsafe();
  return value;
}

std::string_view token_of(ondemand::value& value) {
  return trim_end(value.raw_json_token());
}

}  // namespace

Result<std::unique_ptr<Decoder>> JsonDecoder::open(const DecodeOptions& options,
                                                   const DecoderSpec& spec) {
  DecoderSpec used = spec;
  if (used.each.empty()) used.each = options.each;
  EF_TRY(Plan plan, make_plan(used, options.mapping));
  Scalars scalars({options.timestamp_unit, options.date_format, options.time_zone});
  return std::unique_ptr<Decoder>(
      std::make_unique<JsonDecoder>(options, used, std::move(plan), std::move(scalars)));
}

JsonDecoder::JsonDecoder(DecodeOptions options, const DecoderSpec& spec, Plan plan, Scalars scalars)
    : options_(std::move(options)),
      spec_(spec),
      plan_(std::move(plan)),
      scalars_(std::move(scalars)),
      in_row_(spec.fields.size(), 0) {
  for (const std::uint32_t column : plan_.row_columns)
    in_row_[column] = 1;
  spread_root_ =
      plan_.row == 0 && plan_.nodes[0].elements.empty() && plan_.nodes[0].columns.empty();
}

Result<void> JsonDecoder::decode(std::span<char> payload, Timestamp arrived, BatchBuilder& rows) {
  std::string_view text(payload.data(), payload.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  rows_ = &rows;
  base_ = rows.rows();
  if (const auto followed = shapes_.read(text, {spec_, scalars_, rows})) {
    count_ = *followed;
    if (plan_.payload_columns.empty() || finish_payload(trim(text)).ok()) {
      rows.end_rows(count_, arrived);
      return {};
    }
    rows.truncate(base_);
  }
  auto decoded = decode_document(text);
  if (!decoded.ok() && may_be_replaced(decoded.error())) {
    rows.truncate(base_);
    decoded = decode_deferring(text);
  }
  EF_CHECK(decoded);
  rows.end_rows(count_, arrived);
  if (shapes_.wants_shape()) shapes_.learned(learn_shape(text, plan_, spec_, scalars_));
  return {};
}

// With duplicate.keys='last' a value that does not fit is not a fault when its key comes again.
bool JsonDecoder::may_be_replaced(const Error& error) const {
  return options_.duplicate_keys == DuplicateKeys::last &&
         (error.code == Code::wrong_type || error.code == Code::out_of_range);
}

// Values that do not fit are refused when their row is complete. Payloads without such a value,
// which are nearly all, need not be read this way.
Result<void> JsonDecoder::decode_deferring(std::string_view text) {
  deferred_.assign(spec_.fields.size(), std::nullopt);
  auto decoded = decode_document(text);
  deferred_.clear();
  return decoded;
}

Result<void> JsonDecoder::check_deferred(std::uint32_t column) {
  if (deferred_.empty() || !deferred_[column]) return {};
  return *deferred_[column];
}

Result<void> JsonDecoder::decode_document(std::string_view text) {
  payload_ = text;
  count_ = 0;
  ondemand::document document;
  const simdjson::padded_string_view padded(text.data(), text.size(),
                                            text.size() + simdjson::SIMDJSON_PADDING);
  if (const auto error = parser_.iterate(padded).get(document)) return broken(error);
  document_ = &document;
  const std::string_view trimmed = trim(text);
  EF_CHECK(read_payload(trimmed));
  const bool container = trimmed.starts_with('{') || trimmed.starts_with('[');
  if (container && document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return undecodable("trailing data after the JSON document");
  return finish_payload(trimmed);
}

// The root is taken from the document itself, which then knows that it must end with it.
Result<void> JsonDecoder::read_payload(std::string_view payload) {
  const bool row = plan_.row == 0;
  const Node& root = plan_.nodes[0];
  if (payload.starts_with('[') && spread_root_) return read_root_rows();
  const bool container = payload.starts_with('{') || payload.starts_with('[');
  if (!container) EF_CHECK(read_root_scalar(payload));
  if (row) EF_CHECK(check_row(root, payload));
  if (payload.starts_with('{')) {
    ondemand::object object;
    if (const auto error = document_->get_object().get(object)) return broken(error);
    EF_CHECK(root.members.empty() ? skip_object(object, 0) : read_object(0, object, 0));
  } else if (container) {
    ondemand::array array;
    if (const auto error = document_->get_array().get(array)) return broken(error);
    EF_CHECK(read_array(0, array, 0));
  }
  if (row) EF_CHECK(bind(root, payload));
  return row ? finish_row() : Result<void>{};
}

Result<void> JsonDecoder::read_root_rows() {
  ondemand::array array;
  if (const auto error = document_->get_array().get(array)) return broken(error);
  for (auto item : array) {
    if (item.error()) return broken(item.error());
    Value& element = in_place(item);
    EF_CHECK(read_row(0, element, 1));
  }
  return {};
}

Result<void> JsonDecoder::read_root_scalar(std::string_view payload) {
  std::string_view token;
  if (const auto error = document_->raw_json_token().get(token)) return broken(error);
  if (trim_end(token) != payload) return undecodable("trailing data after the JSON document");
  return scalars_.check(payload);
}

Result<void> JsonDecoder::check_depth(std::int64_t depth) const {
  if (depth < options_.max_depth) return {};
  return undecodable("payload is nested deeper than " + std::to_string(options_.max_depth) +
                     " levels");
}

// A row is made of an object, unless its columns take the element itself or parts of an array.
Result<void> JsonDecoder::check_row(const Node& node, std::string_view token) const {
  const bool fits = token.starts_with('{') || (token.starts_with('[') && !node.elements.empty()) ||
                    (node.members.empty() && node.elements.empty());
  if (fits) return {};
  return value_error(Code::wrong_type, token, "is not an object");
}

Result<void> JsonDecoder::read_row(NodeId id, Value& value, std::int64_t depth) {
  EF_CHECK(check_row(plan_.nodes[id], token_of(value)));
  EF_CHECK(visit(id, value, depth));
  return finish_row();
}

Result<void> JsonDecoder::visit(NodeId id, Value& value, std::int64_t depth) {
  const Node& node = plan_.nodes[id];
  if (node.row != no_node) {
    if (token_of(value) == "null") return {};
    return read_row(node.row, value, depth);
  }
  if (node.leaf()) return bind_leaf(node, value, depth);
  const char* begin = value.raw_json_token().data();
  if (*begin == '{' && !node.members.empty()) {
    EF_CHECK(check_depth(depth));
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return broken(error);
    EF_CHECK(read_object(id, object, depth));
  } else if (*begin == '[' && (!node.elements.empty() || node.every != no_node)) {
    EF_CHECK(check_depth(depth));
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return broken(error);
    EF_CHECK(read_array(id, array, depth));
  } else {
    return bind_undivided(node, value, depth);
  }
  if (node.columns.empty()) return {};
  return bind(node, text_since(begin));
}

// Binds a value whose column reads it itself, and refuses it if it is none.
Result<void> JsonDecoder::bind_leaf(const Node& node, Value& value, std::int64_t depth) {
  const std::string_view token = token_of(value);
  if (*token.data() != '{' && *token.data() != '[') return bind(node, token);
  EF_TRY(const std::string_view json, text_of(value, depth));
  return bind(node, json);
}

// Binds a value that has none of the parts that columns take.
Result<void> JsonDecoder::bind_undivided(const Node& node, Value& value, std::int64_t depth) {
  EF_TRY(const std::string_view json, text_of(value, depth));
  if (*json.data() != '{' && *json.data() != '[') EF_CHECK(scalars_.check(json));
  return bind(node, json);
}

Result<void> JsonDecoder::read_object(NodeId id, ondemand::object object, std::int64_t depth) {
  const std::uint64_t visit_number = ++visits_;
  for (auto item : object) {
    if (item.error()) return broken(item.error());
    ondemand::field& field = in_place(item);
    NodeId target = plan_.nodes[id].keys.find(field.key().raw());
    if (target == KeyTable::missing) {
      EF_TRY(target, look_up(plan_.nodes[id], field));
    }
    Value& value = field.value();
    if (target == no_node) {
      if (auto skipped = skip(value, depth + 1); !skipped.ok()) return skipped;
      continue;
    }
    Node& child = plan_.nodes[target];
    if (child.visit == visit_number) EF_CHECK(repeat(child));
    child.visit = visit_number;
    child.rows_before = count_;
    if (child.sole != no_node &&
        append_plain_json(token_of(value), scalars_.unit(), rows_->column(child.sole)))
      continue;
    EF_CHECK(visit(target, value, depth + 1));
  }
  return {};
}

Result<void> JsonDecoder::read_array(NodeId id, ondemand::array array, std::int64_t depth) {
  std::size_t index = 0;
  for (auto item : array) {
    if (item.error()) return broken(item.error());
    Value& element = in_place(item);
    const Node& node = plan_.nodes[id];
    NodeId target = node.every;
    for (const auto& [wanted, child] : node.elements)
      if (wanted == index) target = child;
    ++index;
    EF_CHECK(target == no_node ? skip(element, depth + 1) : visit(target, element, depth + 1));
  }
  return {};
}

// Returns a key with its quotes and escapes.
Result<std::string_view> JsonDecoder::quoted_key(const ondemand::field& field) const {
  const char* key = field.key().raw();
  const char* end = payload_.data() + payload_.size();
  const char* quote = key;
  while (quote < end && *quote != '"')
    quote += *quote == '\\' ? 2 : 1;
  if (quote >= end) return undecodable("a key does not end");
  return std::string_view(key - 1, static_cast<std::size_t>(quote - key) + 2);
}

// Finds the node of a key by its name, and remembers how it stands in the document.
Result<NodeId> JsonDecoder::look_up(Node& node, const ondemand::field& field) {
  EF_TRY(const std::string_view quoted, quoted_key(field));
  EF_TRY(const std::string_view name, scalars_.unquote(quoted));
  NodeId found = no_node;
  for (const auto& [member, id] : node.members)
    if (member == name) found = id;
  if (found == no_node && options_.unknown_fields == UnknownFields::error)
    return value_error(Code::undecodable, name, "is a field that no column takes");
  node.keys.learn(quoted.substr(1), found);
  return found;
}

// Returns the checked text of a value of any kind.
Result<std::string_view> JsonDecoder::text_of(Value& value, std::int64_t depth) {
  const std::string_view token = token_of(value);
  if (*token.data() != '{' && *token.data() != '[') return token;
  EF_CHECK(skip(value, depth));
  return text_since(token.data());
}

// Returns the text from `begin` to the token behind the value that was just read.
std::string_view JsonDecoder::text_since(const char* begin) {
  const char* end = payload_.data() + payload_.size();
  std::ignore = document_->current_location().get(end);
  return trim_end({begin, static_cast<std::size_t>(end - begin)});
}

// Reads over a value that nobody takes; it must be well formed all the same.
Result<void> JsonDecoder::skip(Value& value, std::int64_t depth) {
  const std::string_view token = token_of(value);
  if (token.starts_with('{')) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return broken(error);
    return skip_object(object, depth);
  }
  if (!token.starts_with('[')) return scalars_.check(token);
  EF_CHECK(check_depth(depth));
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return broken(error);
  for (auto item : array) {
    if (item.error()) return broken(item.error());
    Value& element = in_place(item);
    EF_CHECK(skip(element, depth + 1));
  }
  return {};
}

Result<void> JsonDecoder::skip_object(ondemand::object object, std::int64_t depth) {
  EF_CHECK(check_depth(depth));
  for (auto item : object) {
    if (item.error()) return broken(item.error());
    ondemand::field& field = in_place(item);
    EF_TRY(const std::string_view key, quoted_key(field));
    EF_CHECK(scalars_.check(key));
    EF_CHECK(skip(field.value(), depth + 1));
  }
  return {};
}

Result<void> JsonDecoder::bind(const Node& node, std::string_view json) {
  if (json == "null") return {};
  if (node.columns.size() == 1) return append(node.columns[0], json);
  for (const std::uint32_t column : node.columns)
    EF_CHECK(append(column, json));
  return {};
}

Result<void> JsonDecoder::append(std::uint32_t column, std::string_view json) {
  auto appended = scalars_.append(json, rows_->column(column));
  if (appended.ok()) return appended;
  Error error = std::move(appended).error();
  error.message = "column '" + spec_.fields[column].name + "': " + error.message;
  if (deferred_.empty() || !may_be_replaced(error)) return error;
  deferred_[column] = std::move(error);
  rows_->column(column).append_null();
  return {};
}

Result<void> JsonDecoder::append_missing(std::uint32_t column) {
  const FieldSpec& field = spec_.fields[column];
  if (!field.default_value.is_null()) {
    rows_->column(column).append(field.default_value);
    return {};
  }
  if (field.not_null)
    return Error{Code::missing_field, "column '" + field.name + "' is NOT NULL and has no value"};
  rows_->column(column).append_null();
  return {};
}

Result<void> JsonDecoder::finish_row() {
  for (const std::uint32_t column : plan_.row_columns) {
    if (!deferred_.empty()) EF_CHECK(check_deferred(column));
    if (rows_->column(column).rows() == base_ + count_) EF_CHECK(append_missing(column));
  }
  ++count_;
  return {};
}

Result<void> JsonDecoder::finish_payload(std::string_view payload) {
  for (const std::uint32_t column : plan_.whole_columns)
    EF_CHECK(append(column, payload));
  for (const std::uint32_t column : plan_.payload_columns) {
    ColumnBuilder& builder = rows_->column(column);
    EF_CHECK(check_deferred(column));
    if (count_ == 0) {
      builder.truncate(base_);
      continue;
    }
    if (builder.rows() == base_) EF_CHECK(append_missing(column));
    for (std::uint32_t row = 1; row < count_; ++row)
      builder.append_from(builder.column(), base_);
  }
  return {};
}

Result<void> JsonDecoder::repeat(Node& node) {
  if (options_.duplicate_keys == DuplicateKeys::error)
    return undecodable("duplicate field in one object");
  forget(node, node.rows_before);
  return {};
}

// Takes back what the value of a node and everything below it has appended.
void JsonDecoder::forget(const Node& node, std::uint32_t rows_before) {
  for (const std::uint32_t column : node.columns) {
    rows_->column(column).truncate(base_ + (in_row_[column] != 0 ? count_ : 0));
    if (!deferred_.empty()) deferred_[column].reset();
  }
  for (const auto& [name, child] : node.members)
    forget(plan_.nodes[child], rows_before);
  for (const auto& [index, child] : node.elements)
    forget(plan_.nodes[child], rows_before);
  if (node.every == no_node && node.row == no_node) return;
  count_ = rows_before;
  for (const std::uint32_t column : plan_.row_columns)
    rows_->column(column).truncate(base_ + count_);
}

}  // namespace eventflux::mappers::json
