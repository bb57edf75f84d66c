#include "eventflux/error.hpp"

#include <algorithm>
#include <array>

namespace eventflux {
namespace {

struct Row {
  Code code;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array rows{
#define EF_ERROR(number, name, text) Row{Code::name, #name, text},
#include "eventflux/errors.def"
#undef EF_ERROR
};

const Row& find(Code code) {
  const auto* row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.code == code; });
  return row == rows.end() ? rows.back() : *row;
}

}  // namespace

std::string code_text(Code code) {
  const std::string digits = std::to_string(10000 + static_cast<int>(code));
  return "EF" + digits.substr(1);
}

std::string_view code_name(Code code) {
  return find(code).name;
}

std::string_view code_meaning(Code code) {
  return find(code).meaning;
}

std::string to_text(const Error& error) {
  std::string text = code_text(error.code) + ": " + error.message;
  if (!error.help.empty()) text += " (" + error.help + ")";
  return text;
}

Exception::Exception(Error error) : error_(std::move(error)), text_(to_text(error_)) {}

void throw_error(Error error) {
  throw Exception(std::move(error));
}

}  // namespace eventflux
