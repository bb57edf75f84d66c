#include "runtime/exec/thread.hpp"

#include <atomic>
#include <new>
#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace eventflux::exec {
namespace {

TEST_CASE("a thread has finished when its owner is gone") {
  std::atomic<int> runs{0};
  {
    const Thread thread(
        "a name longer than fifteen bytes", [&runs] { ++runs; }, [](const Error&) {});
  }
  CHECK(runs == 1);
}

TEST_CASE("a thread that is replaced is joined first") {
  std::atomic<int> runs{0};
  Thread thread(
      "first", [&runs] { ++runs; }, [](const Error&) {});
  thread = Thread(
      "second", [&runs] { ++runs; }, [](const Error&) {});
  thread.join();
  CHECK(runs == 2);
  CHECK_FALSE(thread.running());
}

TEST_CASE("an exception ends the thread and not the process (EF0802)") {
  std::string said;
  {
    const Thread thread(
        "source Trades of a long name", [] { throw std::bad_alloc(); },
        [&said](const Error& error) { said = to_text(error); });
  }
  CHECK(said == "EF0802: source Trades of a long name threw: std::bad_alloc");
  start_detached("nobody waits", [] { throw 7; });
}

}  // namespace
}  // namespace eventflux::exec
