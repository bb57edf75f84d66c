#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace eventflux::bench {

/// Text of a JSON object, member by member.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, double value);
  JsonObject& number(std::string_view name, std::int64_t value);
  JsonObject& boolean(std::string_view name, bool value);
  /// Adds a value that is JSON already.
  JsonObject& json(std::string_view name, std::string_view value);

  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace eventflux::bench
