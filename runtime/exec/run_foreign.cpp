#include "runtime/exec/run_foreign.hpp"

#include <exception>
#include <string>

namespace eventflux::exec {

Error foreign_error(std::string_view who) {
  try {
    throw;
  } catch (const std::exception& exception) {
    return {Code::app_failed, std::string(who) + " threw: " + exception.what()};
  } catch (...) {
    return {Code::app_failed, std::string(who) + " threw something that is not a std::exception"};
  }
}

}  // namespace eventflux::exec
