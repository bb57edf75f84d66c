#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "extensions/testing/collecting_emitter.hpp"
#include "extensions/testing/host.hpp"

namespace eventflux::connectors::file {

void register_extension(Registry& registry);

using Lines = std::vector<std::string>;
inline const ParamValue bounded{"when.done", "end"};
inline const ParamValue at_once{"rotate.wait.ms", "0"};

/// A file source on a disk in memory, with what happens between its looks.
class SourceBench {
 public:
  testing::Host host{register_extension};
  testing::MemoryDisk& disk = host.disk;
  testing::CollectingEmitter out{};
  std::deque<std::function<void()>> steps{};  ///< One per pause; behind the last, the source stops.

  SourceBench() {
    host.context.name = "log";
    out.on_pause = [this](Duration wait) {
      host.clock.set(host.clock.now() + wait);
      if (steps.empty()) return out.stop();
      const auto step = std::move(steps.front());
      steps.pop_front();
      step();
    };
  }

  /// Lets so many looks pass without an event; each is 500 ms.
  void wait(int looks) {
    for (int i = 0; i < looks; ++i)
      steps.emplace_back([] {});
  }

  void write(const std::string& path, const std::string& text) { disk.data(path) = text; }

  /// As rotation by rename does it, with an empty new file.
  void rotate(const std::string& to) {
    disk.rename("a", to).value();
    disk.data("a");
  }

  /// Runs a source of its own to the end of the steps; returns the code it ends with.
  std::string run(ParamValues values) {
    if (values.empty() || values[0].name != "path") values.insert(values.begin(), {"path", "a"});
    return host.run(values, out);
  }
};

}  // namespace eventflux::connectors::file
