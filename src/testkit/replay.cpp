#include "testkit/replay.hpp"

#include <cmath>

#include "eventflux/text.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "runtime/delivery/row_json.hpp"

namespace eventflux::testkit {
namespace {

using base::Json;

Error misfit(std::string message, std::string help = {}) {
  return {Code::row_mismatch, std::move(message), std::move(help)};
}

/// A script's number has passed through a double, which holds 15 digits as they were written; a
/// longer DECIMAL is written as text.
Value exact(double number) {
  constexpr Int128 most = 1'000'000'000'000'000;
  const auto decimal = parse_decimal(real_text(number));
  const bool certain = decimal.ok() && decimal->unscaled < most && decimal->unscaled > -most;
  return certain ? Value(*decimal)
                 : Value(real_text(number) + " of more than 15 digits, not text,");
}

Value to_value(const Json& json, Type type) {
  if (type == Type::json && json.kind != Json::Kind::null) return {json.dump()};
  switch (json.kind) {
    case Json::Kind::null:
      return {};
    case Json::Kind::boolean:
      return {json.boolean};
    case Json::Kind::integer:
      return type == Type::timestamp ? Value(Timestamp{json.integer * 1000}) : Value(json.integer);
    case Json::Kind::real:
      return type == Type::decimal ? exact(json.real) : Value(json.real);
    case Json::Kind::text:
      if (type == Type::bytes)
        if (auto octets = from_base64(json.text)) return {*std::move(octets)};
      if (is_real(type))
        if (auto parsed = parse_value(json.text, type); parsed.ok()) return *parsed;
      return {json.text};
    default:
      return {json.dump()};
  }
}

Result<std::vector<Value>> to_row(const Json& json, const Schema& schema) {
  std::vector<Value> row;
  if (json.kind == Json::Kind::array) {
    if (json.items.size() != schema.size()) {
      return misfit("row has " + std::to_string(json.items.size()) + " values, stream has " +
                        std::to_string(schema.size()) + " columns",
                    "columns: " + to_text(schema));
    }
    for (std::size_t i = 0; i < schema.size(); ++i)
      row.push_back(to_value(json.items[i], schema.fields[i].type));
    return row;
  }
  if (json.kind != Json::Kind::object) return misfit("a row is an array or an object");
  row.resize(schema.size());
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string& name = json.names[i];
    const auto column = schema.find(name);
    if (!column) return misfit("there is no column '" + name + "'", "columns: " + to_text(schema));
    row[*column] = to_value(json.items[i], schema.fields[*column].type);
  }
  return row;
}

Timestamp from_millis(const Json& json) {
  const double millis =
      json.kind == Json::Kind::integer ? static_cast<double>(json.integer) : json.real;
  return {static_cast<std::int64_t>(std::llround(millis * 1000))};
}

std::string millis_text(Timestamp time) {
  if (time.us % 1000 == 0) return std::to_string(time.us / 1000);
  return real_text(static_cast<double>(time.us) / 1000);
}

Result<void> send(Session& session, const Json& line, const std::string& name) {
  EF_TRY(const semantic::Stream* stream, session.stream(name));
  std::optional<Timestamp> time;
  if (const Json* ts = line.find("ts")) time = from_millis(*ts);
  std::vector<std::vector<Value>> rows;
  if (const Json* row = line.find("row")) {
    EF_TRY(auto values, to_row(*row, stream->schema));
    rows.push_back(std::move(values));
  } else if (const Json* all = line.find("rows")) {
    for (const Json& one : all->items) {
      EF_TRY(auto values, to_row(one, stream->schema));
      rows.push_back(std::move(values));
    }
  } else {
    return misfit(R"(a line for a stream needs "row" or "rows")");
  }
  return session.send_batch(name, rows, time);
}

}  // namespace

std::string replay_line(const OutputRow& row, const Schema& schema) {
  std::string line = R"({"stream":)" + base::quote_json(row.stream) + R"(,"ts":)" +
                     millis_text(row.at) + R"(,"kind":")" + row.kind + R"(","row":[)";
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    if (i != 0) line += ',';
    line += runtime::value_json(row.values[i], schema.fields[i].type);
  }
  return line + "]}";
}

Result<void> Replay::run_line(std::string_view text) {
  if (base::trim(text).empty()) return {};
  std::string why;
  const auto line = base::parse_json(text, &why);
  if (!line || line->kind != Json::Kind::object) {
    return misfit("the line is no JSON object",
                  R"(write it like {"stream":"Trades","row":["IBM",10.0],"ts":100})");
  }
  if (const Json* stream = line->find("stream")) {
    EF_CHECK(send(session_, *line, stream->text));
  } else if (const Json* step = line->find("advance_ms")) {
    session_.advance(from_millis(*step) - Timestamp{0});
  } else if (line->find("checkpoint") != nullptr) {
    EF_CHECK(session_.checkpoint());
  } else if (line->find("crash") != nullptr) {
    EF_CHECK(session_.crash());
  } else {
    return misfit("a line has none of stream, advance_ms, checkpoint, crash");
  }
  print_output();
  if (auto failure = session_.failure()) return *failure;
  return {};
}

void Replay::finish() {
  session_.end();
  print_output();
}

void Replay::print_output() {
  for (const OutputRow& row : session_.take_output())
    emit_(replay_line(row, (*session_.stream(row.stream).value()).schema));
}

}  // namespace eventflux::testkit
