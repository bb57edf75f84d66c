#include "runtime/net/proxy_rules.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "base/text.hpp"
#include "runtime/net/asio.hpp"

namespace eventflux::net {
namespace {

constexpr std::string_view every_host = "*";

std::string_view without_dots(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_within(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  host.remove_suffix(domain.size());
  return host.empty() || host.ends_with('.');
}

std::optional<asio::ip::address> address_of(std::string_view host) {
  ErrorCode failed;
  const auto address = asio::ip::make_address(std::string(host), failed);
  return failed ? std::nullopt : std::optional(address);
}

// RFC 6761 section 6.3: localhost and its subdomains are this machine.
bool is_this_machine(std::string_view host) {
  const auto address = address_of(host);
  return address ? address->is_loopback() : is_within(host, "localhost");
}

}  // namespace

Result<model::Url> parse_proxy(std::string_view name, std::string_view text) {
  auto url = model::parse_url(text);
  if (url.ok() && url->scheme == "http") return url;
  const std::string why =
      url.ok() ? "'" + url->scheme + "://" + url->authority() + "' has the scheme " + url->scheme
               : url.error().message;
  return Error{Code::invalid_address, std::string(name) + " = " + why,
               "a CONNECT proxy is written like http://proxy:3128"};
}

ProxyRules::Setting ProxyRules::first_set(const model::VariableLookup& environment,
                                          std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    auto text = environment("env", name);
    if (text.ok() && *text && !(*text)->empty()) return {std::string(name), **std::move(text)};
  }
  return {};
}

ProxyRules::ProxyRules(const model::VariableLookup& environment)
    : secure_(first_set(environment, {"https_proxy", "HTTPS_PROXY"})),
      plain_(first_set(environment, {"http_proxy"})) {
  std::string listed = first_set(environment, {"no_proxy", "NO_PROXY"}).text;
  std::replace_if(
      listed.begin(), listed.end(), [](char c) { return c == ' ' || c == '\t'; }, ',');
  for (const std::string_view part : base::split(listed, ',')) {
    const std::string_view name = without_dots(part);
    if (!name.empty()) exempt_.push_back(base::lower(name));
  }
}

bool ProxyRules::is_exempt(std::string_view host) const {
  if (exempt_.size() == 1 && exempt_.front() == every_host) return true;
  const bool address = address_of(host).has_value();
  return std::any_of(exempt_.begin(), exempt_.end(), [&](const std::string& name) {
    return address ? host == name : is_within(host, name);
  });
}

Result<std::optional<model::Url>> ProxyRules::proxy_for(const model::Url& url) const {
  const Setting& setting = url.secure() ? secure_ : plain_;
  const std::string_view host = without_dots(url.host);
  if (setting.text.empty() || is_this_machine(host) || is_exempt(host))
    return std::optional<model::Url>();
  const bool bare = setting.text.find("://") == std::string::npos;
  auto proxy = parse_proxy(setting.variable, bare ? "http://" + setting.text : setting.text);
  if (proxy.ok()) return std::optional(*std::move(proxy));
  Error error = std::move(proxy).error();
  error.help += "; proxy='' connects directly";
  return error;
}

}  // namespace eventflux::net
