#include "cli/printer.hpp"

#include <algorithm>

namespace eventflux::cli {

Result<void> Printer::listen(const Program& program, const App& app,
                             const std::vector<std::string>& names) {
  const std::vector<StreamInfo> streams = program.streams();
  std::vector<const StreamInfo*> chosen;
  const auto choose = [&](const StreamInfo& stream) {
    if (std::find(chosen.begin(), chosen.end(), &stream) == chosen.end()) chosen.push_back(&stream);
  };
  for (const std::string& name : names) {
    EF_CHECK(app.publisher(name));  // Says what is near a name that does not exist.
    for (const StreamInfo& stream : streams)
      if (stream.name == name) choose(stream);
  }
  for (const StreamInfo& stream : streams)
    if (stream.anonymous) choose(stream);  // A bare SELECT prints.
  for (const StreamInfo* stream : chosen)
    EF_CHECK(add(*stream, app, chosen.size() > 1));
  return {};
}

Result<void> Printer::add(const StreamInfo& stream, const App& app, bool shared) {
  auto renderer = std::make_shared<RowRenderer>(stream.schema, format_, shared ? stream.name : "",
                                                out_.terminal() ? out_.columns() : 0);
  renderers_.push_back(renderer);
  const bool only = !stream.has_sink;
  EF_TRY(auto subscription, app.subscribe(stream.name, [this, renderer, only](const Batch& rows) {
    if (!out_.wrote_last(renderer.get())) renderer->restart();
    out_.write(renderer.get(), renderer->rows(rows));
    printed_ += rows.size();
    if (only) printed_only_ += rows.size();
  }));
  subscriptions_.push_back(std::move(subscription));
  return {};
}

void Printer::end() {
  for (const auto& renderer : renderers_) {
    if (!out_.wrote_last(renderer.get())) continue;
    if (const std::string text = renderer->end(); !text.empty()) out_.write(renderer.get(), text);
  }
}

}  // namespace eventflux::cli
