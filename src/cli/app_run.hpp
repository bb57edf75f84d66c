#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/host.hpp"

namespace eventflux::cli {

/// How `run` and `demo` run a program.
struct AppRunOptions {
  std::string file;
  std::optional<std::string> text{};  ///< Instead of the file's own.
  std::string state_dir{};
  bool until_eof = false;
  bool dry_run = false;
  bool verbose = false;
  bool json_log = false;
  std::vector<std::string> print{};
  std::string format = "json";
  std::optional<Duration> run_for{};
  std::optional<Duration> shutdown_timeout{};
  std::vector<Override> overrides{};
  std::optional<std::uint64_t> expect_rows{};  ///< Exit 1 when fewer rows were printed.
};

/// Runs a program until it ends, fails or is stopped by a signal. Returns the exit status.
int run_app(const AppRunOptions& options);

}  // namespace eventflux::cli
