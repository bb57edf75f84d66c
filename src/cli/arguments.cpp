#include "eventflux/params.hpp"

#include "cli/command.hpp"

namespace eventflux::cli {

std::string Arguments::get(const std::string& name, const std::string& otherwise) const {
  const auto found = options.find(name);
  return found == options.end() || found->second.empty() ? otherwise : found->second.back();
}

std::vector<std::string> Arguments::all(const std::string& name) const {
  const auto found = options.find(name);
  return found == options.end() ? std::vector<std::string>{} : found->second;
}

Result<std::optional<Duration>> Arguments::duration(const std::string& name) const {
  if (!has(name)) return std::optional<Duration>();
  const std::string text = get(name);
  const auto length = parse_duration(text);
  if (!length.ok() || length->count() < 0) {
    return Error{Code::invalid_value, "--" + name + " takes a length of time, found '" + text + "'",
                 "write it like 30s, 5m or 1h"};
  }
  return std::optional(*length);
}

Result<std::optional<std::int64_t>> Arguments::number(const std::string& name,
                                                      std::int64_t least) const {
  if (!has(name)) return std::optional<std::int64_t>();
  const std::string text = get(name);
  const auto number = parse_integer(text);
  if (!number.ok() || *number < least) {
    return Error{Code::invalid_value, "--" + name + " takes a whole number from " +
                                          std::to_string(least) + " on, found '" + text + "'"};
  }
  return std::optional(*number);
}

}  // namespace eventflux::cli
