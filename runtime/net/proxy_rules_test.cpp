#include "runtime/net/proxy_rules.hpp"

#include <map>

#include <doctest/doctest.h>

namespace eventflux::net {
namespace {

using Environment = std::map<std::string, std::string, std::less<>>;

model::VariableLookup lookup(Environment environment) {
  return [environment = std::move(environment)](
             std::string_view kind, std::string_view name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    if (kind != "env" || found == environment.end()) return std::nullopt;
    return found->second;
  };
}

/// Returns "host:port" of the proxy on the way to a URL, "direct", or the message of an error.
std::string way_to(std::string_view url, Environment environment) {
  const auto proxy =
      ProxyRules(lookup(std::move(environment))).proxy_for(model::parse_url(url).value());
  if (!proxy.ok()) return to_text(proxy.error());
  return *proxy ? (*proxy)->host + ":" + std::to_string((*proxy)->port) : "direct";
}

}  // namespace

TEST_CASE("the variable follows from the scheme, in small letters first") {
  CHECK(way_to("wss://a.com/", {}) == "direct");
  CHECK(way_to("wss://a.com/", {{"HTTPS_PROXY", "http://p:1"}}) == "p:1");
  CHECK(way_to("wss://a.com/", {{"HTTPS_PROXY", "http://p:1"}, {"https_proxy", "http://q:2"}}) ==
        "q:2");
  CHECK(way_to("wss://a.com/", {{"HTTPS_PROXY", "http://p:1"}, {"https_proxy", ""}}) == "p:1");
  CHECK(way_to("wss://a.com/", {{"http_proxy", "http://p:1"}}) == "direct");
  CHECK(way_to("ws://a.com/", {{"https_proxy", "http://p:1"}}) == "direct");
  CHECK(way_to("ws://a.com/", {{"http_proxy", "http://p:1"}}) == "p:1");
}

TEST_CASE("HTTP_PROXY in capitals is what a client may have set, and is not read") {
  CHECK(way_to("ws://a.com/", {{"HTTP_PROXY", "http://p:1"}}) == "direct");
}

TEST_CASE("a proxy may be written without its scheme, and its port is 80 by default") {
  CHECK(way_to("wss://a.com/", {{"HTTPS_PROXY", "p:3128"}}) == "p:3128");
  CHECK(way_to("wss://a.com/", {{"HTTPS_PROXY", "http://p/"}}) == "p:80");
}

TEST_CASE("this machine is never reached through a proxy") {
  for (const char* host : {"localhost", "LocalHost.", "feed.localhost", "127.0.0.1", "127.9.9.9",
                           "[::1]", "[0:0:0:0:0:0:0:1]"}) {
    CAPTURE(host);
    const std::string place = std::string(host) + "/";
    CHECK(way_to("ws://" + place, {{"http_proxy", "p:1"}}) == "direct");
    CHECK(way_to("wss://" + place, {{"HTTPS_PROXY", "p:1"}}) == "direct");
  }
  for (const char* host : {"notlocalhost", "128.0.0.1", "[::2]", "127.example.com"})
    CHECK(way_to("ws://" + std::string(host) + "/", {{"http_proxy", "p:1"}}) == "p:1");
}

TEST_CASE("no_proxy names hosts with their subdomains, addresses, or all") {
  const auto way = [](const std::string& host, const char* exempt, const char* name = "no_proxy") {
    return way_to("wss://" + host + "/", {{"HTTPS_PROXY", "p:1"}, {name, exempt}});
  };
  for (const char* exempt : {"example.com", ".example.com", "a.org, Example.COM",
                             "a.org example.com.", ",,example.com", "*"}) {
    CAPTURE(exempt);
    CHECK(way("example.com", exempt) == "direct");
    CHECK(way("www.example.com", exempt) == "direct");
  }
  CHECK(way("example.com", "example.com", "NO_PROXY") == "direct");
  CHECK(way("badexample.com", "example.com") == "p:1");
  CHECK(way("example.com", "www.example.com") == "p:1");
  CHECK(way("example.com", "com.example, *.com") == "p:1");
  CHECK(way("10.0.0.1", "10.0.0.1") == "direct");
  CHECK(way("10.0.0.1", "0.0.1") == "p:1");
  CHECK(way("[2001:db8::1]", "2001:db8::1") == "direct");
  CHECK(way_to("wss://a.com/",
               {{"HTTPS_PROXY", "p:1"}, {"no_proxy", "b.com"}, {"NO_PROXY", "*"}}) == "p:1");
}

TEST_CASE("a variable that holds no proxy is named, EF0508, without what may be secret") {
  CHECK(way_to("wss://a.com/", {{"HTTPS_PROXY", "socks5://p:1"}})
            .starts_with("EF0508: HTTPS_PROXY = 'socks5://p:1' has a scheme other than"));
  CHECK(way_to("wss://a.com/", {{"https_proxy", "https://p:1"}}) ==
        "EF0508: https_proxy = 'https://p:1' has the scheme https (a CONNECT proxy is written like "
        "http://proxy:3128; proxy='' connects directly)");
  const std::string secret = way_to("wss://a.com/", {{"https_proxy", "http://me:word@p:1"}});
  CHECK(secret.starts_with("EF0508: https_proxy = 'http://***@p:1' holds a user name"));
  CHECK(secret.find("word") == std::string::npos);
}

}  // namespace eventflux::net
