#include <doctest/doctest.h>

#include "../testing.hpp"

namespace eventflux::functions::conversion {

void register_extension(Registry& registry);

TEST_CASE("digests are those of the standards") {
  Calls call(register_extension);
  CHECK(call("md5", {""}) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(call("md5", {"message digest"}) == "f96b697d7cb7938d525a2f31aaf161d0");
  CHECK(call("md5", {"12345678901234567890123456789012345678901234567890123456789012345678901234567"
                     "890"}) == "57edf4a22be3c955ac49da2e2107b67a");
  CHECK(call("sha256", {"abc"}) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(call("sha256", {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"}) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(call("sha256", {""}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(call("md5", {Type::string}) == "null");
}

TEST_CASE("base64 reads back, and what is none is NULL") {
  Calls call(register_extension);
  CHECK(call("to_base64", {"f"}) == "Zg==");
  CHECK(call("to_base64", {"fo"}) == "Zm8=");
  CHECK(call("to_base64", {"foobar"}) == "Zm9vYmFy");
  CHECK(call("to_base64", {""}).empty());
  CHECK(call("from_base64", {"Zm9vYg=="}) == "foob");
  CHECK(call("from_base64", {"Zm9vYg"}) == "foob");
  CHECK(call("from_base64", {"Zm9vY"}) == "null");
  CHECK(call("from_base64", {"Zm9v*mFy"}) == "null");
  CHECK(call("from_base64", {"Zh=="}) == "null");
}

TEST_CASE("octets and numbers have hexadecimal digits") {
  Calls call(register_extension);
  CHECK(call("hex", {"a\xC3\xBF"}) == "61C3BF");
  CHECK(call("hex", {std::int64_t{255}}) == "FF");
  CHECK(call("hex", {std::int64_t{-1}}) == "FFFFFFFFFFFFFFFF");
}

TEST_CASE("octets have digests, digits and base64 of their own") {
  Calls call(register_extension);
  const Argument octets(Type::bytes, Value(std::string("\x00\xff", 2)));
  CHECK(call("hex", {octets}) == "00FF");
  CHECK(call("unhex", {"00fF"}) == "\\x00ff");
  CHECK(call("unhex", {"0"}) == "null");
  CHECK(call("unhex", {"0g"}) == "null");
  CHECK(call("to_base64", {octets}) == "AP8=");
  CHECK(call("unbase64", {"AP8="}) == "\\x00ff");
  CHECK(call("unbase64", {"AP8"}) == "\\x00ff");
  CHECK(call("unbase64", {"A"}) == "null");
  CHECK(call("from_base64", {"AP8="}) == "null");
  CHECK(call("md5", {Argument(Type::bytes, Value(""))}) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(call("sha256", {Argument(Type::bytes, Value("abc"))}) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace eventflux::functions::conversion
