#pragma once

#include <string_view>
#include <utility>

#include "eventflux/error.hpp"

namespace eventflux::exec {

/// Returns EF0802 for the exception that is being handled, with its text and with `who` threw it.
Error foreign_error(std::string_view who);

/// Runs code of a host or an extension, which `who` names in the message: "a callback".
/// Fails: EF0802 with the text of an exception that left it.
template <class Body>
Result<void> run_foreign(std::string_view who, Body&& body) {
  try {
    std::forward<Body>(body)();
    return {};
  } catch (...) {
    return foreign_error(who);
  }
}

}  // namespace eventflux::exec
