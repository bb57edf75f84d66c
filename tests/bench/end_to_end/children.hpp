#pragma once

#include <map>
#include <string>

namespace eventflux::bench {

/// Keeps this process, and what it starts meanwhile, on one dataflow; the former ones come back at
/// the end. Does nothing when there is only one.
class PinnedTo {
 public:
  explicit PinnedTo(int core);
  ~PinnedTo();
  PinnedTo(const PinnedTo&) = delete;
  PinnedTo& operator=(const PinnedTo&) = delete;

 private:
  unsigned long before_ = 0;
};

/// Finds a process of this program by a word on its command line. Returns 0 when there is none.
int child_with(const std::string& word);

/// Returns the processor time of each thread of a process, by name. Units: seconds.
std::map<std::string, double> thread_seconds(int pid);

/// Returns what a process holds in memory, in kilobytes; 0 when it is gone.
long resident_kb(int pid);

/// Returns the processor time of all children that have ended. Units: seconds.
double ended_children_seconds();

}  // namespace eventflux::bench
