#pragma once

#include <map>
#include <string>
#include <vector>

#include "eventflux/context.hpp"

#include "model/shared_params.hpp"
#include "runtime/delivery/dead_letter.hpp"
#include "runtime/exec/mutex.hpp"
#include "runtime/graph/operator.hpp"

namespace eventflux::runtime {

/// What an app shares among its error policies. Owns: nothing.
struct PolicyContext {
  DeadLetterBuffer& letters;
  Failure& failure;
  Log& log;
  Clock& clock;
  bool durable = false;  ///< A state directory is in use: the default is dlq, else drop.
};

/// What is left to decide when a strategy is resolved.
enum class Action : std::uint8_t { drop, dlq, fail };

/// Decides about payloads and rows that failed, for one source, stream, query or sink. A failure
/// that would come again with the same input goes to `error.retry.exhausted` at once. Thread: any.
class ErrorPolicy final : public RowErrorPolicy {
 public:
  ErrorPolicy(std::string name, Schema schema, const model::ErrorOptions& options,
              PolicyContext context);

  /// Rows that failed in an operator.
  bool rejected(Operator& op, const Batch& batch, const RowErrors& errors) override;
  void dropped(const Batch& batch, std::uint32_t row, const Error& first,
               std::uint64_t rows) override;
  /// A payload that failed before it became rows. `full_length` is larger than the payload when
  /// only its first bytes are there.
  void payload_rejected(std::string_view payload, const std::string& resource, Stage stage,
                        const Error& error, std::uint64_t full_length = 0);
  /// A row that a sink's encoder or the sink refused. `epoch` is the one it belongs to; 0: that
  /// which ends next.
  void row_rejected(std::string row, Stage stage, const Error& error, std::int32_t attempts,
                    std::uint64_t epoch = 0);

  /// Reports input that is lost: it is not a payload and gets no dead letter.
  void input_lost(const std::string& text);

  /// What another parameter made a dead letter, whatever the strategy: a payload under
  /// unmatched='dlq', a row under on_exhausted='dlq'. Only counted where there is no place for it.
  void payload_unclaimed(std::string_view payload, const Error& error);
  void row_unwritten(std::string row, const Error& error, std::int32_t attempts,
                     std::uint64_t epoch = 0);

  /// What unmatched='ignore' lets go: the first of its kind is logged, with a sample.
  void payload_ignored(std::string_view payload, const Error& error);

  Action action() const { return action_; }

  /// Stream of error.dlq.stream; negative: none.
  std::int32_t to_stream = -1;

 private:
  void decide(DeadLetter letter, const Error& error);
  void keep_always(DeadLetter letter, const Error& error);
  void note(DeadLetter& letter, const Error& error, std::string_view outcome);
  void keep(DeadLetter letter);
  void log_once(const DeadLetter& letter, std::uint64_t rows, std::string_view outcome);
  std::string_view outcome() const;

  std::string name_;
  Schema schema_;
  Action action_;
  LogLevel level_;
  PolicyContext context_;
  exec::Mutex mutex_;
  std::map<std::pair<Stage, Code>, std::uint64_t> seen_;  // guarded by mutex_
};

/// Returns what a strategy comes to for a failure that the same input would repeat.
Action resolve_action(const model::ErrorOptions& options, bool durable);

}  // namespace eventflux::runtime
