#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventflux/engine.hpp"

#include "engine/dataflow.hpp"
#include "runtime/delivery/source_emitter.hpp"
#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::testkit {

/// How rows that arrive in one go are cut into batches. What comes out must not depend on it.
enum class Cut : std::uint8_t {
  natural,  ///< One batch per arrival time.
  single,   ///< One batch per row.
  whole,    ///< One batch for all.
};

/// A row on its way in: values in the stream's order, and when it arrives; no time: now.
struct InputRow {
  std::vector<Value> values;
  std::optional<Timestamp> time;
};

/// A row that left.
struct OutputRow {
  std::string stream;
  Timestamp at{};  ///< The clock when it left.
  char kind = '+';
  std::vector<Value> values;
};

/// An app on a virtual clock: sources and sinks are detached, every step is a call.
/// Thread: one.
class Session final : private runtime::InputConsumer {
 public:
  struct Options {
    Timestamp start{};
    Cut cut = Cut::natural;
    bool durable = true;  ///< Rows that fail become dead letters, as with a state directory.
    std::vector<std::string>
        listen{};  ///< Streams whose rows are kept; empty: all that queries fill.
    model::VariableLookup variables = model::defaults_only();
  };

  static Result<std::unique_ptr<Session>> open(plan::Plan plan, Options options);
  /// The same for a text, with the extensions of an engine and the variables of its system.
  /// Fails: its first error, too.
  static Result<std::unique_ptr<Session>> open(std::string_view text, const Engine& engine,
                                               Options options);
  ~Session() override;

  Timestamp now() const { return clock_.now(); }

  const plan::Plan& plan() const { return plan_; }

  /// Returns a stream by name. Fails: EF0806.
  Result<const semantic::Stream*> stream(std::string_view name) const;

  /// Sends rows in order; each moves the clock to its time first. Fails: EF0806, EF0807.
  Result<void> send(std::string_view stream, const std::vector<InputRow>& rows);
  /// Sends rows as one batch that arrives at one time. Fails: EF0806, EF0807.
  Result<void> send_batch(std::string_view stream, const std::vector<std::vector<Value>>& rows,
                          std::optional<Timestamp> time);
  /// Delivers payloads through the mapper of a source. Fails: EF0806, EF0219.
  Result<void> raw(std::string_view source, const std::vector<std::string>& payloads);
  void advance(Duration step);
  /// Ends the input as a bounded one does.
  void end();
  /// Stores a checkpoint.
  Result<void> checkpoint();
  /// Drops all memory and restores the last checkpoint; payloads of raw() behind it come again.
  Result<void> crash();

  /// Returns what left since the last call, in order of emission.
  std::vector<OutputRow> take_output() { return std::exchange(output_, {}); }

  /// Returns all dead letters so far, as JSON without time and id.
  Result<std::vector<std::string>> dead_letters();

  /// Returns the error that ended the app, if any.
  std::optional<Error> failure() const { return dataflow_->failure().error(); }

  /// Returns "label in=… out=… dropped.reason=… held=…" per operator.
  std::vector<std::string> metrics() const;
  /// Returns the streams that a query fills.
  void keep_output(const std::string& stream, const Batch& batch, Timestamp now);
  std::size_t covered_payloads(const std::string& source) const;
  std::vector<std::string> output_streams() const;

 private:
  Session(plan::Plan plan, Options options);
  Result<void> build();
  Result<std::unique_ptr<runtime::SourceBatch>> push(
      std::unique_ptr<runtime::SourceBatch> source_batch, const StopSignal& stop) override;

  Result<runtime::SourceEmitter*> source_node(std::string_view name);
  Result<void> deliver(std::string_view source, std::size_t first);
  void push(std::size_t stream, BatchBuilder& rows);

  plan::Plan plan_;
  Options options_;
  VirtualClock clock_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<runtime::CheckpointStore> store_;
  std::unique_ptr<engine::Dataflow> dataflow_;
  std::map<std::string, std::unique_ptr<runtime::SourceEmitter>, std::less<>> sources_;
  std::map<std::string, std::vector<std::string>, std::less<>> payloads_;
  std::vector<OutputRow> output_;
  std::uint64_t epoch_ = 0;
};

}  // namespace eventflux::testkit
