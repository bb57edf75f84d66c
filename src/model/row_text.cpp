#include "eventflux/row_text.hpp"

namespace eventflux {

Result<DatePattern> ParamCodec<DatePattern>::parse(std::string_view text) {
  if (text.empty())
    return Error{Code::invalid_value, "'' is not a date pattern", "leave it out for RFC 3339"};
  auto made = DatePattern::compile(text);
  if (made.ok()) return made;
  Error error = std::move(made).error();
  error.message = "'" + std::string(text) + "' cannot be read: " + error.message;
  return error;
}

}  // namespace eventflux
