#include <algorithm>
#include <charconv>

#include "eventflux/row_text.hpp"

#include "base/text.hpp"

namespace eventflux {

Result<RowRate> parse_rate(std::string_view text) {
  const std::string_view trimmed = base::trim(text);
  const std::size_t slash = std::min(trimmed.find('/'), trimmed.size());
  const std::string_view number = base::trim(trimmed.substr(0, slash));
  RowRate rate;
  const auto [end, code] =
      std::from_chars(number.data(), number.data() + number.size(), rate.count);
  const Error bad{Code::invalid_value, "'" + std::string(text) + "' is not a rate",
                  "write it like 100/s or 5/2m"};
  if (code != std::errc() || end != number.data() + number.size() || !(rate.count >= 0)) return bad;
  if (slash == trimmed.size()) return rate;
  std::string per(base::trim(trimmed.substr(slash + 1)));
  if (!per.empty() && (per[0] < '0' || per[0] > '9')) per = "1" + per;
  const auto length = parse_duration(per);
  if (!length.ok() || length->count() <= 0) return bad;
  rate.per = *length;
  return rate;
}

std::string to_text(RowRate rate) {
  std::string count = std::to_string(rate.count);
  count.erase(count.find_last_not_of('0') + 1);
  if (count.ends_with('.')) count.pop_back();
  const std::string per = to_text(rate.per);
  return count + "/" + (per.starts_with('1') && per.size() <= 2 ? per.substr(1) : per);
}

}  // namespace eventflux
