#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/url.hpp"
#include "model/variables.hpp"

namespace eventflux::net {

/// Reads the URL of a CONNECT proxy; `name` is what holds it, for messages. Fails: EF0508.
Result<model::Url> parse_proxy(std::string_view name, std::string_view text);

/// Which proxies the environment asks for.
/// Source: curl's manual, section Environment, without ALL_PROXY and networks in NO_PROXY.
/// HTTP_PROXY is not read, because a CGI server sets it from a client's header "Proxy"
/// (CVE-2016-5385).
class ProxyRules {
 public:
  /// Every host is reached directly.
  ProxyRules() = default;

  /// Reads https_proxy or else HTTPS_PROXY, http_proxy, and no_proxy or else NO_PROXY; what is set
  /// and empty counts as not set.
  /// Shape: a proxy is `http://host:port`, or `host:port`; no_proxy is `*`, or hosts with blanks or
  /// commas between them, each of which stands for its subdomains too.
  explicit ProxyRules(const model::VariableLookup& environment);

  /// Returns the proxy on the way to a URL's host, by its scheme; nothing when that is reached
  /// directly: by no_proxy, and always when it is this machine.
  /// Fails: EF0508 with the name of a variable that holds no proxy.
  Result<std::optional<model::Url>> proxy_for(const model::Url& url) const;

 private:
  struct Setting {
    std::string variable{};
    std::string text{};
  };

  static Setting first_set(const model::VariableLookup& environment,
                           std::initializer_list<std::string_view> names);
  bool is_exempt(std::string_view host) const;

  Setting secure_{};
  Setting plain_{};
  std::vector<std::string> exempt_{};  // lower case, without dots around them
};

}  // namespace eventflux::net
