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

// A decoder names no place. The first of the columns that it cannot be made with is the wrong one;
// without any of them, it is EACH.
Error at_path(Error error, const Source& source, const Resource& resource) {
  if (error.code != Code::invalid_path || !error.span.empty()) return error;
  DecoderSpec part{{}, resource.decoder.each};
  for (std::size_t count = 0; count <= resource.decoder.fields.size(); ++count) {
    if (count > 0) part.fields.push_back(resource.decoder.fields[count - 1]);
    if (source.mapper.entry->decoder(source.mapper.params, part).ok()) continue;
    error.span = count == 0 ? resource.each_span : resource.path_spans[count - 1];
    return error;
  }
  return error;
}

Result<void> make_decoders(const Source& source) {
  const auto& make = source.mapper.entry->decoder;
  for (const Resource& resource : source.resources) {
    if (const auto made = make(source.mapper.params, resource.decoder); !made.ok())
      return at_path(made.error(), source, resource);
    if (resource.when) EF_CHECK(make({}, {resource.when_fields, {}}));
  }
  return {};
}

}  // namespace

void AppBinder::check_app() {
  flow_ = dataflow_of(app_, catalog_.size());
  check_cycles();
  check_watermarks();
  check_lateness();
  check_mappers();
  check_dead_letters();
  warn_watermarks();
  warn_unused();
}

// Streams without writers are taken away, then those that only they fill; what stays is in a cycle
// or after one.
bool AppBinder::has_cycle() const {
  std::vector<std::size_t> missing(catalog_.size());
  std::vector<std::size_t> open;
  for (std::size_t stream = 0; stream < missing.size(); ++stream) {
    missing[stream] = flow_.writers[stream].size();
    if (missing[stream] == 0) open.push_back(stream);
  }
  std::size_t taken = 0;
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    ++taken;
    for (const std::size_t query : flow_.readers[at])
      if (const std::size_t target = app_.queries[query].target; --missing[target] == 0)
        open.push_back(target);
  }
  return taken < missing.size();
}

// Follows queries; a window, or a source of the stream, makes a cycle finite.
bool AppBinder::reaches_itself(std::size_t stream, bool through_windows) const {
  std::vector<std::size_t> open{stream};
  std::vector<bool> seen(catalog_.size());
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::size_t reader : flow_.readers[at]) {
      const Query& query = app_.queries[reader];
      const bool finite = query.window || flow_.sourced[query.target];
      if (seen[query.target] || (finite && !through_windows)) continue;
      if (query.target == stream) return true;
      seen[query.target] = true;
      open.push_back(query.target);
    }
  }
  return false;
}

// One cycle has one message, at the first of its queries.
void AppBinder::check_cycles() {
  if (!has_cycle()) return;
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

// A stream is in event time by its own WATERMARK, or when all that fills it is.
bool AppBinder::in_event_time(std::size_t stream, std::vector<std::optional<bool>>& known) const {
  if (catalog_.stream(stream).watermark) return true;
  if (known[stream]) return *known[stream];
  known[stream] = false;
  const std::vector<std::size_t>& writers = flow_.writers[stream];
  const bool all = std::all_of(writers.begin(), writers.end(), [&](std::size_t query) {
    return in_event_time(app_.queries[query].input, known);
  });
  known[stream] = all && !writers.empty();
  return *known[stream];
}

void AppBinder::warn_watermarks() {
  std::vector<std::optional<bool>> known(catalog_.size());
  for (const Query& query : app_.queries) {
    if (!query.window || !query.window->by_time) continue;
    if (in_event_time(query.input, known)) continue;
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
  std::vector<bool> used(catalog_.size());
  for (const Sink& sink : app_.sinks)
    used[sink.stream] = true;
  for (const DeadLetterEdge& edge : dead_letter_edges())
    used[edge.to] = true;
  for (std::size_t index = 0; index < catalog_.size(); ++index) {
    if (used[index] || !flow_.readers[index].empty() || !flow_.writers[index].empty()) continue;
    const Stream& stream = catalog_.stream(index);
    report_.warn(Code::unused_stream, "nothing reads or fills '" + stream.name + '\'', stream.span);
  }
}

}  // namespace eventflux::semantic
