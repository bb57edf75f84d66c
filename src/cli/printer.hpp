#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "eventflux/context.hpp"
#include "eventflux/engine.hpp"
#include "eventflux/row_text.hpp"

namespace eventflux::cli {

/// Prints rows of streams as they leave. Thread: rows come on the graph's.
class Printer {
 public:
  /// `out` outlives it.
  Printer(RowFormat format, Output& out) : format_(format), out_(out) {}

  /// Adds the streams of these names and those of bare SELECTs, before the app starts.
  /// Fails: EF0806.
  Result<void> listen(const Program& program, const App& app,
                      const std::vector<std::string>& names);

  /// Closes what the formats leave open; after the app has stopped.
  void end();

  /// Returns how many rows were printed.
  std::uint64_t printed() const { return printed_; }

  /// Returns how many of them no sink writes.
  std::uint64_t printed_only() const { return printed_only_; }

 private:
  Result<void> add(const StreamInfo& stream, const App& app, bool shared);

  RowFormat format_;
  Output& out_;
  std::vector<std::shared_ptr<RowRenderer>> renderers_;
  std::vector<Subscription> subscriptions_;
  std::atomic<std::uint64_t> printed_{0};
  std::atomic<std::uint64_t> printed_only_{0};
};

}  // namespace eventflux::cli
