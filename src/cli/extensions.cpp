#include <algorithm>

#include "base/display_text.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/manifest.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

void list(const std::vector<ManifestEntry>& entries, bool json) {
  for (const ManifestEntry& entry : entries) {
    if (json) {
      print_data(manifest_json(entry) + "\n");
      continue;
    }
    print_data(base::pad_columns(
                   base::pad_columns(entry.kind, 12) + entry.name + entry.signature + ' ', 44) +
               entry.summary + "\n");
  }
}

std::string type_text(const ParamInfo& info) {
  return info.choices.empty() ? info.type : base::join(info.choices, "|");
}

std::string name_text(const ParamInfo& info) {
  return info.prefix ? info.name + "<name>" : info.name;
}

std::string default_text(const ParamInfo& info) {
  if (info.required) return "required";
  return info.default_value.empty() ? "–" : info.default_value;
}

std::string limits(const ParamInfo& info) {
  const std::string text = limits_text(info);
  return text.empty() ? text : ' ' + text;
}

std::string markdown_row(const ParamInfo& info) {
  std::string type = type_text(info);
  for (std::size_t at = 0; (at = type.find('|', at)) != std::string::npos; at += 2)
    type.replace(at, 1, "\\|");
  std::string row = "| `" + name_text(info);
  row.append("` | ").append(type).append(" | ").append(default_text(info));
  return row.append(" | ")
      .append(info.text)
      .append(limits(info))
      .append(info.secret ? " Secret. |\n" : " |\n");
}

std::string text_row(const ParamInfo& info) {
  std::string row = base::pad_columns("  " + name_text(info) + ' ', 30);
  row.append(type_text(info)).append(", ").append(default_text(info));
  row.append(info.secret ? ", secret" : "");
  row = base::pad_columns(row + ' ', 62);
  row += info.text + limits(info);
  if (!info.example.empty()) row.append(" For example ").append(info.example);
  return row + "\n";
}

std::string describe(const ManifestEntry& entry, bool markdown) {
  const std::string name = entry.name + entry.signature;
  std::string text =
      markdown ? "## " + entry.kind + " `" + name + "`\n\n" : entry.kind + " " + name + "\n  ";
  text += entry.summary + "\n";
  if (!entry.delivery.empty())
    text += (markdown ? "\nDelivery class: " : "  delivery class: ") + entry.delivery + "\n";
  if (entry.params.empty()) return text;
  text += markdown ? "\n| Parameter | Type | Default | Meaning |\n|---|---|---|---|\n" : "\n";
  for (const ParamInfo& info : entry.params)
    text += markdown ? markdown_row(info) : text_row(info);
  return text;
}

int describe_all(const std::vector<ManifestEntry>& entries, const Arguments& arguments) {
  if (arguments.words.size() < 2) {
    print_error("error: describe needs a name\nhelp: eventflux extensions ls\n");
    return exit_usage;
  }
  const std::string& name = arguments.words[1];
  bool found = false;
  for (const ManifestEntry& entry : entries) {
    if (base::fold(entry.name) != base::fold(name)) continue;
    const std::string format = arguments.get("format", "text");
    print_data(format == "json" ? manifest_json(entry) + "\n" : describe(entry, format == "md"));
    found = true;
  }
  if (found) return exit_ok;
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const ManifestEntry& entry : entries)
    names.push_back(entry.name);
  const auto near = base::closest_match(name, names);
  return report({Code::unknown_target, "there is no extension '" + name + "'",
                 near ? "did you mean '" + *near + "'?" : "eventflux extensions ls"});
}

int run(const Arguments& arguments) {
  const Host host;
  const std::vector<ManifestEntry> entries = manifest(host.engine().extensions());
  const std::string& verb = arguments.words[0];
  if (verb == "ls") {
    list(entries, arguments.has("json"));
    return exit_ok;
  }
  if (verb == "describe") return describe_all(entries, arguments);
  if (verb == "manifest") {
    print_data(manifest_json(entries) + "\n");
    return exit_ok;
  }
  print_error("error: there is no 'extensions " + verb +
              "'\nhelp: ls, describe NAME or manifest\n");
  return exit_usage;
}

}  // namespace

Command extensions_command() {
  return {.name = "extensions",
          .group = "Extend",
          .purpose = "lists and describes everything a query can name",
          .words = "ls | describe NAME | manifest",
          .words_min = 1,
          .words_max = 2,
          .options = {{"--format", "text|md|json", "form of describe"},
                      {"--json", "", "ls as one JSON object per line"}},
          .examples = {"eventflux extensions ls", "eventflux extensions describe websocket",
                       "eventflux extensions describe @app"},
          .run = run};
}

}  // namespace eventflux::cli
