#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "runtime/net/tls.hpp"
#include "tests/net/peers.hpp"

namespace eventflux::net_tests {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Stream = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr long day_seconds = 24L * 3600;

Key make_key() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(const std::string& name, EVP_PKEY* key, const X509* issuer,
                             EVP_PKEY* issuer_key) {
  Certificate made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -day_seconds);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), day_seconds);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer == nullptr ? made.get() : issuer));
  if (issuer == nullptr) {
    add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  } else {
    const bool address = name.find_first_not_of("0123456789.") == std::string::npos;
    add_extension(made.get(), NID_subject_alt_name, (address ? "IP:" : "DNS:") + name);
  }
  X509_sign(made.get(), issuer_key, EVP_sha256());
  return made;
}

void save(const std::string& path, X509* certificate, EVP_PKEY* key) {
  const Stream file(BIO_new_file(path.c_str(), "w"), &BIO_free_all);
  PEM_write_bio_X509(file.get(), certificate);
  PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
}

Certificate load_certificate(const std::string& path) {
  const Stream file(BIO_new_file(path.c_str(), "r"), &BIO_free_all);
  return {PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), &X509_free};
}

Key load_key(const std::string& path) {
  const Stream file(BIO_new_file(path.c_str(), "r"), &BIO_free_all);
  return {PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

}  // namespace

Certificates::Certificates() {
  std::string name = std::filesystem::temp_directory_path() / "eventflux-certificates-XXXXXX";
  folder_ = ::mkdtemp(name.data());
  const Key key = make_key();
  const Certificate made = make_certificate("eventflux test CA", key.get(), nullptr, key.get());
  save(ca(), made.get(), key.get());
}

Certificates::~Certificates() {
  std::filesystem::remove_all(folder_);
}

std::string Certificates::issue(const std::string& host) const {
  const Certificate issuer = load_certificate(ca());
  const Key issuer_key = load_key(ca());
  const Key key = make_key();
  const Certificate made = make_certificate(host, key.get(), issuer.get(), issuer_key.get());
  std::string path = folder_ + "/" + host + ".pem";
  save(path, made.get(), key.get());
  return path;
}

std::string Certificates::fingerprint(const std::string& pem_file) const {
  return net::sha256_of(load_certificate(pem_file).get());
}

}  // namespace eventflux::net_tests
