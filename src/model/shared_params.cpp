#include "model/shared_params.hpp"

#include <algorithm>
#include <array>

namespace eventflux {

using model::Decompress;
using model::Delivery;
using model::ErrorStrategy;
using model::LatePolicy;
using model::OnExhausted;
using model::RetryBackoff;
using model::UnmatchedPolicy;

template <>
struct ParamCodec<ErrorStrategy> : ChoiceCodec<ErrorStrategy, ParamCodec<ErrorStrategy>> {
  static constexpr std::array<std::string_view, 5> choices{"auto", "drop", "retry", "dlq", "fail"};
};

template <>
struct ParamCodec<RetryBackoff> : ChoiceCodec<RetryBackoff, ParamCodec<RetryBackoff>> {
  static constexpr std::array<std::string_view, 3> choices{"exponential", "linear", "fixed"};
};

template <>
struct ParamCodec<LatePolicy> : ChoiceCodec<LatePolicy, ParamCodec<LatePolicy>> {
  static constexpr std::array<std::string_view, 3> choices{"drop", "dlq", "accept"};
};

template <>
struct ParamCodec<UnmatchedPolicy> : ChoiceCodec<UnmatchedPolicy, ParamCodec<UnmatchedPolicy>> {
  static constexpr std::array<std::string_view, 3> choices{"ignore", "dlq", "fail"};
};

template <>
struct ParamCodec<Decompress> : ChoiceCodec<Decompress, ParamCodec<Decompress>> {
  static constexpr std::array<std::string_view, 6> choices{"none",    "auto", "gzip",
                                                           "deflate", "zlib", "zstd"};
};

template <>
struct ParamCodec<OnExhausted> : ChoiceCodec<OnExhausted, ParamCodec<OnExhausted>> {
  static constexpr std::array<std::string_view, 3> choices{"dlq", "drop", "fail"};
};

template <>
struct ParamCodec<Delivery> : ChoiceCodec<Delivery, ParamCodec<Delivery>> {
  static constexpr std::array<std::string_view, 3> choices{"at_most_once", "at_least_once",
                                                           "effectively_once"};
};

template <>
struct ParamCodec<LogLevel> : ChoiceCodec<LogLevel, ParamCodec<LogLevel>> {
  static constexpr std::array<std::string_view, 4> choices{"debug", "info", "warn", "error"};
};

namespace model {
namespace {

// A pointer to a member of a base is one to a member of the class itself.
template <class Options, class T>
Param<Options> inherited(std::string name, T ErrorOptions::*member, std::string text) {
  return param<Options>(std::move(name), static_cast<T Options::*>(member), std::move(text));
}

template <class Options>
void add_error_params(ParamSpec<Options>& spec) {
  using E = ErrorOptions;
  spec.push_back(inherited<Options>("error.strategy", &E::strategy,
                                    "What happens to a row or payload that cannot be processed."));
  spec.push_back(
      inherited<Options>("error.log-level", &E::log_level, "Level of the log line about it."));
  spec.push_back(inherited<Options>("error.retry.max-attempts", &E::retry_attempts,
                                    "Attempts of error.strategy='retry'."));
  spec.push_back(inherited<Options>("error.retry.backoff", &E::retry_backoff, "How waits grow."));
  spec.push_back(inherited<Options>("error.retry.initial-delay", &E::retry_initial, "First wait."));
  spec.push_back(inherited<Options>("error.retry.max-delay", &E::retry_max, "Longest wait."));
  spec.push_back(inherited<Options>("error.retry.exhausted", &E::retry_exhausted,
                                    "What happens when attempts are used up: dlq, drop or fail."));
  spec.push_back(inherited<Options>("error.dlq.stream", &E::dlq_stream,
                                    "Stream that also gets a row for each dead letter."));
}

template <class Options>
void add_reconnect_params(ParamSpec<Options>& spec) {
  spec.push_back(
      param("reconnect", &Options::reconnect, "Connects again after a lost connection."));
  spec.push_back(param("reconnect.delay.ms", &Options::reconnect_delay,
                       "Bound of the first wait; it doubles, with full jitter."));
  spec.push_back(
      param("reconnect.max.delay.ms", &Options::reconnect_max_delay, "Longest bound of a wait."));
  spec.push_back(param("reconnect.max.attempts", &Options::reconnect_attempts,
                       "Attempts in a row before the app fails; -1 never gives up."));
}

}  // namespace

ParamSpec<SourceOptions> source_params(const SourceTraits& traits) {
  using O = SourceOptions;
  ParamSpec<O> spec;
  if (traits.network) add_reconnect_params(spec);
  if (!traits.rows) {
    spec.push_back(param("payload.decompress", &O::decompress, "How payloads are compressed."));
    spec.push_back(param("message.max.bytes", &O::message_max, "Larger payloads are rejected."));
    spec.push_back(
        param("unmatched", &O::unmatched, "What happens to payloads that no resource claims."));
  }
  spec.push_back(param("buffer.rows", &O::buffer_rows,
                       "Rows between source and queries; full stops reading."));
  spec.push_back(param("late", &O::late, "What happens to rows behind the watermark."));
  spec.push_back(
      param("lateness", &O::lateness, "How far behind the watermark a row is not late yet."));
  spec.push_back(
      param("idle.timeout", &O::idle_timeout,
            "Silence after which the source no longer holds the watermark back; 0: never."));
  add_error_params(spec);
  return spec;
}

ParamSpec<SinkOptions> sink_params(const SinkTraits& traits) {
  using O = SinkOptions;
  ParamSpec<O> spec;
  spec.push_back(param("batch.size", &O::batch_size, "Rows per write."));
  spec.push_back(param("batch.bytes", &O::batch_bytes, "Encoded bytes per write."));
  spec.push_back(param("batch.interval", &O::batch_interval,
                       "Longest wait of the first row of a batch; 0: until the barrier."));
  spec.push_back(
      param("retry.initial-delay", &O::retry_initial_delay, "First wait after a failed write."));
  spec.push_back(param("retry.max-delay", &O::retry_max_delay, "Longest wait."));
  spec.push_back(param("retry.backoff", &O::sink_backoff, "How waits grow."));
  spec.push_back(param("retry.max-attempts", &O::retry_max_attempts,
                       "Attempts per write; -1 never gives up."));
  spec.push_back(
      param("retry.max-elapsed", &O::retry_max_elapsed, "Longest time per write; 0: no limit."));
  spec.push_back(
      param("on_exhausted", &O::on_exhausted, "What happens to rows when retries are used up."));
  if (traits.network) add_reconnect_params(spec);
  add_error_params(spec);
  return spec;
}

ParamSpec<AppOptions> app_params() {
  using O = AppOptions;
  return {
      param("name", &O::name, "Name of the app: its folder in the state directory, its label."),
      param("delivery", &O::delivery, "The guarantee that every path must reach."),
      param("epoch.interval", &O::epoch_interval,
            "Longest time between two checkpoints under load."),
      param("epoch.records", &O::epoch_records, "Rows after which a checkpoint is taken."),
      param("epoch.bytes", &O::epoch_bytes, "Bytes of input after which a checkpoint is taken."),
      param("epochs.in_flight", &O::epochs_in_flight, "Checkpoints that may wait for sinks."),
      param("store.max.bytes", &O::store_max, "Size that the state store may reach.")};
}

Result<SourceOptions> parse_source_options(const SourceEntry& entry, const ParamValues& shared) {
  ParamValues values = shared;
  const auto named = [&](std::string_view name) {
    return std::find_if(values.begin(), values.end(),
                        [&](const ParamValue& v) { return v.name == name; });
  };
  if (const auto alias = named("compression"); alias != values.end()) {
    if (named("payload.decompress") != values.end())
      return Error{Code::conflicting_parameters,
                   "'compression' and 'payload.decompress' are the same parameter",
                   "keep payload.decompress", alias->span};
    alias->name = "payload.decompress";
  }
  return parse_params(entry.name, source_params(entry.traits), values);
}

SplitParams split_params(const ParamValues& all, const std::vector<ParamInfo>& shared) {
  SplitParams parts;
  for (const ParamValue& value : all) {
    const bool is_shared = value.name == "compression" ||
                           std::any_of(shared.begin(), shared.end(), [&](const ParamInfo& info) {
                             return info.name == value.name;
                           });
    (is_shared ? parts.shared : parts.own).push_back(value);
  }
  return parts;
}

}  // namespace model
}  // namespace eventflux
