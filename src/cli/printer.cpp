#include "cli/printer.hpp"

#include <algorithm>

namespace eventflux::cli {
namespace {

bool has_sink(const semantic::App& app, std::size_t stream) {
  return std::any_of(app.sinks.begin(), app.sinks.end(),
                     [&](const semantic::Sink& sink) { return sink.stream == stream; });
}

}  // namespace

Result<void> Printer::listen(engine::AppRuntime& app_runtime,
                             const std::vector<std::string>& names) {
  std::vector<std::size_t> streams;
  for (const std::string& name : names) {
    EF_TRY(const std::size_t index, app_runtime.dataflow().find_stream(name));
    if (std::find(streams.begin(), streams.end(), index) == streams.end()) streams.push_back(index);
  }
  const auto& app = app_runtime.dataflow().plan().app;
  for (std::size_t i = 0; i < app.streams.size(); ++i) {
    const bool named = std::find(streams.begin(), streams.end(), i) != streams.end();
    if (app.streams[i].anonymous && !named) streams.push_back(i);  // A bare SELECT prints.
  }
  for (const std::size_t stream : streams)
    add(app_runtime, stream, streams.size() > 1);
  return {};
}

void Printer::add(engine::AppRuntime& app_runtime, std::size_t stream, bool shared) {
  const semantic::Stream& found = app_runtime.dataflow().stream(stream);
  auto renderer = std::make_shared<RowRenderer>(found.schema, format_, shared ? found.name : "",
                                                out_.terminal() ? out_.columns() : 0);
  renderers_.push_back(renderer);
  const bool only = !has_sink(app_runtime.dataflow().plan().app, stream);
  app_runtime.add_subscriber(stream, [this, renderer, only](const Batch& rows, Timestamp) {
    if (!out_.wrote_last(renderer.get())) renderer->restart();
    out_.write(renderer.get(), renderer->rows(rows));
    printed_ += rows.size();
    if (only) printed_only_ += rows.size();
  });
}

void Printer::end() {
  for (const auto& renderer : renderers_) {
    if (!out_.wrote_last(renderer.get())) continue;
    if (const std::string text = renderer->end(); !text.empty()) out_.write(renderer.get(), text);
  }
}

}  // namespace eventflux::cli
