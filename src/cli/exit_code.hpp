#pragma once

#include "eventflux/error.hpp"

namespace eventflux::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_no = 1;  ///< The answer is no: a failed test, a difference, a warning.
inline constexpr int exit_usage = 2;
inline constexpr int exit_configuration = 78;  ///< --set and what else comes from outside the text.

/// Returns the exit status that an error stands for: 11 … 14 and 16 store and position, 65 input,
/// 69 endpoints, 70 bugs, 74 I/O of the store, 75 stopped early, 77 secrets and permissions, 130
/// and 143 second signals.
int exit_code(const Error& error);

}  // namespace eventflux::cli
