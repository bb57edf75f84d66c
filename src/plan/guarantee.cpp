#include "plan/guarantee.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "semantic/dataflow.hpp"

namespace eventflux::plan {

namespace {

enum class Level : std::uint8_t { at_most_once, at_least_once, effectively_once, exactly_once };

constexpr std::array<std::string_view, 4> level_names = {"at most once", "at least once",
                                                         "effectively once", "exactly once"};

// One element of a path: the most that it allows, and the words for it.
struct Element {
  Level most = Level::exactly_once;
  std::string reason;
  std::string remedy;
};

Element source_element(const semantic::Source& source) {
  const std::string name = "source '" + source.name + "' (" + source.entry->name;
  switch (source.entry->traits.delivery) {
    case SourceClass::r0_volatile:
      return {Level::at_most_once, name + ", R0) does not repeat what was missed",
              "a source that can be read again, such as a file or a log"};
    case SourceClass::r1_ack_window:
      return {Level::at_least_once, name + ", R1) sends again what was not acknowledged",
              "a source that can be read from a position"};
    case SourceClass::r1b_repairable:
      return {Level::at_most_once, name + ", R1b) is repaired with a journal only",
              "a source that can be read from a position"};
    case SourceClass::r2_seekable:
      return {Level::exactly_once, name + ", R2)", ""};
  }
  return {};
}

Element sink_element(const semantic::Sink& sink) {
  const std::string name = "sink '" + sink.name + "' (";
  switch (sink.entry->traits.delivery) {
    case SinkClass::s0_unacknowledged:
      return {Level::at_most_once, name + "S0) does not acknowledge",
              "a sink that acknowledges, such as a file or a database"};
    case SinkClass::s1_acknowledged:
      return {Level::at_least_once, name + "S1) writes again what it may have written",
              "a sink that knows what it wrote"};
    case SinkClass::s2_idempotent:
      return {Level::effectively_once, name + "S2) drops what comes twice", ""};
    case SinkClass::s3_transactional:
      return {Level::exactly_once, name + "S3)", ""};
  }
  return {};
}

Element mode_element(model::Delivery mode) {
  if (mode == model::Delivery::at_most_once)
    return {Level::at_most_once, "@app(delivery='at_most_once')", "at_least_once"};
  if (mode == model::Delivery::at_least_once)
    return {Level::at_least_once, "@app(delivery='at_least_once')", "effectively_once"};
  return {};
}

// Without a state directory only the other side's memory of acknowledgements is left.
Element state_element(const semantic::Source& source, bool durable) {
  if (durable) return {};
  if (source.entry->traits.delivery == SourceClass::r1_ack_window)
    return {Level::at_least_once, "no state directory", "a state directory"};
  return {Level::at_most_once, "no state directory: positions do not survive a restart",
          "a state directory"};
}

// By stream: whether rows of the source get there.
std::vector<bool> streams_after(const semantic::App& app, const semantic::Dataflow& flow,
                                const semantic::Source& source) {
  std::vector<bool> reached(app.streams.size());
  std::vector<std::size_t> open;
  for (const semantic::Resource& resource : source.resources)
    open.push_back(resource.stream);
  while (!open.empty()) {
    const std::size_t stream = open.back();
    open.pop_back();
    if (reached[stream]) continue;
    reached[stream] = true;
    for (const std::size_t query : flow.readers[stream])
      open.push_back(app.queries[query].target);
  }
  return reached;
}

Element weakest(const semantic::Source& source, const semantic::Sink& sink, bool durable) {
  const std::array<Element, 3> elements = {source_element(source), sink_element(sink),
                                           state_element(source, durable)};
  return *std::min_element(elements.begin(), elements.end(),
                           [](const auto& a, const auto& b) { return a.most < b.most; });
}

Error not_reachable(const semantic::Source& source, const semantic::Sink& sink,
                    const Element& least) {
  return {Code::guarantee_not_reachable,
          "effectively once is not possible from '" + source.name + "' to '" + sink.name +
              "': " + least.reason,
          "use " + least.remedy + ", or @app(delivery='at_least_once')", sink.span};
}

Guarantee guarantee(std::size_t source, std::size_t sink, const Element& least) {
  const std::string remedy = least.remedy.empty() ? "" : "; more with " + least.remedy;
  return {source, sink, std::string(level_names[static_cast<std::size_t>(least.most)]),
          least.reason + remedy};
}

}  // namespace

Result<std::vector<Guarantee>> guarantees(const semantic::App& app, bool durable) {
  const semantic::Dataflow flow = semantic::dataflow_of(app, app.streams.size());
  const Element mode = mode_element(app.options.delivery);
  const bool demanded = app.options.delivery == model::Delivery::effectively_once;
  std::vector<Guarantee> all;
  for (std::size_t source = 0; source < app.sources.size(); ++source) {
    const std::vector<bool> reached = streams_after(app, flow, app.sources[source]);
    for (std::size_t sink = 0; sink < app.sinks.size(); ++sink) {
      if (!reached[app.sinks[sink].stream]) continue;
      const Element path = weakest(app.sources[source], app.sinks[sink], durable);
      if (demanded && path.most < Level::effectively_once)
        return not_reachable(app.sources[source], app.sinks[sink], path);
      all.push_back(guarantee(source, sink, mode.most < path.most ? mode : path));
    }
  }
  return all;
}

}  // namespace eventflux::plan
