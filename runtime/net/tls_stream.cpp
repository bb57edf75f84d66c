#include <algorithm>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "runtime/net/byte_stream.hpp"
#include "runtime/net/tls.hpp"

namespace eventflux::net {
namespace {

// The largest TLS record. What fits is written as one: a frame's header and its payload would
// otherwise become two records, and two packets.
constexpr std::size_t record_bytes = 16384;

class TlsStream final : public ByteStream {
 public:
  TlsStream(Socket socket, asio::ssl::context& context, const Clock& clock)
      : ByteStream(clock), stream_(std::move(socket), context) {}

  void expect(const std::string& verified_host, const std::string& sent_name);

  void read(std::span<const asio::mutable_buffer> into, Completion done) override {
    stream_.async_read_some(into[0], std::move(done));
  }

  void write(std::span<const asio::const_buffer> from, Completion done) override;

  void handshake(Role role, Completion done) override {
    stream_.async_handshake(
        role == Role::client ? asio::ssl::stream_base::client : asio::ssl::stream_base::server,
        std::move(done));
  }

  void teardown(Completion done) override { stream_.async_shutdown(std::move(done)); }

  Socket& socket() override { return stream_.next_layer(); }

  std::string verdict() const override;
  std::string peer_sha256() const override;

 private:
  using Stream = asio::ssl::stream<Socket>;

  // Asio's accessor is not const. NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  SSL* native() const { return const_cast<Stream&>(stream_).native_handle(); }

  Stream stream_;
  std::string record_;
};

void TlsStream::expect(const std::string& verified_host, const std::string& sent_name) {
  // What the macro SSL_set_tlsext_host_name stands for, without its C casts.
  if (std::string name = sent_name; !name.empty())
    SSL_ctrl(native(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  if (verified_host.empty()) return;
  // The library's check says no more than yes or no; the reason is what a person needs.
  stream_.set_verify_callback([check = asio::ssl::host_name_verification(verified_host)](
                                  bool verified, asio::ssl::verify_context& context) {
    const bool passes = check(verified, context);
    if (verified && !passes)
      X509_STORE_CTX_set_error(context.native_handle(), X509_V_ERR_HOSTNAME_MISMATCH);
    return passes;
  });
}

void TlsStream::write(std::span<const asio::const_buffer> from, Completion done) {
  if (from.size() == 1 || from[0].size() >= record_bytes)
    return stream_.async_write_some(from[0], std::move(done));
  record_.clear();
  for (const asio::const_buffer& part : from) {
    const std::size_t bytes = std::min(part.size(), record_bytes - record_.size());
    record_.append(static_cast<const char*>(part.data()), bytes);
  }
  stream_.async_write_some(asio::const_buffer(record_.data(), record_.size()), std::move(done));
}

std::string TlsStream::verdict() const {
  const long verdict = SSL_get_verify_result(native());
  return verdict == X509_V_OK ? std::string() : X509_verify_cert_error_string(verdict);
}

std::string TlsStream::peer_sha256() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(native()),
                                                                &X509_free);
  return certificate ? sha256_of(certificate.get()) : std::string();
}

}  // namespace

std::unique_ptr<ByteStream> tls_stream(Socket socket, asio::ssl::context& context,
                                       const Clock& clock, const std::string& verified_host,
                                       const std::string& sent_name) {
  auto stream = std::make_unique<TlsStream>(std::move(socket), context, clock);
  stream->expect(verified_host, sent_name);
  return stream;
}

}  // namespace eventflux::net
