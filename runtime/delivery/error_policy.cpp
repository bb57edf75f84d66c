#include "runtime/delivery/error_policy.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "runtime/delivery/row_json.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::size_t sample_bytes = 256;

/// Rows out of time come to a policy only when a rule of time made them dead letters.
bool is_out_of_time(const Error& error) {
  return error.code == Code::late_row || error.code == Code::too_far_ahead;
}

/// Returns the earliest row that failed by itself; null when there is none.
const RowErrors::Entry* first_failed(const RowErrors& errors) {
  const RowErrors::Entry* first = nullptr;
  for (const RowErrors::Entry& entry : errors.entries()) {
    if (!is_out_of_time(entry.error) && (first == nullptr || entry.row < first->row))
      first = &entry;
  }
  return first;
}

/// Returns whether a power of ten lies in (before, after].
bool passes_power_of_ten(std::uint64_t before, std::uint64_t after) {
  std::uint64_t power = 1;
  while (power <= before && power <= after / 10)
    power *= 10;
  return power > before && power <= after;
}

}  // namespace

Action resolve_action(const model::ErrorOptions& options, bool durable) {
  using model::ErrorStrategy;
  ErrorStrategy strategy = options.strategy;
  if (strategy == ErrorStrategy::retry) strategy = options.retry_exhausted;
  if (strategy == ErrorStrategy::automatic)
    return durable || !options.dlq_stream.empty() ? Action::dlq : Action::drop;
  if (strategy == ErrorStrategy::fail) return Action::fail;
  return strategy == ErrorStrategy::dlq ? Action::dlq : Action::drop;
}

ErrorPolicy::ErrorPolicy(std::string name, Schema schema, const model::ErrorOptions& options,
                         PolicyContext context)
    : name_(std::move(name)),
      schema_(std::move(schema)),
      action_(resolve_action(options, context.durable)),
      level_(options.log_level),
      context_(context) {}

bool ErrorPolicy::rejected(Operator&, const Batch& batch, const RowErrors& errors) {
  // Where the app stops, only the first row counts; what comes after it is read again.
  const RowErrors::Entry* stop = action_ == Action::fail ? first_failed(errors) : nullptr;
  for (const RowErrors::Entry& entry : errors.entries()) {
    if (stop != nullptr && entry.row > stop->row) continue;
    DeadLetter letter;
    Batch one = batch;
    const auto row = static_cast<std::uint16_t>(entry.row);
    one.selection = {&row, 1};
    letter.row = row_json(one, 0, schema_);
    letter.stage = Stage::operation;
    if (is_out_of_time(entry.error)) {
      keep_always(std::move(letter), entry.error);
      continue;
    }
    decide(std::move(letter), entry.error);
  }
  return stop != nullptr;
}

void ErrorPolicy::dropped(const Batch& batch, std::uint32_t row, const Error& first,
                          std::uint64_t rows) {
  DeadLetter sample;
  Batch one = batch;
  const auto index = static_cast<std::uint16_t>(row);
  one.selection = {&index, 1};
  sample.row = row_json(one, 0, schema_);
  sample.stage = Stage::operation;
  sample.code = first.code;
  sample.reason = first.message;
  log_once(sample, rows, "dropped");
}

void ErrorPolicy::payload_rejected(std::string_view payload, const std::string& resource,
                                   Stage stage, const Error& error, std::uint64_t full_length) {
  DeadLetter letter;
  letter.resource = resource;
  letter.stage = stage;
  letter.payload = payload.substr(0, dead_letter_payload_max);
  letter.payload_length = std::max<std::uint64_t>(payload.size(), full_length);
  decide(std::move(letter), error);
}

void ErrorPolicy::row_rejected(std::string row, Stage stage, const Error& error,
                               std::int32_t attempts, std::uint64_t epoch) {
  DeadLetter letter;
  letter.epoch = epoch;
  letter.stage = stage;
  letter.row = std::move(row);
  letter.attempts = attempts;
  decide(std::move(letter), error);
}

void ErrorPolicy::row_unwritten(std::string row, const Error& error, std::int32_t attempts,
                                std::uint64_t epoch) {
  DeadLetter letter;
  letter.epoch = epoch;
  letter.stage = Stage::sink;
  letter.row = std::move(row);
  letter.attempts = attempts;
  keep_always(std::move(letter), error);
}

void ErrorPolicy::payload_unclaimed(std::string_view payload, const Error& error) {
  DeadLetter letter;
  letter.stage = Stage::map;
  letter.payload = payload.substr(0, dead_letter_payload_max);
  letter.payload_length = payload.size();
  keep_always(std::move(letter), error);
}

void ErrorPolicy::payload_ignored(std::string_view payload, const Error& error) {
  {
    // Heartbeats and answers are no trouble: one of them is enough, the rest is in the counters.
    const std::lock_guard lock(mutex_);
    if (seen_.contains({Stage::map, error.code})) return;
  }
  DeadLetter sample;
  sample.stage = Stage::map;
  sample.code = error.code;
  sample.reason = error.message;
  sample.payload = payload.substr(0, sample_bytes);
  log_once(sample, 1, "dropped");
}

void ErrorPolicy::input_lost(const std::string& text) {
  context_.log.write(LogLevel::warn, code_text(Code::input_lost) + " at=" + name_ + " " + text);
}

void ErrorPolicy::keep_always(DeadLetter letter, const Error& error) {
  const bool kept = context_.durable || to_stream >= 0;
  note(letter, error, kept ? "dead-lettered" : "dropped");
  if (kept) keep(std::move(letter));
}

std::string_view ErrorPolicy::outcome() const {
  switch (action_) {
    case Action::drop:
      return "dropped";
    case Action::dlq:
      return "dead-lettered";
    case Action::fail:
      return "the app stops before it";
  }
  return {};
}

void ErrorPolicy::note(DeadLetter& letter, const Error& error, std::string_view outcome) {
  letter.time = context_.clock.now();
  letter.source = name_;
  letter.code = error.code;
  letter.reason = error.message;
  log_once(letter, 1, outcome);
}

void ErrorPolicy::keep(DeadLetter letter) {
  letter.to_stream = to_stream;
  context_.letters.add(std::move(letter));
}

void ErrorPolicy::decide(DeadLetter letter, const Error& error) {
  note(letter, error, outcome());
  if (action_ == Action::fail) {
    Error failure = error;
    failure.message = name_ + ": " + error.message;
    // What a sink refuses stands behind rows that are written already: there is no row before it.
    if (letter.stage == Stage::sink) return context_.failure.set(std::move(failure));
    return context_.failure.fail_before_row(std::move(failure));
  }
  if (action_ == Action::dlq) keep(std::move(letter));
}

/// The first of a kind prints with a sample; then only counts that are powers of ten.
void ErrorPolicy::log_once(const DeadLetter& letter, std::uint64_t rows, std::string_view outcome) {
  std::uint64_t before = 0;
  std::uint64_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    std::uint64_t& seen = seen_[{letter.stage, letter.code}];
    before = seen;
    count = seen += rows;
  }
  if (!passes_power_of_ten(before, count)) return;
  std::string text = code_text(letter.code) + " at=" + name_ +
                     " stage=" + std::string(stage_name(letter.stage)) +
                     " reason=" + base::quote_json(letter.reason);
  text += " outcome=" + base::quote_json(outcome);
  if (before == 0) {
    const std::string& sample = letter.payload.empty() ? letter.row : letter.payload;
    if (!sample.empty()) text += " sample=" + base::quote_json(sample.substr(0, sample_bytes));
  }
  text += " count=" + std::to_string(count);
  context_.log.write(level_, text);
}

}  // namespace eventflux::runtime
