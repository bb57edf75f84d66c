#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/app_status.hpp"
#include "eventflux/batch_builder.hpp"
#include "eventflux/program.hpp"

namespace eventflux {

class FileSystem;
class Log;
class Output;
class Registry;
class Transport;

/// What an engine gets from its host. Owns: nothing; what is pointed to outlives the engine and
/// all that came from it.
struct EngineOptions {
  std::string state_dir{};         ///< LMDB directory; empty keeps state in memory.
  std::uint32_t shards = 1;        ///< Threads that run graphs; 0: the caller of send().
  std::uint64_t seed = 0;          ///< Zero takes one from the system.
  bool builtin_extensions = true;  ///< Register everything that was built in.
  Clock* clock = nullptr;          ///< Null is the system's; likewise the next two.
  Transport* transport = nullptr;
  FileSystem* files = nullptr;
  Log* log = nullptr;     ///< Null is silence.
  Output* out = nullptr;  ///< Where connectors show rows, as `console` does; null: nowhere.
};

/// How an app runs.
struct LoadOptions {
  bool until_eof = false;     ///< Files end at their end, connections at the first disconnect.
  bool sources_only = false;  ///< No host sends rows: the input ends with the last source.
  bool dry_run = false;       ///< Sinks count rows and do not write.
};

/// Takes rows as they leave a stream. It may send to any stream: rows for its own app are taken at
/// once and processed after the batch, so answering every row with another one never ends.
/// An exception that leaves it fails the app with EF0802.
/// Owns: the batch is borrowed for the call. Thread: the one that runs the graph.
using RowsCallback = std::function<void(const Batch& rows)>;

struct AppParts;     // inside
struct EngineParts;  // inside

/// Puts rows into one stream of an app. May outlive its App; it then fails with EF0804.
/// Thread: any, at the same time.
class Publisher {
 public:
  Publisher(std::shared_ptr<AppParts> parts, std::size_t stream);

  /// Returns the columns of the stream. Owns: borrowed from this publisher.
  const Schema& schema() const;

  /// Sends one row: a value per column, in order. It arrives now.
  /// Blocks: while the stream is full; with `shards = 0` until all subscriptions have seen what
  /// follows from it. Not when called from a callback of the same app.
  /// Fails: EF0807 when it does not fit the stream; EF0804 when the app does not run, and then the
  /// row is not taken; the error that ended the app.
  Result<void> send(std::initializer_list<Value> row);
  Result<void> send(std::span<const Value> row);
  /// Sends rows that were built for schema(), in order, with their own times of arrival; times of
  /// the past count as now. Leaves `rows` empty, with memory for the next batch.
  /// Blocks, Fails: as above; all rows are taken or none.
  Result<void> send(BatchBuilder& rows);
  Result<void> send(BatchBuilder&& rows);

 private:
  std::shared_ptr<AppParts> parts_;  // second owner: the App
  std::size_t stream_;
};

/// Calls back for the rows of one stream, for as long as it lives. May outlive its App.
/// Destroying it blocks while the callback runs, unless the callback itself does it; afterwards the
/// callback is not called again. Thread: one at a time.
class [[nodiscard]] Subscription {
 public:
  Subscription(std::shared_ptr<AppParts> parts, std::size_t stream, std::uint64_t subscriber);
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

 private:
  void end();

  std::shared_ptr<AppParts> parts_;  // second owner: the App
  std::size_t stream_ = 0;
  std::uint64_t id_ = 0;
};

/// A program with its state and its threads. Destroying it stops it; that must not happen inside
/// one of its callbacks.
/// Thread: start(), stop(), moving and destroying one after another; the rest from any.
class App {
 public:
  explicit App(std::shared_ptr<AppParts> parts);
  App(App&& other) noexcept = default;
  App& operator=(App&& other) noexcept;
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App();

  /// Starts threads and sources. Fails: EF0804 when it was started before.
  Result<void> start();

  /// Stops sources, processes what was taken, writes it and stores a checkpoint.
  /// Blocks: until that is done or `deadline` has passed on the engine's clock; what no checkpoint
  /// covers is then given up.
  /// Fails: EF0804 when it does not run, or from one of its callbacks; EF0805 deadline; the error
  /// that ended the app.
  Result<void> stop(Duration deadline = std::chrono::seconds(30));

  /// Blocks: until all sources have ended, the app failed, or another thread calls stop(). An app
  /// without sources only ends in the latter two ways.
  void wait();

  /// Fails: EF0806 with a near name.
  Result<Publisher> publisher(std::string_view stream) const;

  /// Fails: EF0806 with a near name.
  Result<Subscription> subscribe(std::string_view stream, RowsCallback callback) const;

  /// Moves the app to the time that its clock shows: timers fire, windows close. Only an app with
  /// `shards = 0`, or one on a clock that was moved by hand, has to be told.
  /// Blocks: until the subscriptions have seen what follows from rows sent before and from time.
  /// Fails: EF0804 when it does not run, or from one of its callbacks; the error that ended it.
  Result<void> advance();

  /// Makes durable what was processed so far, without waiting for the interval of epochs. Returns
  /// the number of the checkpoint that covers it: AppStatus::checkpoint reaches it once the sinks
  /// have written. Blocks: while a batch is processed.
  /// Fails: EF0804 when the app does not run or has no state directory, or from one of its
  /// callbacks; the error that ended it.
  Result<std::uint64_t> checkpoint();

  /// Ends wait() as if all sources had ended. A second call gives up what is not written yet.
  /// Safe in a thread that answers signals.
  void request_stop();

  /// Says whether a program can go on with what this one has stored. Fails: EF0705 with the
  /// difference.
  Result<void> check_replacement(const Program& program) const;

  /// Returns what the app and its parts have done so far.
  AppStatus status() const;

  /// Returns whether all sources have ended, or the app failed.
  bool finished() const;

 private:
  std::shared_ptr<AppParts> parts_;  // second owners: publishers and subscriptions
};

/// Loads programs. Engines share nothing; a process may have several. It has no threads, writes
/// nothing to the standard streams and leaves the signals of the process alone.
/// Thread: any, at the same time, moving and extensions() apart.
class Engine {
 public:
  explicit Engine(std::shared_ptr<EngineParts> parts);

  /// Fails: EF0230 for more than one shard.
  static Result<Engine> open(EngineOptions options = {});

  /// Compiles a program and restores what its last run stored.
  /// Fails: the first diagnostic with its place in the text; what parameters of connectors fail
  /// with; EF0701 … EF0705 of the stored state.
  Result<App> load(std::string_view text) const;
  /// The same for a compiled program of this engine. Fails: its error, when it has one.
  Result<App> load(const Program& program, const LoadOptions& options = {}) const;

  /// Compiles a program; it says itself what is wrong with it.
  Program compile(std::string_view text, const ProgramOptions& options = {}) const;

  /// Returns all that is wrong with a program or doubtful, in the order of the text.
  std::vector<Diagnostic> check(std::string_view text) const;

  /// Returns what the engine was given, or the system's.
  Clock& clock() const;
  FileSystem& files() const;
  Transport& transport() const;

  /// Returns where to register extensions of the host, before the first load() or check().
  /// Owns: borrowed from the engine.
  Registry& extensions();
  const Registry& extensions() const;

 private:
  std::shared_ptr<EngineParts> parts_;  // second owners: the apps
};

}  // namespace eventflux
