#include "eventflux/params.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace eventflux {
namespace {

Error bad_value(std::string_view text, std::string_view what, std::string help = {}) {
  return {Code::invalid_value, "'" + std::string(text) + "' is not " + std::string(what),
          std::move(help)};
}

struct SizeUnit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array size_units{SizeUnit{"TiB", 1ULL << 40U}, SizeUnit{"GiB", 1ULL << 30U},
                                SizeUnit{"MiB", 1ULL << 20U}, SizeUnit{"KiB", 1ULL << 10U},
                                SizeUnit{"B", 1}};

bool fits(const ParamInfo& info, std::string_view name) {
  return info.prefix ? name.starts_with(info.name) && name.size() > info.name.size()
                     : name == info.name;
}

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
  if (const auto near = base::nearest(text, names)) help = "did you mean '" + *near + "'? " + help;
  return bad_value(text, "a known value", std::move(help));
}

Result<void> check_params(std::string_view extension, const std::vector<ParamInfo>& infos,
                          const ParamValues& values) {
  for (const ParamValue& value : values) {
    const auto known = [&](const ParamInfo& info) { return fits(info, value.name); };
    if (std::any_of(infos.begin(), infos.end(), known)) continue;
    std::vector<std::string> names(infos.size());
    std::transform(infos.begin(), infos.end(), names.begin(),
                   [](const ParamInfo& info) { return info.name; });
    const auto near = base::nearest(value.name, names);
    return Error{
        Code::unknown_parameter,
        "unknown parameter '" + value.name + "' for " + std::string(extension),
        near ? "did you mean '" + *near + "'?"
             : "eventflux extensions describe " + std::string(extension) + " lists them all",
        value.span};
  }
  for (auto value = values.begin(); value != values.end(); ++value) {
    const auto same = [&](const ParamValue& other) { return other.name == value->name; };
    if (std::none_of(values.begin(), value, same)) continue;
    return Error{Code::conflicting_parameters, "'" + value->name + "' is given twice",
                 "keep one of the two", value->span};
  }
  for (const ParamInfo& info : infos) {
    if (!info.required) continue;
    const auto given = [&](const ParamValue& value) { return fits(info, value.name); };
    if (std::any_of(values.begin(), values.end(), given)) continue;
    return Error{Code::missing_parameter, std::string(extension) + " needs '" + info.name + "'",
                 "for example " + info.name + "='" + info.example + "'"};
  }
  return {};
}

Error bad_param(const ParamValue& value, const ParamInfo& info, const Error& cause) {
  std::string shown = cause.message;
  if (info.secret) shown = "value is not a " + info.type;
  return {cause.code == Code::invalid_value ? Code::invalid_value : cause.code,
          info.name + " = " + shown, info.secret ? std::string{} : cause.help, value.span};
}

}  // namespace eventflux
