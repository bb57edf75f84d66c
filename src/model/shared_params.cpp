#include "model/shared_params.hpp"

#include <algorithm>
#include <array>

namespace eventflux {

using model::Decompress;
using model::Delivery;
using model::DlqFallback;
using model::ErrorStrategy;
using model::LatePolicy;
using model::OnDlqFull;
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
struct ParamCodec<OnDlqFull> : ChoiceCodec<OnDlqFull, ParamCodec<OnDlqFull>> {
  static constexpr std::array<std::string_view, 2> choices{"block", "fail"};
};

template <>
struct ParamCodec<DlqFallback> : ChoiceCodec<DlqFallback, ParamCodec<DlqFallback>> {
  static constexpr std::array<std::string_view, 3> choices{"log", "fail", "retry"};
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
void add_retry_params(ParamSpec<Options>& spec) {
  using E = ErrorOptions;
  const auto add = [&](std::string name, auto member, std::string text) -> Param<Options> {
    return inherited<Options>(std::move(name), member, std::move(text))
        .needs("error.strategy", "retry");
  };
  spec.push_back(
      add("error.retry.max-attempts", &E::retry_attempts, "Total number of attempts.").at_least(1));
  spec.push_back(add("error.retry.backoff", &E::retry_backoff, "Backoff strategy."));
  spec.push_back(add("error.retry.initial-delay", &E::retry_initial, "Initial delay.").at_least(0));
  spec.push_back(add("error.retry.max-delay", &E::retry_max, "Maximum delay.").at_least(0));
  spec.push_back(add("error.retry.exhausted", &E::retry_exhausted,
                     "What happens when attempts are used up: dlq, drop or fail."));
}

template <class Options>
void add_error_params(ParamSpec<Options>& spec) {
  using E = ErrorOptions;
  spec.push_back(inherited<Options>("error.strategy", &E::strategy,
                                    "What happens to a row or payload that cannot be processed."));
  spec.push_back(
      inherited<Options>("error.log-level", &E::log_level, "Level of the log line about it."));
  add_retry_params(spec);
  spec.push_back(inherited<Options>("error.dlq.stream", &E::dlq_stream,
                                    "Stream that also gets a row for each dead letter."));
  spec.push_back(inherited<Options>("error.dlq.fallback-strategy", &E::dlq_fallback,
                                    "What happens when that stream refuses the row.")
                     .needs("error.dlq.stream"));
}

template <class Options>
void add_reconnect_params(ParamSpec<Options>& spec) {
  spec.push_back(
      param("reconnect", &Options::reconnect, "Connects again after a lost connection."));
  spec.push_back(param("reconnect.delay.ms", &Options::reconnect_delay,
                       "Bound of the first delay; it doubles, with full jitter.")
                     .at_least(0)
                     .needs("reconnect", "true"));
  spec.push_back(
      param("reconnect.max.delay.ms", &Options::reconnect_max_delay,
            "Longest bound of a delay; ten times that for refusals that last, such as 401.")
          .at_least(0)
          .needs("reconnect", "true"));
  spec.push_back(param("reconnect.max.attempts", &Options::reconnect_attempts,
                       "Failed attempts in a row after which the app fails; -1 never gives up.")
                     .at_least(-1)
                     .needs("reconnect", "true"));
}

const ParamValue* find(const ParamValues& values, std::string_view name) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const ParamValue& value) { return value.name == name; });
  return found == values.end() ? nullptr : &*found;
}

struct Wait {
  std::string_view name;
  Duration value;
};

// A first wait that is written beside a shorter bound has no effect.
Result<void> check_waits(const ParamValues& values, Wait first, Wait longest) {
  const ParamValue* given = find(values, first.name);
  const ParamValue* bound = find(values, longest.name);
  if (given == nullptr || bound == nullptr || given->open || bound->open ||
      first.value <= longest.value)
    return {};
  return Error{Code::conflicting_parameters,
               std::string(first.name) + " = '" + given->text + "' is longer than " +
                   std::string(longest.name),
               "the first wait is the shortest", given->span};
}

template <class Options>
Result<void> check_reconnects(const ParamValues& values, const Options& options) {
  return check_waits(values, {"reconnect.delay.ms", options.reconnect_delay},
                     {"reconnect.max.delay.ms", options.reconnect_max_delay});
}

Result<void> check_errors(const ParamValues& values, const ErrorOptions& options) {
  EF_CHECK(check_waits(values, {"error.retry.initial-delay", options.retry_initial},
                       {"error.retry.max-delay", options.retry_max}));
  if (options.retry_exhausted == ErrorStrategy::retry) {
    return Error{Code::invalid_value, "error.retry.exhausted = 'retry' is not a known value",
                 "one of dlq, drop, fail", find(values, "error.retry.exhausted")->span};
  }
  if (options.dlq_fallback == DlqFallback::log) return {};
  const ParamValue& given = *find(values, "error.dlq.fallback-strategy");
  return Error{Code::not_supported_yet, given.name + "='" + given.text + "' is not supported yet",
               "leave it out: the durable record exists in every case", given.span};
}

// `compression` is another name of `payload.decompress`.
Result<ParamValues> without_alias(ParamValues values) {
  for (ParamValue& alias : values) {
    if (alias.name != "compression") continue;
    if (find(values, "payload.decompress") != nullptr) {
      return Error{Code::conflicting_parameters,
                   "'compression' and 'payload.decompress' are the same parameter",
                   "keep payload.decompress", alias.span};
    }
    alias.name = "payload.decompress";
  }
  return values;
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
                       "Maximum number of buffered rows; reading pauses when full.")
                     .at_least(1));
  spec.push_back(param("late", &O::late, "What happens to rows behind the watermark."));
  spec.push_back(
      param("lateness", &O::lateness, "How far behind the watermark a row is not late yet.")
          .at_least(0));
  spec.push_back(
      param("idle.timeout", &O::idle_timeout,
            "Silence after which the source no longer holds the watermark back; 0: never.")
          .at_least(0));
  add_error_params(spec);
  return spec;
}

ParamSpec<SinkOptions> sink_params(const SinkTraits& traits) {
  using O = SinkOptions;
  ParamSpec<O> spec;
  spec.push_back(param("delivery", &O::delivery, "The guarantee that paths to it must reach."));
  spec.push_back(param("batch.size", &O::batch_size, "Rows per write.").at_least(1));
  spec.push_back(param("batch.bytes", &O::batch_bytes, "Encoded bytes per write."));
  spec.push_back(param("batch.interval", &O::batch_interval,
                       "Longest wait of the first row of a batch; 0: until the barrier.")
                     .at_least(0));
  spec.push_back(
      param("retry.initial-delay", &O::retry_initial_delay, "Initial delay after a failed write.")
          .at_least(0));
  spec.push_back(param("retry.max-delay", &O::retry_max_delay, "Maximum delay.").at_least(0));
  spec.push_back(param("retry.backoff", &O::sink_backoff, "Backoff strategy."));
  spec.push_back(
      param("retry.max-attempts", &O::retry_max_attempts, "Attempts per write; -1 never gives up.")
          .at_least(-1));
  spec.push_back(
      param("retry.max-elapsed", &O::retry_max_elapsed, "Longest time per write; 0: no limit.")
          .at_least(0));
  spec.push_back(
      param("on_exhausted", &O::on_exhausted, "What happens to rows when retries are used up.")
          .needs_one_of({"retry.max-attempts", "retry.max-elapsed"}));
  if (traits.network) add_reconnect_params(spec);
  add_error_params(spec);
  return spec;
}

/// The name is a folder's: one that could leave the state directory, or hide in it, is refused.
Result<void> check_app_name(const ParamValue& value) {
  if (is_app_name(value.text)) return {};
  return Error{Code::invalid_value, "'" + value.text + "' cannot be the name of an app",
               "use 1 to 64 letters, digits, '_', '-' and '.', and no '.' at the start",
               value.span};
}

ParamSpec<AppOptions> app_params() {
  using O = AppOptions;
  return {
      param("name", &O::name,
            "Name of the app: its folder in the state directory, its label; by default the name of "
            "the file.")
          .valid(check_app_name),
      param("delivery", &O::delivery, "The guarantee that every path must reach."),
      param("epoch.interval", &O::epoch_interval,
            "Longest time between two checkpoints under load.")
          .at_least(std::chrono::milliseconds(1))
          .at_most(std::chrono::seconds(10)),
      param("epoch.records", &O::epoch_records, "Rows after which a checkpoint is taken.")
          .at_least(1),
      param("epoch.bytes", &O::epoch_bytes, "Bytes of input after which a checkpoint is taken."),
      param("epochs.in_flight", &O::epochs_in_flight, "Checkpoints that may wait for sinks.")
          .at_least(1),
      param("store.max.bytes", &O::store_max, "Size that the state store may reach."),
      param("dlq.max.bytes", &O::dlq_max, "Size that the dead letters in it may reach."),
      param("on_dlq_full", &O::on_dlq_full,
            "What happens then: nothing is committed until some are purged, or the app ends.")};
}

bool is_app_name(std::string_view name) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

std::string app_name_of(std::string_view path) {
  std::string name(path.substr(path.find_last_of('/') + 1));
  if (const std::size_t dot = name.rfind('.'); dot != std::string::npos && dot != 0)
    name.resize(dot);
  for (char& c : name)
    if (!is_app_name(std::string{'x', c})) c = '_';
  name = name.substr(0, 64);
  if (!name.empty() && name.front() == '.') name.front() = '_';
  return name.empty() ? "app" : name;
}

bool ErrorOptions::wants_dead_letters() const {
  return strategy == ErrorStrategy::dlq ||
         (strategy == ErrorStrategy::retry && retry_exhausted == ErrorStrategy::dlq);
}

Error delivery_not_built(Delivery delivery, Span span) {
  return {Code::not_supported_yet,
          "delivery='" + ParamCodec<Delivery>::print(delivery) + "' is not supported yet",
          "leave it out: every path gives at_least_once, as far as its source and sink allow",
          span};
}

Result<SourceOptions> parse_source_options(const SourceEntry& entry, const ParamValues& shared) {
  EF_TRY(const ParamValues values, without_alias(shared));
  EF_TRY(const SourceOptions options,
         parse_params(entry.name, source_params(entry.traits), values));
  EF_CHECK(check_reconnects(values, options));
  EF_CHECK(check_errors(values, options));
  return options;
}

Result<SinkOptions> parse_sink_options(const SinkEntry& entry, const ParamValues& shared) {
  EF_TRY(const SinkOptions options, parse_params(entry.name, sink_params(entry.traits), shared));
  EF_CHECK(check_waits(shared, {"retry.initial-delay", options.retry_initial_delay},
                       {"retry.max-delay", options.retry_max_delay}));
  EF_CHECK(check_reconnects(shared, options));
  EF_CHECK(check_errors(shared, options));
  if (options.delivery != Delivery::at_least_once)
    return delivery_not_built(options.delivery, find(shared, "delivery")->span);
  return options;
}

Result<AppOptions> parse_app_options(const ParamValues& values) {
  return parse_params("@app", app_params(), values);
}

SplitParams split_params(const ParamValues& all, const std::vector<ParamInfo>& own,
                         const std::vector<ParamInfo>& shared) {
  const auto declares = [](const std::vector<ParamInfo>& infos, std::string_view name) {
    return std::any_of(infos.begin(), infos.end(),
                       [&](const ParamInfo& info) { return info.name == name; });
  };
  SplitParams parts;
  for (const ParamValue& value : all) {
    const bool is_alias = value.name == "compression" && !declares(own, value.name);
    const bool is_shared = is_alias || declares(shared, value.name);
    (is_shared ? parts.shared : parts.own).push_back(value);
  }
  return parts;
}

}  // namespace model
}  // namespace eventflux
