#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/simulation/case.hpp"
#include "tests/simulation/machine.hpp"

namespace eventflux::tests {

/// Knows from the input alone what has to come out, and finds what did not. It knows nothing of
/// batches, epochs and operators: only which lines each stored position covers.
/// Shape: begin_run() and end_run() around each run of the app, finish() after the last.
class Oracle {
 public:
  Oracle(const Case& drawn, Machine& machine) : case_(drawn), machine_(machine) {}

  /// Notes which lines the stored positions cover: they must not come again.
  void begin_run();
  /// Takes what sinks that are files have written. Shape: nothing runs.
  void end_run(std::size_t run);

  /// Says that a run was stopped in order: what it had received by then has come out.
  void stopped(std::size_t run, std::size_t received) { stopped_[run] = received; }

  void finish();

  const std::vector<std::string>& faults() const { return faults_; }

 private:
  /// How many lines of each input are covered.
  using Covered = std::vector<std::size_t>;

  struct FileRows {
    std::size_t read = 0;
    std::vector<WireRow> rows;
  };

  struct Sum {
    std::int64_t total = 0;
    std::int64_t counted = 0;

    bool operator==(const Sum&) const = default;
  };

  Covered covered_now() const;
  std::vector<WireRow> rows_of(const std::string& stream, bool on_wire);
  bool loses(const std::string& stream, bool on_wire, std::size_t run);
  std::vector<const Line*> wanted_rows(std::size_t input) const;
  Sum sum_of(std::int64_t key, const Covered& covered) const;
  void check_rows();
  void check_order(const std::vector<std::int64_t>& numbers, std::size_t run);
  void check_totals();
  void check_total_run(const std::vector<WireRow>& rows, std::size_t run,
                       std::map<std::int64_t, std::map<std::int64_t, std::int64_t>>& seen);
  void check_windows();
  void check_heard();
  void check_dead_letters();

  void fault(std::string text) { faults_.push_back(std::move(text)); }

  const Case& case_;
  Machine& machine_;
  std::map<std::size_t, Covered> covered_;      // at the beginning of each run
  std::map<std::size_t, std::size_t> stopped_;  // how much had been received before, by run
  std::map<std::string, FileRows> files_;
  std::vector<std::string> faults_;
};

}  // namespace eventflux::tests
