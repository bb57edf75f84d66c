#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

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
};

inline constexpr std::size_t dead_letter_payload_max = 1U << 20U;

/// Returns the stored form, and reads it back. Fails: EF0702.
std::string encode_dead_letter(const DeadLetter& letter);
Result<DeadLetter> decode_dead_letter(std::string_view bytes);
/// Returns one JSON object, as `dlq show` prints it.
std::string dead_letter_json(const DeadLetter& letter, const std::string& id);

/// Dead letters that wait for the epoch to which they belong. Thread: any.
class DeadLetterBuffer {
 public:
  void add(DeadLetter letter);
  std::vector<DeadLetter> take();

  bool empty() const { return waiting_.load(std::memory_order_acquire) == 0; }

  /// Returns how many there were in all.
  std::uint64_t total() const;

 private:
  mutable std::mutex mutex_;
  std::vector<DeadLetter> letters_;  // guarded by mutex_
  std::uint64_t total_ = 0;          // guarded by mutex_
  std::atomic<std::size_t> waiting_{0};
};

/// The first failure that ends an app. Thread: any.
class Failure {
 public:
  /// Ends the app at once: what no checkpoint covers is read again. Keeps the first error only.
  void set(Error error);
  /// Ends the app at a row under error.strategy='fail': what came before it is still written, the
  /// open epoch is not committed, so that a restart meets the row again.
  void fail_before_row(Error error);

  /// Returns whether the app ends at once.
  bool is_set() const { return at_once_.load(std::memory_order_acquire); }

  /// Returns whether the app ends, at once or at a row.
  bool is_ending() const { return ending_.load(std::memory_order_acquire); }

  std::optional<Error> error() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;  // guarded by mutex_
  std::atomic<bool> at_once_{false};
  std::atomic<bool> ending_{false};
};

}  // namespace eventflux::runtime
