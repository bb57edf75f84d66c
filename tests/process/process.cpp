#include "tests/process/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <unistd.h>

#include <sys/wait.h>

#include "runtime/time/system_clock.hpp"

namespace eventflux::tests {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "eventflux-test-XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Process::Process(const std::vector<std::string>& arguments, const std::string& log,
                 const std::map<std::string, std::string>& environment) {
  std::vector<std::string> words{EVENTFLUX_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::vector<std::string> settings;
  for (char** entry = environ; *entry != nullptr; ++entry)
    settings.emplace_back(*entry);
  for (const auto& [name, value] : environment)
    settings.push_back(std::string(name).append("=").append(value));
  std::vector<char*> setting_pointers;
  setting_pointers.reserve(settings.size() + 1);
  for (std::string& setting : settings)
    setting_pointers.push_back(setting.data());
  setting_pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  ::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, pointers.data(),
                setting_pointers.data());
  posix_spawn_file_actions_destroy(&actions);
}

Process::~Process() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
  ::kill(pid_, number);
}

bool Process::running() {
  if (status_ >= 0 || pid_ < 0) return false;
  int raw = 0;
  const pid_t ended = ::waitpid(pid_, &raw, WNOHANG);
  if (ended != pid_) return true;
  status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  return false;
}

int Process::wait(double seconds) {
  if (wait_for(seconds, [this] { return !running(); })) return status_;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  status_ = 128 + SIGKILL;
  return -1;
}

bool wait_for_text(double seconds, const std::string& path, std::string_view text) {
  return wait_for(seconds, [&] { return read_text(path).find(text) != std::string::npos; });
}

void pause_ms(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

double now_seconds() {
  return static_cast<double>(time::SystemClock().steady().us) / 1e6;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

void append_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(read_text(path));
  for (std::string line; std::getline(text, line);)
    lines.push_back(line);
  return lines;
}

}  // namespace eventflux::tests
