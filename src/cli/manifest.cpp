#include "cli/manifest.hpp"

#include <array>

#include "eventflux/version.hpp"

#include "base/text.hpp"
#include "model/shared_params.hpp"

namespace eventflux::cli {
namespace {

std::string delivery_class(SourceClass delivery) {
  constexpr std::array<std::string_view, 4> names{"R0", "R1", "R1b", "R2"};
  return std::string(names[static_cast<std::size_t>(delivery)]);
}

std::string delivery_class(SinkClass delivery) {
  return "S" + std::to_string(static_cast<int>(delivery));
}

std::vector<ParamInfo> joined(std::vector<ParamInfo> own, const std::vector<ParamInfo>& shared) {
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

std::string signature_of(const ScalarFunction& function) {
  if (!function.signature.empty()) {
    const std::size_t open = function.signature.find('(');
    return open == std::string::npos ? function.signature : function.signature.substr(open);
  }
  std::string text = "(";
  for (const Type type : function.arguments)
    text += (text.size() > 1 ? ", " : "") + std::string(type_name(type));
  return text + ")";
}

void add_list(std::string_view name, const std::vector<std::string>& items, std::string& out) {
  if (items.empty()) return;
  out.append(",\"").append(name).append("\":[");
  for (const std::string& item : items)
    out += (&item == items.data() ? "" : ",") + base::quote_json(item);
  out += "]";
}

std::string param_json(const ParamInfo& info) {
  std::string text =
      "{\"name\":" + base::quote_json(info.name) + ",\"type\":" + base::quote_json(info.type);
  if (info.required) text += ",\"required\":true";
  if (!info.default_value.empty()) text += ",\"default\":" + base::quote_json(info.default_value);
  if (info.secret) text += ",\"secret\":true";
  if (info.prefix) text += ",\"prefix\":true";
  if (!info.example.empty()) text += ",\"example\":" + base::quote_json(info.example);
  add_list("choices", info.choices, text);
  if (info.least) text += ",\"least\":" + base::quote_json(bound_text(info, *info.least));
  if (info.most) text += ",\"most\":" + base::quote_json(bound_text(info, *info.most));
  std::vector<std::string> needs;
  for (const ParamNeed& need : info.needs)
    needs.push_back((need.choice.empty() ? "" : "'" + need.choice + "': ") + to_text(need));
  add_list("needs", needs, text);
  add_list("excludes", info.excludes, text);
  return text + ",\"description\":" + base::quote_json(info.text) + "}";
}

}  // namespace

std::vector<ManifestEntry> manifest(const Registry& registry) {
  std::vector<ManifestEntry> all;
  all.push_back({"annotation", "@app", "",
                 "Names the app, whose state is kept below --state under this name, and bounds its "
                 "epochs and store. Written once, before the first statement.",
                 "", infos(model::app_params())});
  for (const SourceEntry& entry : registry.sources()) {
    all.push_back({"source", entry.name, "", entry.text, delivery_class(entry.traits.delivery),
                   joined(entry.params, infos(model::source_params(entry.traits)))});
  }
  for (const SinkEntry& entry : registry.sinks()) {
    all.push_back({"sink", entry.name, "", entry.text, delivery_class(entry.traits.delivery),
                   joined(entry.params, infos(model::sink_params(entry.traits)))});
  }
  for (const MapperEntry& entry : registry.mappers()) {
    all.push_back({"mapper", entry.name, "", entry.text, "",
                   joined(entry.decoder_params, entry.encoder_params)});
  }
  for (const WindowEntry& entry : registry.windows()) {
    const std::size_t open = entry.signature.find('(');
    all.push_back({"window",
                   entry.name,
                   open == std::string::npos ? "" : entry.signature.substr(open),
                   entry.text,
                   "",
                   {}});
  }
  for (const AggregateFunction& entry : registry.aggregates()) {
    all.push_back({"aggregate",
                   entry.name,
                   entry.input ? "(" + std::string(type_name(*entry.input)) + ")" : "(*)",
                   entry.text,
                   "",
                   {}});
  }
  for (const ScalarFunction& entry : registry.functions())
    all.push_back({"function", entry.name, signature_of(entry), entry.text, "", {}});
  for (const SimulatorEntry& entry : registry.simulators())
    all.push_back({"simulator", entry.name, "", entry.text, "", entry.params});
  return all;
}

std::string manifest_json(const ManifestEntry& entry) {
  std::string text =
      "{\"kind\":" + base::quote_json(entry.kind) + ",\"name\":" + base::quote_json(entry.name);
  if (!entry.signature.empty())
    text += ",\"signature\":" + base::quote_json(entry.name + entry.signature);
  text += ",\"summary\":" + base::quote_json(entry.summary);
  if (!entry.delivery.empty())
    text += R"(,"delivery":{"class":)" + base::quote_json(entry.delivery) + "}";
  if (!entry.params.empty()) {
    text += ",\"params\":[";
    for (const ParamInfo& info : entry.params)
      text += (&info == entry.params.data() ? "" : ",") + param_json(info);
    text += "]";
  }
  return text + "}";
}

std::string manifest_json(const std::vector<ManifestEntry>& entries) {
  std::string text =
      R"({"manifest_version":1,"eventflux":")" + std::string(version) + "\",\"extensions\":[\n";
  for (const ManifestEntry& entry : entries)
    text += (&entry == entries.data() ? "" : ",\n") + manifest_json(entry);
  return text + "\n]}";
}

}  // namespace eventflux::cli
