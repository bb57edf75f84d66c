#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/subscriber_operator.hpp"
#include "lower/lower_app.hpp"
#include "model/variables.hpp"
#include "runtime/delivery/error_policy.hpp"
#include "runtime/delivery/sink_operator.hpp"
#include "runtime/delivery/source_batch.hpp"
#include "runtime/delivery/source_emitter.hpp"
#include "runtime/exec/mutex.hpp"
#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::engine {

/// Everything from outside that an app may touch. Owns: nothing; all of it outlives the app.
struct Host {
  Clock& clock;
  FileSystem& files;
  Transport& transport;
  Log& log;
  Output* out = nullptr;  ///< Where the console connector prints; null: nowhere.
  model::VariableLookup variables{};
  std::uint64_t seed = 0;
  bool durable = false;  ///< A state directory is in use.
  /// Sources follow what happens now: event time far ahead of the clock is refused by default.
  bool live = false;
};

/// The single-threaded heart of a running app: its graph, what enters, what leaves, and what a
/// checkpoint holds. It starts no threads and reads no sockets, so tests drive it on a virtual
/// clock. Thread: one at a time.
class Dataflow {
 public:
  static Result<std::unique_ptr<Dataflow>> make(plan::Plan plan, Host host);

  const plan::Plan& plan() const { return plan_; }

  const Host& host() const { return host_; }

  /// The runtime's parameters, their variables replaced.
  const model::SourceOptions& source_options(std::size_t i) const { return source_options_[i]; }

  const model::SinkOptions& sink_options(std::size_t i) const { return sink_options_[i]; }

  runtime::Graph& graph() { return *app_.graph; }

  const runtime::Graph& graph() const { return *app_.graph; }

  /// Returns the dead letters of sources and operators since the last call, for the epoch that is
  /// cut now.
  std::vector<runtime::DeadLetter> take_dead_letters();
  /// Returns those of a sink that belong to an epoch or to one before it. Those for
  /// error.dlq.stream enter the graph with the next push_dead_letter_rows(). Thread: that of the
  /// sink.
  std::vector<runtime::DeadLetter> take_sink_letters(std::size_t sink, std::uint64_t epoch);
  /// Sends dead letters that are waiting into their streams.
  void push_dead_letter_rows();

  /// Returns whether push_dead_letter_rows() has something to do.
  bool has_dead_letter_rows() const {
    return has_stream_letters_.load(std::memory_order_acquire) || !letters_.empty();
  }

  /// Returns how many dead letters there were. Thread: any.
  std::uint64_t dead_letters_total() const;

  /// Returns those that wait for the next epoch, for looking at.
  const std::vector<runtime::DeadLetter>& waiting_dead_letters() const { return epoch_letters_; }

  runtime::Failure& failure() { return failure_; }

  /// Returns the index of a stream. Fails: EF0806 with a near name.
  Result<std::size_t> find_stream(std::string_view name) const;

  const semantic::Stream& stream(std::size_t index) const { return plan_.app.streams[index]; }

  /// Runs rows through the graph, in the order of their runs, and notes the positions behind them.
  /// When a row ends the app, neither the rows behind it nor the positions count.
  void process(runtime::SourceBatch& source_batch);

  /// Returns whether a row may end the app. What other queries have made of rows that come after it
  /// in the same batch is not committed and comes again.
  bool may_stop_at_row() const { return may_stop_at_row_; }

  /// Returns whether the app stops at a payload that became no row: then all that was processed
  /// comes before it, and may be committed.
  bool stopped_between_rows() const { return stopped_between_rows_; }

  /// `partition` is that of the source that sent the rows; 0: not told apart.
  void push_rows(runtime::Operator& entry, const BatchBuilder& rows, std::uint32_t first,
                 std::uint32_t count, std::uint32_t partition = 0);

  runtime::Operator& entry(std::size_t stream) { return *app_.streams[stream]; }

  /// Adds a listener to a stream. Listeners see rows before sinks do.
  SubscriberId add_subscriber(std::size_t stream, Subscriber subscriber) {
    return subscribers_[stream]->add(std::move(subscriber));
  }

  void remove_subscriber(std::size_t stream, SubscriberId id) { subscribers_[stream]->remove(id); }

  /// Makes the encoder of a sink and connects it to its stream.
  Result<runtime::SinkOperator*> add_sink(std::size_t sink, runtime::OutputTarget& target);
  /// Makes what a source emits into. `resume` are stored positions.
  Result<std::unique_ptr<runtime::SourceEmitter>> make_source(std::size_t source,
                                                              runtime::InputConsumer& target,
                                                              runtime::Acknowledger* acknowledger);

  /// Returns the policy for rows that the sink itself refuses.
  runtime::ErrorPolicy& sink_policy(std::size_t sink) { return *sink_policies_[sink]; }

  /// Returns the last cursor of each partition that moved since the last call, of sources that hear
  /// of commits.
  std::vector<runtime::StoredCursor> take_acknowledgements() {
    return std::exchange(acknowledgements_, {});
  }

  /// Returns the gaps that sources reported since the last call, when there is a store for them.
  std::vector<runtime::StoredGap> take_gaps() { return std::exchange(gaps_, {}); }

  /// Returns positions and cursors, and what state has changed since the last call.
  runtime::Checkpoint checkpoint(std::uint64_t epoch);
  /// Takes over a checkpoint: parts of the program that it knows go on, new ones start empty, and
  /// the state of those that are gone is kept for a week. Fails: EF0705 a part that is defined
  /// otherwise now, EF0702.
  Result<void> restore(const runtime::Checkpoint& checkpoint);
  /// Returns the position of each partition of a source.
  std::vector<Cursor> positions(std::string_view source) const;

 private:
  Dataflow(plan::Plan plan, Host host) : plan_(std::move(plan)), host_(std::move(host)) {}

  Result<void> build();
  Result<void> read_options();
  bool any_policy_fails() const;
  runtime::RowErrorPolicy* query_policy(const semantic::Query& query);
  Result<runtime::RowErrorPolicy*> stream_policy(std::size_t stream);
  Result<std::unique_ptr<runtime::ErrorPolicy>> make_policy(const std::string& name,
                                                            const Schema& schema,
                                                            const model::ErrorOptions& options,
                                                            runtime::Failure& failure,
                                                            runtime::DeadLetterBuffer& letters);
  Result<runtime::ResourceRoute> make_route(const semantic::Source& source,
                                            const semantic::Resource& resource,
                                            runtime::Operator& entry);
  void set_partition(std::uint32_t source, const runtime::SourceBatch::PartitionNote& note);
  bool is_bounded(std::size_t source) const;
  void note_position(std::uint32_t source, const Cursor& cursor, std::uint64_t generation);
  void push_to_stream(const runtime::DeadLetter& letter);

  plan::Plan plan_;
  Host host_;
  std::vector<model::SourceOptions> source_options_;
  std::vector<model::SinkOptions> sink_options_;
  runtime::DeadLetterBuffer letters_;  // of operators and encoders
  std::vector<std::unique_ptr<runtime::DeadLetterBuffer>> source_letters_;
  std::vector<std::unique_ptr<runtime::DeadLetterBuffer>> sink_letters_;
  std::vector<runtime::DeadLetter> epoch_letters_;  // complete: their rows were sent
  runtime::Failure failure_;
  std::vector<std::unique_ptr<runtime::Failure>> source_failures_;  // each stops its source
  bool may_stop_at_row_ = false;
  bool stopped_between_rows_ = false;
  std::vector<std::unique_ptr<runtime::ErrorPolicy>> policies_;
  std::vector<runtime::ErrorPolicy*> sink_policies_;
  lower::LoweredApp app_;
  std::vector<std::unique_ptr<SubscriberOperator>> subscribers_;  // one per stream
  std::vector<runtime::StoredCursor> positions_;
  std::vector<runtime::StoredCursor> acknowledgements_;  // of the open epoch
  std::vector<runtime::StoredGap> gaps_;                 // of the open epoch
  std::vector<runtime::PlanPart> orphans_;  // owners of stored state that the program lacks
  std::vector<std::string> forgotten_;      // operators whose stored state goes with the next epoch

  exec::Mutex stream_letters_mutex_;
  std::vector<runtime::DeadLetter> stream_letters_;  // of sinks; guarded by stream_letters_mutex_
  std::atomic<bool> has_stream_letters_{false};
  std::vector<Column> columns_;  // of the rows on their way into the graph
};

}  // namespace eventflux::engine
