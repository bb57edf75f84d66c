#include "base/assert.hpp"

#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

namespace eventflux::base {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  const char* name = std::strrchr(file, '/');
  const std::string text = "eventflux: invariant broken: " + std::string(condition) + " at " +
                           (name == nullptr ? file : name + 1) + ":" + std::to_string(line) + "\n";
  // The process is about to end: a failed write changes nothing.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  std::abort();
}

}  // namespace eventflux::base
