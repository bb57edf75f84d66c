#include "cli/exit_code.hpp"

namespace eventflux::cli {

int exit_code(const Error& error) {
  switch (error.code) {
    case Code::store_locked:
      return 11;
    case Code::store_damaged:
      return 12;
    case Code::plan_incompatible:
      return 14;
    case Code::position_lost:
      return 16;
    case Code::missing_variable:
    case Code::exposed_secret:
    case Code::store_denied:
      return 77;
    case Code::unknown_target:
      return exit_usage;
    case Code::drain_deadline:
      return 75;
    default:
      break;
  }
  switch (static_cast<int>(error.code) / 100) {
    case 5:
      return 69;
    case 7:
      return 74;
    case 8:
    case 9:
      return 70;
    default:
      return 65;
  }
}

}  // namespace eventflux::cli
