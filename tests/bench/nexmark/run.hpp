#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/system_host.hpp"

namespace eventflux::nexmark {

/// How time passes while a query runs.
enum class Pace : std::uint8_t {
  work,    ///< On the machine's clock; events come as fast as they are taken.
  events,  ///< On a clock that moves from event to event.
  still,  ///< On a clock that stands until the last event: one window of processing time holds all.
};

/// One run of a query.
struct RunSpec {
  std::string query;     ///< "q0": the file q00.efql.
  std::string stream{};  ///< Whose rows are looked at; empty: the one with the name of the query.
  std::uint64_t events = 100'000;
  std::uint64_t rate = 1000;
  std::uint64_t disorder = 1;
  std::uint64_t batch = 1024;
  Pace pace = Pace::work;
  std::string state_dir{};
};

/// Sees rows of the query; returns whether the run goes on.
using RowsSeen = std::function<bool(const Schema& schema, const Batch& rows)>;

/// Runs queries in the whole engine: source, resource, watermark and query in one thread, no sink.
class Runs {
 public:
  Runs();

  /// Runs up to the end of the events, or until `seen` wants no more; with a state directory the
  /// next run goes on from there. Returns the processor time of the process, in seconds.
  /// Fails: what compiling and running fail with.
  Result<double> run(const RunSpec& spec, const RowsSeen& seen);

  /// Runs the source into batches that nobody reads. Returns the processor time, in seconds.
  /// `kinds`: the last so many of $.person, $.auction and $.bid are taken.
  Result<double> run_source(std::uint64_t events, std::size_t kinds);

 private:
  engine::SystemHost system_host_;
};

}  // namespace eventflux::nexmark
