#pragma once

#include <memory>
#include <string>

#include <openssl/types.h>

#include "eventflux/transport.hpp"

namespace boost::asio::ssl {
class context;
}

namespace eventflux::net {

/// What one side of TLS presents and accepts. Shared by a server and the lines it has accepted.
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// Makes the client's side: verifies the peer unless it is told not to, takes the system's roots
/// unless there is a CA file, and speaks TLS 1.2 at least. Fails: EF0504.
Result<TlsContext> client_tls(const TlsOptions& options);
/// Makes the server's side; with a CA file it asks clients for certificates of that CA. Fails:
/// EF0504.
Result<TlsContext> server_tls(const TlsOptions& options);

/// Returns 64 hex digits in lower case.
std::string sha256_of(const X509* certificate);
/// Returns whether a pin, in hex with or without colons and of either case, names `sha256`.
bool pin_matches(std::string_view pin, std::string_view sha256);

}  // namespace eventflux::net
