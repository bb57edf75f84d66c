#include "tests/bench/end_to_end/children.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sstream>
#include <unistd.h>
#include <vector>

#include <sys/resource.h>

namespace eventflux::bench {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Fields of a stat file behind the name in brackets; the first is the state.
std::vector<std::string> fields_of(const std::string& stat) {
  std::istringstream rest(stat.substr(std::min(stat.rfind(')') + 2, stat.size())));
  return {std::istream_iterator<std::string>(rest), {}};
}

}  // namespace

PinnedTo::PinnedTo(int core) {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return;
  std::memcpy(&before_, &set, sizeof before_);
  if (CPU_ISSET(core, &set) == 0) return;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

PinnedTo::~PinnedTo() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::memcpy(&set, &before_, sizeof before_);
  ::sched_setaffinity(0, sizeof set, &set);
}

int child_with(const std::string& word) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (read(entry.path() / "cmdline").find(word) == std::string::npos) continue;
    const auto fields = fields_of(read(entry.path() / "stat"));
    if (fields.size() > 1 && fields[1] == std::to_string(::getpid())) return std::stoi(name);
  }
  return 0;
}

std::map<std::string, double> thread_seconds(int pid) {
  std::map<std::string, double> seconds;
  std::error_code ignored;
  const fs::path tasks = fs::path("/proc") / std::to_string(pid) / "task";
  for (const auto& entry : fs::directory_iterator(tasks, ignored)) {
    std::string name = read(entry.path() / "comm");
    while (!name.empty() && name.back() == '\n')
      name.pop_back();
    const auto fields = fields_of(read(entry.path() / "stat"));
    if (fields.size() < 13) continue;
    const double ticks = std::stod(fields[11]) + std::stod(fields[12]);
    seconds[name] += ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  return seconds;
}

long resident_kb(int pid) {
  std::istringstream status(read(fs::path("/proc") / std::to_string(pid) / "status"));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  return 0;
}

double ended_children_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace eventflux::bench
