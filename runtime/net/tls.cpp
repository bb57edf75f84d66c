#include "runtime/net/tls.hpp"

#include <array>

#include <boost/asio/ssl/context.hpp>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/text.hpp"
#include "runtime/net/asio.hpp"

namespace eventflux::net {
namespace {

Error tls_error(std::string message, const ErrorCode& reason) {
  return {Code::tls_failed, std::move(message) + ": " + reason.message()};
}

Result<void> set_versions(asio::ssl::context& context, const std::string& version) {
  if (version != "1.2" && version != "1.3")
    return Error{Code::tls_failed, "TLS version '" + version + "' is not 1.2 or 1.3"};
  const int lowest = version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION;
  if (SSL_CTX_set_min_proto_version(context.native_handle(), lowest) != 1)
    return Error{Code::tls_failed, "the TLS library does not offer version " + version};
  return {};
}

Result<void> set_identity(asio::ssl::context& context, const TlsOptions& options) {
  if (options.cert_file.empty()) return {};
  ErrorCode failed;
  context.set_password_callback(
      [word = options.key_password.reveal()](std::size_t, asio::ssl::context::password_purpose) {
        return word;
      },
      failed);
  context.use_certificate_chain_file(options.cert_file, failed);
  if (failed) return tls_error("cannot use the certificate '" + options.cert_file + "'", failed);
  const std::string& key = options.key_file.empty() ? options.cert_file : options.key_file;
  context.use_private_key_file(key, asio::ssl::context::pem, failed);
  if (failed) return tls_error("cannot use the key '" + key + "'", failed);
  return {};
}

Result<void> set_roots(asio::ssl::context& context, const TlsOptions& options) {
  ErrorCode failed;
  if (options.ca_file.empty()) {
    context.set_default_verify_paths(failed);
    if (failed) return tls_error("cannot read the system's roots", failed);
    return {};
  }
  context.load_verify_file(options.ca_file, failed);
  if (failed) return tls_error("cannot use the CA file '" + options.ca_file + "'", failed);
  return {};
}

Result<TlsContext> context_of(const TlsOptions& options, asio::ssl::context::method method) {
  try {
    auto context = std::make_shared<asio::ssl::context>(method);
    EF_CHECK(set_versions(*context, options.min_version));
    EF_CHECK(set_identity(*context, options));
    return context;
  } catch (const boost::system::system_error& failed) {
    return tls_error("cannot start TLS", failed.code());
  }
}

}  // namespace

Result<TlsContext> client_tls(const TlsOptions& options) {
  EF_TRY(TlsContext context, context_of(options, asio::ssl::context::tls_client));
  EF_CHECK(set_roots(*context, options));
  context->set_verify_mode(options.verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  return context;
}

Result<TlsContext> server_tls(const TlsOptions& options) {
  EF_TRY(TlsContext context, context_of(options, asio::ssl::context::tls_server));
  if (options.ca_file.empty()) return context;
  EF_CHECK(set_roots(*context, options));
  context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  return context;
}

std::string sha256_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &bytes) != 1) return {};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < bytes; ++i) {
    hex.push_back(digits[digest[i] >> 4U]);
    hex.push_back(digits[digest[i] & 0x0FU]);
  }
  return hex;
}

bool pin_matches(std::string_view pin, std::string_view sha256) {
  std::string hex = base::lower(pin);
  std::erase(hex, ':');
  return hex == sha256;
}

}  // namespace eventflux::net
