#include <algorithm>
#include <array>
#include <utility>

#include "semantic/app_binder.hpp"
#include "semantic/bind_query.hpp"

// What can only be said about the whole: cycles, and what is worth a warning.
namespace eventflux::semantic {

namespace {

bool is_known(const Mapper& mapper) {
  const auto open = [](const ParamValue& value) { return value.open; };
  return mapper.entry != nullptr && std::none_of(mapper.params.begin(), mapper.params.end(), open);
}

Result<void> make_decoders(const Source& source) {
  const auto& make = source.mapper.entry->decoder;
  for (const Resource& resource : source.resources) {
    EF_CHECK(make(source.mapper.params, resource.decoder));
    if (resource.when) EF_CHECK(make({}, {resource.when_fields, {}}));
  }
  return {};
}

}  // namespace

void AppBinder::check_app() {
  check_cycles();
  check_watermarks();
  check_lateness();
  check_mappers();
  check_dead_letters();
  warn_watermarks();
  warn_unused();
}

// Follows queries; a window, or a source of the stream, makes a cycle finite.
bool AppBinder::reaches_itself(std::size_t stream, bool through_windows) const {
  std::vector<std::size_t> open{stream};
  std::vector<bool> seen(catalog_.size());
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const Query& query : app_.queries) {
      const bool finite = query.window || has_source(query.target);
      if (query.input != at || seen[query.target] || (finite && !through_windows)) continue;
      if (query.target == stream) return true;
      seen[query.target] = true;
      open.push_back(query.target);
    }
  }
  return false;
}

bool AppBinder::has_source(std::size_t stream) const {
  const auto feeds = [&](const Resource& resource) { return resource.stream == stream; };
  return std::any_of(app_.sources.begin(), app_.sources.end(), [&](const Source& source) {
    return std::any_of(source.resources.begin(), source.resources.end(), feeds);
  });
}

// One cycle has one message, at the first of its queries.
void AppBinder::check_cycles() {
  for (const Query& query : app_.queries) {
    if (!reaches_itself(query.input, true)) continue;
    const std::string name = '\'' + catalog_.stream(query.input).name + '\'';
    if (reaches_itself(query.input, false)) {
      report_.add(report_.fail(Code::stream_cycle,
                               name + " feeds itself and would never come to an end", query.span,
                               "leave out one of the queries between them"));
    } else {
      report_.add(report_.unsupported("a cycle of streams, here of " + name + ',', query.span));
    }
    return;
  }
}

// Rows are late by a watermark only.
void AppBinder::check_lateness() {
  constexpr std::array<std::string_view, 3> names = {"late", "lateness", "idle.timeout"};
  for (const Source& source : app_.sources) {
    const auto timed = [&](const Resource& r) { return catalog_.stream(r.stream).watermark; };
    if (std::any_of(source.resources.begin(), source.resources.end(), timed)) continue;
    for (const ParamValue& param : source.shared_params) {
      if (std::find(names.begin(), names.end(), param.name) == names.end()) continue;
      report_.add(report_.fail(
          Code::conflicting_parameters,
          "'" + param.name + "' needs a stream of '" + source.name + "' with a WATERMARK",
          param.span, "WATERMARK FOR time AS time - 2 SECONDS"));
    }
  }
}

// A mapper is made as the run will make it, now that the columns are known: what its parameters say
// about them is checked by itself. One whose variables are not known yet waits for them.
void AppBinder::check_mappers() {
  const auto refuse = [&](const Result<void>& made, const Mapper& mapper) {
    if (made.ok()) return;
    Error error = made.error();
    if (error.span.empty()) error.span = mapper.span;
    report_.add(error);
  };
  for (const Source& source : app_.sources)
    if (is_known(source.mapper)) refuse(make_decoders(source), source.mapper);
  for (const Sink& sink : app_.sinks) {
    if (!is_known(sink.mapper)) continue;
    const auto made =
        sink.mapper.entry->encoder(sink.mapper.params, catalog_.stream(sink.stream).schema);
    refuse(made.ok() ? Result<void>() : made.error(), sink.mapper);
  }
}

// The watermark of a stream belongs to its source; a query hands on the time of its input.
void AppBinder::check_watermarks() {
  for (const Query& query : app_.queries) {
    const Stream& target = catalog_.stream(query.target);
    if (!target.watermark) continue;
    report_.add(report_.unsupported("WATERMARK on a stream that a query fills", target.span));
    return;
  }
}

bool AppBinder::in_event_time(std::size_t stream, std::vector<bool>& seen) const {
  if (catalog_.stream(stream).watermark) return true;
  if (seen[stream]) return false;
  seen[stream] = true;
  bool written = false;
  for (const Query& query : app_.queries) {
    if (query.target != stream) continue;
    written = true;
    if (!in_event_time(query.input, seen)) return false;
  }
  return written;
}

void AppBinder::warn_watermarks() {
  for (const Query& query : app_.queries) {
    if (!query.window || !closes_by_time(*query.window)) continue;
    std::vector<bool> seen(catalog_.size());
    if (in_event_time(query.input, seen)) continue;
    const Stream& input = catalog_.stream(query.input);
    std::string help = "add a TIMESTAMP column to " + input.name + ", and WATERMARK FOR it";
    for (const Field& field : input.schema.fields) {
      if (field.type != Type::timestamp) continue;
      help = "add  WATERMARK FOR " + field.name + " AS " + field.name + " - 2 SECONDS";
      break;
    }
    report_.warn(Code::no_watermark,
                 input.name + " has no WATERMARK, so " + query.window->entry->name +
                     " closes by arrival time",
                 query.window->span, std::move(help));
  }
}

void AppBinder::warn_unused() {
  if (app_.queries.empty()) return;
  for (std::size_t index = 0; index < catalog_.size(); ++index) {
    const auto touches = [&](const Query& query) {
      return query.input == index || query.target == index;
    };
    const auto sink = [&](const Sink& entry) { return entry.stream == index; };
    const bool used = std::any_of(app_.queries.begin(), app_.queries.end(), touches) ||
                      std::any_of(app_.sinks.begin(), app_.sinks.end(), sink);
    if (used) continue;
    const Stream& stream = catalog_.stream(index);
    report_.warn(Code::unused_stream, "nothing reads or fills '" + stream.name + '\'', stream.span);
  }
}

}  // namespace eventflux::semantic
