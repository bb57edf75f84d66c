#include "runtime/net/handshake_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.hpp"
#include "model/civil.hpp"

namespace eventflux::net {
namespace {

std::optional<std::int64_t> whole(std::string_view digits) {
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [last, code] = std::from_chars(digits.data(), end, value);
  if (code == std::errc::result_out_of_range && last == end) return INT64_MAX;
  if (code != std::errc() || last != end || value < 0) return std::nullopt;
  return value;
}

/// Reads "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<Timestamp> read_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t size = 29;
  if (text.size() != size || text.substr(3, 2) != ", " || text.substr(25) != " GMT")
    return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  const auto day = whole(text.substr(5, 2));
  const auto year = whole(text.substr(12, 4));
  const auto hour = whole(text.substr(17, 2));
  const auto minute = whole(text.substr(20, 2));
  const auto second = whole(text.substr(23, 2));
  if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const auto month_number = static_cast<unsigned>(month - months.begin()) + 1;
  const std::int64_t days =
      model::days_from_civil(*year, month_number, static_cast<unsigned>(*day));
  return Timestamp{days * model::us_per_day +
                   ((*hour * 60 + *minute) * 60 + *second) * model::us_per_second};
}

Error bad_extensions(const std::string& header, const std::string& why) {
  return {Code::handshake_refused,
          "the server accepted extensions that were not offered so: '" +
              base::escape_json(header.substr(0, 100)) + "': " + why,
          "set permessage.deflate='false' to offer none"};
}

bool is_window(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  const auto bits = whole(value);
  return bits && !value.starts_with('0') && *bits >= 8 && *bits <= 15;
}

/// Returns what is wrong with the parameters of permessage-deflate; empty when nothing is.
std::string fault_of(const std::vector<std::string_view>& parts) {
  std::vector<std::string> seen;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = base::trim(parts[i]);
    const std::size_t equals = part.find('=');
    const std::string name(base::trim(part.substr(0, equals)));
    const bool has_value = equals != std::string_view::npos;
    const std::string_view value = has_value ? base::trim(part.substr(equals + 1)) : "";
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return name + " appears twice";
    seen.push_back(name);
    const bool context =
        name == "server_no_context_takeover" || name == "client_no_context_takeover";
    const bool window = name == "server_max_window_bits" || name == "client_max_window_bits";
    if (!context && !window) return "unknown parameter '" + name + "'";
    if (context && has_value) return name + " takes no value";
    if (window && !is_window(value)) return name + " must be a number from 8 to 15";
  }
  return {};
}

}  // namespace

std::chrono::seconds retry_after(std::string_view header, Timestamp now) {
  const std::string_view text = base::trim(header);
  constexpr std::int64_t seconds_max = 1'000'000'000;
  if (const auto seconds = whole(text))
    return std::chrono::seconds(std::min(*seconds, seconds_max));
  const auto date = read_http_date(text);
  if (!date || *date <= now) return std::chrono::seconds(0);
  return std::chrono::ceil<std::chrono::seconds>(*date - now);
}

Result<void> check_accepted_extensions(const std::vector<std::string>& headers, bool offered) {
  bool accepted = false;
  for (const std::string& header : headers) {
    for (const std::string_view extension : base::split(header, ',')) {
      const auto parts = base::split(extension, ';');
      const std::string name(base::trim(parts.front()));
      if (name != "permessage-deflate" || !offered)
        return bad_extensions(header, "'" + name + "' was not offered");
      if (accepted) return bad_extensions(header, "permessage-deflate appears twice");
      accepted = true;
      if (const std::string fault = fault_of(parts); !fault.empty())
        return bad_extensions(header, fault);
    }
  }
  return {};
}

}  // namespace eventflux::net
