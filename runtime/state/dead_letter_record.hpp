#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventflux/error.hpp"
#include "eventflux/time.hpp"

namespace eventflux::runtime {

/// Where a payload or row failed.
enum class Stage : std::uint8_t { decode, map, validate, operation, encode, sink };
std::string_view stage_name(Stage stage);

/// A payload or row that could not be processed, kept for people.
struct DeadLetter {
  Timestamp time{};
  std::string source;    ///< Source, stream, query or sink that rejected it.
  std::string resource;  ///< Stream or resource; may be empty.
  Stage stage = Stage::decode;
  Code code = Code::undecodable;
  std::string reason;
  std::int32_t attempts = 1;
  std::string payload;  ///< Raw bytes when it never became a row, cut at 1 MiB.
  std::uint64_t payload_length = 0;
  std::string row;              ///< JSON, when it was mapped.
  std::int32_t to_stream = -1;  ///< Stream that gets it as a row, too; not stored. Negative: none.
  std::uint64_t epoch = 0;      ///< Whose row it was; 0: of the one that ends next. Not stored.
};

inline constexpr std::size_t dead_letter_payload_max = 1U << 20U;

/// Returns the stored form, and reads it back. Fails: EF0702.
std::string encode_dead_letter(const DeadLetter& letter);
Result<DeadLetter> decode_dead_letter(std::string_view bytes);
/// Returns one JSON object, as `dlq show` prints it.
std::string dead_letter_json(const DeadLetter& letter, const std::string& id);

}  // namespace eventflux::runtime
