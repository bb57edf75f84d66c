#include "runtime/state/dead_letter_record.hpp"

#include <array>

#include "eventflux/state.hpp"

#include "base/text.hpp"

namespace eventflux::runtime {
namespace {

/// Text as JSON; bytes that are not UTF-8 as hexadecimal behind a mark.
std::string bytes_json(std::string_view bytes) {
  if (base::is_utf8(bytes)) return base::quote_json(bytes);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "hex:";
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return base::quote_json(text);
}

}  // namespace

std::string_view stage_name(Stage stage) {
  constexpr std::array<std::string_view, 6> names{"decode",   "map",    "validate",
                                                  "operator", "encode", "sink"};
  return names[static_cast<std::size_t>(stage)];
}

std::string encode_dead_letter(const DeadLetter& letter) {
  SnapshotWriter writer;
  writer.put(letter.time.us);
  writer.put_text(letter.source);
  writer.put_text(letter.resource);
  writer.put(letter.stage);
  writer.put(letter.code);
  writer.put_text(letter.reason);
  writer.put(letter.attempts);
  writer.put_text(letter.payload);
  writer.put(letter.payload_length);
  writer.put_text(letter.row);
  return writer.take();
}

Result<DeadLetter> decode_dead_letter(std::string_view bytes) {
  SnapshotReader reader(bytes);
  DeadLetter letter;
  EF_TRY(letter.time.us, reader.get<std::int64_t>());
  EF_TRY(letter.source, reader.get_text());
  EF_TRY(letter.resource, reader.get_text());
  EF_TRY(letter.stage, reader.get_up_to(Stage::sink));
  // Any number: another build may know other codes, and all are shown by their number.
  EF_TRY(const auto code, reader.get<std::underlying_type_t<Code>>());
  letter.code = static_cast<Code>(code);
  EF_TRY(letter.reason, reader.get_text());
  EF_TRY(letter.attempts, reader.get<std::int32_t>());
  EF_TRY(letter.payload, reader.get_text());
  EF_TRY(letter.payload_length, reader.get<std::uint64_t>());
  EF_TRY(letter.row, reader.get_text());
  return letter;
}

std::string dead_letter_json(const DeadLetter& letter, const std::string& id) {
  std::string text =
      R"({"id":)" + base::quote_json(id) + R"(,"time":")" + to_text(letter.time) + '"';
  text += ",\"source\":" + base::quote_json(letter.source);
  if (!letter.resource.empty()) text += ",\"resource\":" + base::quote_json(letter.resource);
  text += R"(,"stage":")" + std::string(stage_name(letter.stage)) + R"(","code":")" +
          code_text(letter.code) + '"';
  text += ",\"reason\":" + base::quote_json(letter.reason) +
          ",\"attempts\":" + std::to_string(letter.attempts);
  if (letter.payload_length != 0) {
    text += ",\"payload_length\":" + std::to_string(letter.payload_length);
    text += ",\"payload\":" + bytes_json(letter.payload);
  }
  if (!letter.row.empty()) text += ",\"row\":" + letter.row;
  return text + "}";
}

}  // namespace eventflux::runtime
