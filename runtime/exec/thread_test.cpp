#include "runtime/exec/thread.hpp"

#include <atomic>
#include <utility>

#include <doctest/doctest.h>

namespace eventflux::exec {
namespace {

TEST_CASE("a thread has finished when its owner is gone") {
  std::atomic<int> runs{0};
  {
    const Thread thread("a name longer than fifteen bytes", [&runs] { ++runs; });
  }
  CHECK(runs == 1);
}

TEST_CASE("a thread that is replaced is joined first") {
  std::atomic<int> runs{0};
  Thread thread("first", [&runs] { ++runs; });
  thread = Thread("second", [&runs] { ++runs; });
  thread.join();
  CHECK(runs == 2);
  CHECK_FALSE(thread.running());
}

}  // namespace
}  // namespace eventflux::exec
