#include "model/url.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace eventflux::model {
namespace {

// What stands in front of an @, and the query, may be secret.
std::string shown(std::string_view text) {
  // A token that was given where an address belongs.
  if (text.find_first_of("./:") == std::string_view::npos) return "***";
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return base::escape_json(text);
  const std::size_t colon = text.find("://");
  const std::string_view scheme = colon < at ? text.substr(0, colon + 3) : std::string_view();
  return base::escape_json(scheme) + "***" + base::escape_json(text.substr(at));
}

Error bad_url(std::string_view text, std::string reason, std::string help = {}) {
  return {Code::invalid_address, "'" + shown(text) + "' " + std::move(reason), std::move(help)};
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "ws" || scheme == "http") return 80;
  return scheme == "wss" || scheme == "https" ? 443 : 0;
}

bool is_plain(char c) {
  return c > ' ' && c < '\x7f';
}

bool is_host_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

/// Splits "host", "host:port", "[::1]" and "[::1]:port"; the port keeps its colon.
bool split_authority(std::string_view authority, std::string_view& host, std::string_view& port) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    return host.find(':') != std::string_view::npos;
  }
  const std::size_t colon = authority.find(':');
  host = authority.substr(0, colon);
  port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
  return true;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  if (text.empty()) return true;
  if (text.front() != ':') return false;
  const auto [end, failed] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

std::string Url::authority() const {
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == default_port(scheme) ? shown : shown + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_plain)) {
    return bad_url(text, "holds a blank, a control byte or a byte outside ASCII",
                   "write such bytes as %20");
  }
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return bad_url(text, "has no scheme, such as wss://");
  Url url{.scheme = base::lower(text.substr(0, colon))};
  url.port = default_port(url.scheme);
  if (url.port == 0) return bad_url(text, "has a scheme other than ws, wss, http and https");
  const std::string_view rest = text.substr(colon + 3);
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos)
    return bad_url(text, "holds a user name", "send it in an Authorization header");
  if (rest.find('#') != std::string_view::npos) return bad_url(text, "holds a fragment");
  std::string_view host;
  std::string_view port;
  if (!split_authority(authority, host, port) || !read_port(port, url.port))
    return bad_url(text, "has a port that is not 1 to 65535");
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_letter))
    return bad_url(text, "has no valid host");
  url.host = base::lower(host);
  url.target = rest.substr(path);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace eventflux::model
