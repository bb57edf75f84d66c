#include "eventflux/params.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "model/url.hpp"

namespace eventflux {
namespace {

Error bad_value(std::string_view text, std::string_view what, std::string help = {}) {
  return {Code::invalid_value, "'" + std::string(text) + "' is not " + std::string(what),
          std::move(help)};
}

Span place_of_name(const ParamValue& value) {
  return value.name_span.empty() ? value.span : value.name_span;
}

std::string example_of(const ParamInfo& info) {
  return "for example " + info.name + "='" + info.example + "'";
}

struct SizeUnit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array size_units{SizeUnit{"TiB", 1ULL << 40U}, SizeUnit{"GiB", 1ULL << 30U},
                                SizeUnit{"MiB", 1ULL << 20U}, SizeUnit{"KiB", 1ULL << 10U},
                                SizeUnit{"B", 1}};

/// Follows JSON text byte by byte into strings and values and out of them.
struct Nesting {
  void read(char c) {
    if (escaped) {
      escaped = false;
    } else if (quoted) {
      escaped = c == '\\';
      quoted = c != '"';
    } else {
      quoted = c == '"';
      depth += c == '{' || c == '[' ? 1 : 0;
      depth -= c == '}' || c == ']' ? 1 : 0;
    }
  }

  bool outside() const { return !quoted && depth == 0; }

  int depth = 0;
  bool quoted = false;
  bool escaped = false;
};

/// Splits "[a, {…}]" at the commas of its own level; strings lose their quotes.
std::optional<std::vector<std::string>> json_array(std::string_view text) {
  if (!text.ends_with(']')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> items;
  std::size_t begin = 0;
  Nesting nesting;
  const auto add = [&](std::size_t end) {
    const std::string_view item = base::trim(text.substr(begin, end - begin));
    if (item.empty()) return;
    items.push_back(base::unquote_json(item).value_or(std::string(item)));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (nesting.outside() && text[i] == ',') {
      add(i);
      begin = i + 1;
    } else {
      nesting.read(text[i]);
    }
  }
  if (!nesting.outside()) return std::nullopt;
  add(text.size());
  return items;
}

}  // namespace

Result<bool> parse_bool(std::string_view text) {
  if (base::equal_fold(text, "true")) return true;
  if (base::equal_fold(text, "false")) return false;
  return bad_value(text, "true or false");
}

Result<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return bad_value(text, "a whole number");
  return value;
}

Result<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return bad_value(text, "a number");
  return value;
}

Result<ByteSize> parse_size(std::string_view text) {
  const std::string_view trimmed = base::trim(text);
  std::uint64_t count = 0;
  const auto [end, code] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), count);
  if (code != std::errc()) return bad_value(text, "a size", "write it like 64KiB, 1MiB, 4GiB");
  const std::string_view unit =
      base::trim({end, static_cast<std::size_t>(trimmed.data() + trimmed.size() - end)});
  if (unit.empty()) return ByteSize{count};
  for (const SizeUnit& row : size_units)
    if (base::equal_fold(unit, row.name)) return ByteSize{count * row.bytes};
  return bad_value(text, "a size: expected a unit", "write it like 64KiB, 1MiB, 4GiB");
}

Result<std::vector<std::string>> parse_list(std::string_view text) {
  const std::string_view trimmed = base::trim(text);
  if (trimmed.starts_with('[')) {
    auto items = json_array(trimmed);
    if (!items) return bad_value(text, "a list", "write it like a, b or as a JSON array");
    return *std::move(items);
  }
  if (trimmed.starts_with('{')) return std::vector<std::string>{std::string(trimmed)};
  std::vector<std::string> items;
  for (const std::string_view part : base::split(trimmed, ','))
    if (const std::string_view item = base::trim(part); !item.empty()) items.emplace_back(item);
  return items;
}

std::string size_text(ByteSize size) {
  for (const SizeUnit& unit : size_units) {
    if (size.bytes != 0 && size.bytes % unit.bytes == 0)
      return std::to_string(size.bytes / unit.bytes) + std::string(unit.name);
  }
  return "0";
}

std::string ParamCodec<std::vector<std::string>>::print(const std::vector<std::string>& value) {
  return base::join(value, ", ");
}

Error unknown_choice(std::string_view text, const std::vector<std::string>& names) {
  std::string help = "one of " + base::join(names, ", ");
  if (const auto near = base::closest_match(text, names))
    help = "did you mean '" + *near + "'? " + help;
  return bad_value(text, "a known value", std::move(help));
}

Result<void> check_url(std::string_view text, const std::vector<std::string>& schemes) {
  EF_TRY(const model::Url url, model::parse_url(text));
  if (std::find(schemes.begin(), schemes.end(), url.scheme) != schemes.end()) return {};
  return Error{Code::invalid_value,
               "'" + std::string(text.substr(0, text.find_first_of("?#@"))) + "' has the scheme " +
                   url.scheme,
               "one of " + base::join(schemes, ", ")};
}

namespace {

// Returns the number that bounds are about: of a duration its microseconds, of a size its bytes.
Result<std::int64_t> number_of(const ParamInfo& info, std::string_view text) {
  if (info.type == ParamCodec<Duration>::type) {
    EF_TRY(const Duration length, parse_duration(text));
    return length.count();
  }
  if (info.type != ParamCodec<ByteSize>::type) return parse_integer(text);
  EF_TRY(const ByteSize size, parse_size(text));
  return static_cast<std::int64_t>(std::min<std::uint64_t>(size.bytes, INT64_MAX));
}

Result<void> check_range(const ParamInfo& info, const std::string& text) {
  if (!info.least && !info.most) return {};
  EF_TRY(const std::int64_t number, number_of(info, text));
  if (info.least && number < *info.least) {
    return Error{Code::invalid_value, "'" + text + "' is too small",
                 "at least " + bound_text(info, *info.least)};
  }
  if (info.most && number > *info.most) {
    return Error{Code::invalid_value, "'" + text + "' is too large",
                 "at most " + bound_text(info, *info.most)};
  }
  return {};
}

// Whoever found out that an address cannot be used: where it was written, its author did it.
Code code_of(const Error& cause) {
  return cause.code == Code::invalid_address ? Code::invalid_value : cause.code;
}

Result<void> check_names(std::string_view extension, const std::vector<ParamInfo>& infos,
                         const ParamValues& values) {
  for (const ParamValue& value : values) {
    if (find_param(infos, value.name)) continue;
    std::vector<std::string> names(infos.size());
    std::transform(infos.begin(), infos.end(), names.begin(),
                   [](const ParamInfo& info) { return info.name; });
    const auto near = base::closest_match(value.name, names);
    return Error{
        Code::unknown_parameter,
        "unknown parameter '" + value.name + "' for " + std::string(extension),
        near ? "did you mean '" + *near + "'?"
             : "eventflux extensions describe " + std::string(extension) + " lists them all",
        place_of_name(value)};
  }
  for (auto value = values.begin(); value != values.end(); ++value) {
    const auto same = [&](const ParamValue& other) { return other.name == value->name; };
    if (std::none_of(values.begin(), value, same)) continue;
    return Error{Code::conflicting_parameters, "'" + value->name + "' is given twice",
                 "keep one of the two", place_of_name(*value)};
  }
  return {};
}

Result<void> check_presence(std::string_view extension, const std::vector<ParamInfo>& infos,
                            const ParamValues& values) {
  for (const ParamInfo& info : infos) {
    const auto given = [&](const ParamValue& value) {
      return info.prefix ? value.name.starts_with(info.name) : value.name == info.name;
    };
    if (!info.required || std::any_of(values.begin(), values.end(), given)) continue;
    return Error{Code::missing_parameter, std::string(extension) + " needs '" + info.name + "'",
                 example_of(info)};
  }
  return {};
}

const ParamValue* find_value(const ParamValues& values, std::string_view name) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const ParamValue& value) { return value.name == name; });
  return found == values.end() ? nullptr : &*found;
}

constexpr std::string_view any_rest = "…";

bool is_wanted(std::string_view text, std::string_view wanted) {
  if (!wanted.ends_with(any_rest)) return base::equal_fold(text, wanted);
  wanted.remove_suffix(any_rest.size());
  return base::equal_fold(text.substr(0, wanted.size()), wanted);
}

// What is open may turn out to be what is needed.
bool is_met(const ParamNeed& need, const std::vector<ParamInfo>& infos, const ParamValues& values) {
  return std::any_of(need.names.begin(), need.names.end(), [&](const std::string& name) {
    const ParamValue* given = find_value(values, name);
    if (given != nullptr && given->open) return true;
    if (need.value.empty()) return given != nullptr && !given->text.empty();
    if (given != nullptr) return is_wanted(given->text, need.value);
    const auto known = find_param(infos, name);
    return known && is_wanted(infos[*known].default_value, need.value);
  });
}

Error unmet(const ParamValue& value, const ParamNeed& need, const std::vector<ParamInfo>& infos) {
  const std::string wanted = to_text(need);
  if (need.choice.empty()) {
    return {Code::conflicting_parameters, value.name + " needs " + wanted,
            "set " + wanted + ", or leave out " + value.name, place_of_name(value)};
  }
  return {Code::missing_parameter, value.name + "='" + value.text + "' needs " + wanted,
          example_of(infos[*find_param(infos, need.names.front())]), value.span};
}

// A value that would have no effect is a mistake: somebody meant something by it.
Result<void> check_effect(const ParamInfo& info, const ParamValue& value,
                          const std::vector<ParamInfo>& infos, const ParamValues& values) {
  for (const ParamNeed& need : info.needs) {
    if (!need.choice.empty() && need.choice != value.text) continue;
    if (!is_met(need, infos, values)) return unmet(value, need, infos);
  }
  for (const std::string& name : info.excludes) {
    const ParamValue* other = find_value(values, name);
    if (other == nullptr || other->open || other->text.empty()) continue;
    return Error{Code::conflicting_parameters, value.name + " has no effect beside " + name,
                 "leave out one of the two", place_of_name(value)};
  }
  return {};
}

}  // namespace

std::string to_text(const ParamNeed& need) {
  std::string text = base::join(need.names, " or ");
  if (!need.value.empty()) text += "='" + need.value + "'";
  return text;
}

std::string bound_text(const ParamInfo& info, std::int64_t bound) {
  return info.type == ParamCodec<Duration>::type ? to_text(Duration(bound)) : std::to_string(bound);
}

std::string limits_text(const ParamInfo& info) {
  std::string text;
  const auto add = [&](const std::string& sentence) {
    text += (text.empty() ? "" : " ") + sentence + ".";
  };
  if (info.least) add("At least " + bound_text(info, *info.least));
  if (info.most) add("At most " + bound_text(info, *info.most));
  std::vector<std::string> needs;
  for (const ParamNeed& need : info.needs) {
    if (need.choice.empty()) needs.push_back(to_text(need));
    if (!need.choice.empty()) add("'" + need.choice + "' needs " + to_text(need));
  }
  if (!needs.empty()) add("Needs " + base::join(needs, " and "));
  if (!info.excludes.empty()) add("Not beside " + base::join(info.excludes, " or "));
  return text;
}

std::optional<std::size_t> find_param(const std::vector<ParamInfo>& infos, std::string_view name) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const ParamInfo& info = infos[i];
    if (!info.prefix && info.name == name) return i;
    const bool fits = info.prefix && name.starts_with(info.name) && name.size() > info.name.size();
    if (fits && (!found || infos[*found].name.size() < info.name.size())) found = i;
  }
  return found;
}

Result<void> check_value(const ParamInfo& info, const ParamValue& value) {
  if (info.required && value.text.empty())
    return Error{Code::invalid_value, value.name + " = '' is empty", example_of(info), value.span};
  auto checked = info.check ? info.check(value) : Result<void>();
  if (checked.ok()) checked = check_range(info, value.text);
  if (checked.ok()) return checked;
  const Error& cause = checked.error();
  const std::string why = info.secret ? value.name + " has a value that cannot be used"
                                      : value.name + " = " + cause.message;
  return Error{code_of(cause), why, cause.help, value.span};
}

Result<void> check_params(std::string_view extension, const std::vector<ParamInfo>& infos,
                          const ParamValues& values) {
  EF_CHECK(check_names(extension, infos, values));
  EF_CHECK(check_presence(extension, infos, values));
  for (const ParamValue& value : values) {
    if (value.open) continue;
    const ParamInfo& info = infos[*find_param(infos, value.name)];
    EF_CHECK(check_value(info, value));
    if (!value.text.empty()) EF_CHECK(check_effect(info, value, infos, values));
  }
  return {};
}

}  // namespace eventflux
