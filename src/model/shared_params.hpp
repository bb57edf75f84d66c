#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventflux/extension.hpp"

/// Parameters that the runtime owns and attaches to every source, sink or app. Extensions never
/// mention them.
namespace eventflux::model {

enum class ErrorStrategy : std::uint8_t { automatic, drop, retry, dlq, fail };
enum class RetryBackoff : std::uint8_t { exponential, linear, fixed };
enum class LatePolicy : std::uint8_t { drop, dlq, accept };
enum class UnmatchedPolicy : std::uint8_t { ignore, dlq, fail };
enum class Decompress : std::uint8_t { none, automatic, gzip, deflate, zlib, zstd };
enum class OnExhausted : std::uint8_t { dlq, drop, fail };
enum class Delivery : std::uint8_t { at_most_once, at_least_once, effectively_once };
enum class OnDlqFull : std::uint8_t { block, fail };
enum class DlqFallback : std::uint8_t { log, fail, retry };

/// What happens to a row or payload that cannot be processed: `error.*`.
struct ErrorOptions {
  ErrorStrategy strategy = ErrorStrategy::automatic;  ///< dlq with a state directory, else drop.
  LogLevel log_level = LogLevel::warn;
  std::int64_t retry_attempts = 3;
  RetryBackoff retry_backoff = RetryBackoff::exponential;
  Duration retry_initial = std::chrono::milliseconds(100);
  Duration retry_max = std::chrono::seconds(30);
  ErrorStrategy retry_exhausted = ErrorStrategy::automatic;
  std::string dlq_stream{};
  DlqFallback dlq_fallback = DlqFallback::log;

  /// Returns whether failed rows are wanted as dead letters, and not only by default.
  bool wants_dead_letters() const;
};

struct SourceOptions : ErrorOptions {
  bool reconnect = true;
  Duration reconnect_delay = std::chrono::milliseconds(1000);
  Duration reconnect_max_delay = std::chrono::milliseconds(30000);
  std::int64_t reconnect_attempts = -1;
  Decompress decompress = Decompress::none;
  ByteSize message_max{16U << 20U};
  std::int64_t buffer_rows = 8192;
  UnmatchedPolicy unmatched = UnmatchedPolicy::ignore;
  LatePolicy late = LatePolicy::drop;
  Duration lateness{};
  Duration idle_timeout{};  ///< Zero: an idle source holds the watermark back.
};

struct SinkOptions : ErrorOptions {
  Delivery delivery = Delivery::at_least_once;
  std::optional<std::int64_t> batch_size{};  ///< Rows; the connector's own default when empty.
  ByteSize batch_bytes{1U << 20U};
  Duration batch_interval{};  ///< Zero: a batch closes at the barrier.
  Duration retry_initial_delay = std::chrono::milliseconds(100);
  Duration retry_max_delay = std::chrono::seconds(30);
  RetryBackoff sink_backoff = RetryBackoff::exponential;
  std::int64_t retry_max_attempts = -1;
  Duration retry_max_elapsed{};
  OnExhausted on_exhausted = OnExhausted::dlq;
  bool reconnect = true;
  Duration reconnect_delay = std::chrono::milliseconds(1000);
  Duration reconnect_max_delay = std::chrono::milliseconds(30000);
  std::int64_t reconnect_attempts = -1;
};

struct AppOptions {
  std::string name;  ///< Empty: not given; compile() puts a default in its place.
  Delivery delivery = Delivery::at_least_once;
  Duration epoch_interval = std::chrono::milliseconds(50);
  std::int64_t epoch_records = 10000;
  ByteSize epoch_bytes{1U << 20U};
  std::int64_t epochs_in_flight = 4;
  ByteSize store_max{16ULL << 30U};
  ByteSize dlq_max{1ULL << 30U};  ///< Of dead letters in the store.
  OnDlqFull on_dlq_full = OnDlqFull::block;
};

/// Network connectors get reconnect.* too.
ParamSpec<SourceOptions> source_params(const SourceTraits& traits);
ParamSpec<SinkOptions> sink_params(const SinkTraits& traits);
ParamSpec<AppOptions> app_params();

/// Read the runtime's parameters; what is open keeps its default.
/// Fails: EF0303 what cannot be read or is out of range, EF0313 waits that exceed their bound,
/// EF0230 values that are not built; with the position of the value.
/// Shape: `payload.decompress` is also read under the name `compression`.
Result<SourceOptions> parse_source_options(const SourceEntry& entry, const ParamValues& shared);
Result<SinkOptions> parse_sink_options(const SinkEntry& entry, const ParamValues& shared);
Result<AppOptions> parse_app_options(const ParamValues& values);

/// Returns whether a text can name an app, which is a folder of the state directory.
bool is_app_name(std::string_view name);
/// Returns the name that an app has by the path of its program: "trades" for "queries/trades.efql".
std::string app_name_of(std::string_view path);

/// Returns the refusal of a guarantee that no part of the runtime gives.
Error delivery_not_built(Delivery delivery, Span span);

/// Parameters as written, parted by who owns them.
struct SplitParams {
  ParamValues own;
  ParamValues shared;
};

/// Parts parameters; names that nobody declares stay with the extension, whose check reports them.
/// `compression` is another name of the shared `payload.decompress`, unless it is among `own`.
SplitParams split_params(const ParamValues& all, const std::vector<ParamInfo>& own,
                         const std::vector<ParamInfo>& shared);

}  // namespace eventflux::model
