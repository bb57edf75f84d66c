#include "testkit/run_mode.hpp"

#include <array>

namespace eventflux::testkit {

std::span<const RunMode> run_modes() {
  static constexpr std::array<RunMode, 5> modes{{{"plain", Cut::natural, false, false},
                                                 {"batch=1", Cut::single, false, false},
                                                 {"batch=max", Cut::whole, false, false},
                                                 {"checkpoint", Cut::natural, true, false},
                                                 {"crash", Cut::natural, true, true}}};
  return modes;
}

Result<RunMode> find_run_mode(std::string_view name) {
  std::string names;
  for (const RunMode& mode : run_modes()) {
    if (mode.name == name) return mode;
    names += (names.empty() ? "" : ", ") + std::string(mode.name);
  }
  return Error{Code::unknown_target, "there is no mode '" + std::string(name) + "'",
               "modes: " + names};
}

}  // namespace eventflux::testkit
