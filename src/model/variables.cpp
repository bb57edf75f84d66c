#include "model/variables.hpp"

namespace eventflux::model {
namespace {

struct Reference {
  std::string_view kind;
  std::string_view name;
  std::optional<std::string_view> default_value;
};

/// Reads what stands between `${` and `}`.
Reference parse_reference(std::string_view text) {
  Reference found{"env", text, std::nullopt};
  bool plain = true;
  for (const std::string_view kind : {"env", "file", "checkpoint"}) {
    if (!text.starts_with(kind) || text.substr(kind.size(), 1) != ":") {
      if (kind != "checkpoint" || !text.starts_with("checkpoint.")) continue;
    }
    found.kind = kind;
    found.name = text.substr(kind.size() + 1);
    plain = false;
  }
  if (found.kind != "env") return found;
  const std::string_view mark = plain ? ":" : ":-";
  if (const std::size_t at = found.name.find(mark); at != std::string_view::npos) {
    found.default_value = found.name.substr(at + mark.size());
    found.name = found.name.substr(0, at);
  }
  return found;
}

}  // namespace

VariableLookup defaults_only() {
  return [](std::string_view, std::string_view) { return std::optional<std::string>(); };
}

Result<std::string> resolve_variables(std::string_view text, const VariableLookup& lookup) {
  std::string out;
  for (;;) {
    const std::size_t begin = text.find("${");
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return out.append(text);
    out += text.substr(0, begin);
    const std::string_view whole = text.substr(begin, end + 1 - begin);
    const Reference reference = parse_reference(text.substr(begin + 2, end - begin - 2));
    EF_TRY(const std::optional<std::string> value, lookup(reference.kind, reference.name));
    if (value) {
      out += *value;
    } else if (reference.default_value) {
      out += *reference.default_value;
    } else if (reference.kind == "checkpoint") {
      out += whole;
    } else {
      return Error{
          Code::missing_variable,
          std::string(reference.kind) + " '" + std::string(reference.name) + "' is not set",
          reference.kind == "env" ? "set it, or write ${env:NAME:-default}" : "create the file"};
    }
    text.remove_prefix(end + 1);
  }
}

bool has_variable(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

Result<ParamValues> resolve_variables(const ParamValues& values, const VariableLookup& lookup) {
  ParamValues resolved = values;
  for (ParamValue& value : resolved) {
    auto text = resolve_variables(value.text, lookup);
    if (!text.ok()) {
      Error error = std::move(text).error();
      error.span = value.span;
      return error;
    }
    value.text = *std::move(text);
    value.open = false;
  }
  return resolved;
}

}  // namespace eventflux::model
