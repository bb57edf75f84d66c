#include "engine/secrets.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "model/shared_params.hpp"

namespace eventflux::engine {
namespace {

/// Names of parameters that hold secrets, in small letters.
class SecretNames {
 public:
  explicit SecretNames(const Registry& registry) {
    for (const SourceEntry& source : registry.sources()) {
      add(source.params);
      add(infos(model::source_params(source.traits)));
    }
    for (const SinkEntry& sink : registry.sinks()) {
      add(sink.params);
      add(infos(model::sink_params(sink.traits)));
    }
    for (const MapperEntry& mapper : registry.mappers()) {
      add(mapper.decoder_params);
      add(mapper.encoder_params);
    }
  }

  bool contains(std::string_view name) const {
    const std::string small = base::lower(name);
    return names_.contains(small) ||
           std::any_of(prefixes_.begin(), prefixes_.end(),
                       [&](const std::string& prefix) { return small.starts_with(prefix); });
  }

 private:
  void add(const std::vector<ParamInfo>& params) {
    for (const ParamInfo& param : params)
      if (param.secret) (param.prefix ? prefixes_ : names_).insert(base::lower(param.name));
  }

  std::set<std::string> names_;
  std::set<std::string> prefixes_;
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

/// Returns the name in front of `=` in front of `end`; empty when there is none.
std::string_view name_before(std::string_view text, std::size_t end) {
  const auto skip_space = [&] {
    while (end != 0 && (text[end - 1] == ' ' || text[end - 1] == '\t' || text[end - 1] == '\n'))
      --end;
  };
  skip_space();
  if (end == 0 || text[end - 1] != '=') return {};
  --end;
  skip_space();
  if (end != 0 && (text[end - 1] == '\'' || text[end - 1] == '"')) --end;
  std::size_t begin = end;
  while (begin != 0 && is_name_character(text[begin - 1]))
    --begin;
  return text.substr(begin, end - begin);
}

/// Returns where a literal ends that begins behind the quote before `at`: at its own quote, or at
/// the end of the line when that is missing.
std::size_t end_of_literal(std::string_view text, std::size_t at, char quote) {
  while (at < text.size() && text[at] != '\n') {
    if (text[at] != quote) {
      ++at;
    } else if (at + 1 < text.size() && text[at + 1] == quote) {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

}  // namespace

std::string without_secrets(std::string_view text, const Registry& registry) {
  const SecretNames names(registry);
  std::string masked(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '-' && text.substr(at, 2) == "--") {
      at = std::min(text.find('\n', at), text.size() - 1);
      continue;
    }
    if (text[at] != '\'' && text[at] != '"') continue;
    const std::size_t begin = at + 1;
    const std::size_t end = end_of_literal(text, begin, text[at]);
    const bool named = text.substr(begin, 2) == "${";
    if (!named && names.contains(name_before(text, at)))
      std::fill(masked.begin() + static_cast<std::ptrdiff_t>(begin),
                masked.begin() + static_cast<std::ptrdiff_t>(end), '*');
    at = end;
  }
  return masked;
}

}  // namespace eventflux::engine
