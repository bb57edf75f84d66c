#include "runtime/delivery/error_policy.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "runtime/delivery/row_json.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::size_t sample_bytes = 32;

bool is_power_of_ten(std::uint64_t count) {
  while (count >= 10 && count % 10 == 0)
    count /= 10;
  return count == 1;
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

void ErrorPolicy::rejected(Node&, const Batch& batch, const RowErrors& errors) {
  for (const RowErrors::Entry& entry : errors.entries()) {
    DeadLetter letter;
    Batch one = batch;
    const auto row = static_cast<std::uint16_t>(entry.row);
    one.selection = {&row, 1};
    letter.row = row_json(one, 0, schema_);
    letter.stage = Stage::operation;
    // Late rows come here under late='dlq' only.
    if (entry.error.code == Code::late_row) {
      keep_always(std::move(letter), entry.error);
    } else {
      decide(std::move(letter), entry.error);
    }
  }
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
                               std::int32_t attempts) {
  DeadLetter letter;
  letter.stage = stage;
  letter.row = std::move(row);
  letter.attempts = attempts;
  decide(std::move(letter), error);
}

void ErrorPolicy::row_unwritten(std::string row, const Error& error, std::int32_t attempts) {
  DeadLetter letter;
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

void ErrorPolicy::input_lost(const std::string& text) {
  context_.log.write(LogLevel::warn, code_text(Code::input_lost) + " at=" + name_ + " " + text);
}

void ErrorPolicy::keep_always(DeadLetter letter, const Error& error) {
  note(letter, error);
  if (context_.durable || to_stream) keep(std::move(letter));
}

void ErrorPolicy::note(DeadLetter& letter, const Error& error) {
  letter.time = context_.clock.now();
  letter.source = name_;
  letter.code = error.code;
  letter.reason = error.message;
  log_once(letter);
}

void ErrorPolicy::keep(DeadLetter letter) {
  if (to_stream) to_stream(letter);
  context_.letters.add(std::move(letter));
}

void ErrorPolicy::decide(DeadLetter letter, const Error& error) {
  note(letter, error);
  if (action_ == Action::fail) {
    Error failure = error;
    failure.message = name_ + ": " + error.message;
    // What a sink refuses stands behind rows that are written already: there is no row before it.
    if (letter.stage == Stage::sink) return context_.failure.set(std::move(failure));
    return context_.failure.stop_before(std::move(failure));
  }
  if (action_ == Action::dlq) keep(std::move(letter));
}

/// The first of a kind prints with a sample; then only counts that are powers of ten.
void ErrorPolicy::log_once(const DeadLetter& letter) {
  std::uint64_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    count = ++seen_[{letter.stage, letter.code}];
  }
  if (!is_power_of_ten(count)) return;
  std::string text = code_text(letter.code) + " at=" + name_ +
                     " stage=" + std::string(stage_name(letter.stage)) +
                     " reason=" + base::quote_json(letter.reason);
  if (count == 1) {
    const std::string& sample = letter.payload.empty() ? letter.row : letter.payload;
    if (!sample.empty()) text += " sample=" + base::quote_json(sample.substr(0, sample_bytes));
  }
  text += " count=" + std::to_string(count);
  context_.log.write(level_, text);
}

}  // namespace eventflux::runtime
