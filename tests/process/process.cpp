#include "tests/process/process.hpp"

#include <array>
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

#include <sys/ioctl.h>
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

namespace {

/// Words as the system takes them. Owns: borrows the words.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> settings_of(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> settings;
  for (char** entry = environ; *entry != nullptr; ++entry)
    settings.emplace_back(*entry);
  for (const auto& [name, value] : environment)
    settings.push_back(std::string(name).append("=").append(value));
  return settings;
}

/// Returns the end of a pipe that nobody reads.
int unread_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return -1;
  ::close(ends[0]);
  return ends[1];
}

}  // namespace

Terminal::Terminal(int columns) : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  ::grantpt(master_);
  ::unlockpt(master_);
  std::array<char, 64> name{};
  ::ptsname_r(master_, name.data(), name.size());
  path_ = name.data();

  struct winsize size {};

  size.ws_row = 50;
  size.ws_col = static_cast<unsigned short>(columns);
  ::ioctl(master_, TIOCSWINSZ, &size);
  ::fcntl(master_, F_SETFL, O_NONBLOCK);
}

Terminal::~Terminal() {
  ::close(master_);
}

const std::string& Terminal::text() {
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t size = ::read(master_, part.data(), part.size());
    if (size <= 0) return text_;
    text_.append(part.data(), static_cast<std::size_t>(size));
  }
}

std::vector<std::string> Terminal::lines() {
  constexpr std::string_view erase = "\r\x1b[K";
  std::vector<std::string> lines;
  std::istringstream all(text());
  for (std::string line; std::getline(all, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (const std::size_t at = line.rfind(erase); at != std::string::npos)
      line.erase(0, at + erase.size());
    lines.push_back(line);
  }
  return lines;
}

Process::Process(const std::vector<std::string>& arguments, const std::string& log,
                 const ProcessSetup& setup) {
  std::vector<std::string> words{setup.program.empty() ? EVENTFLUX_BINARY : setup.program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> settings = settings_of(setup.environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0600);
  if (!setup.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, setup.folder.c_str());
  const int pipe = setup.output_closed ? unread_pipe() : -1;
  if (pipe >= 0) {
    posix_spawn_file_actions_adddup2(&actions, pipe, STDOUT_FILENO);
  } else if (!setup.output.empty()) {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, setup.output.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0600);
  } else {
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t blocked;
  sigemptyset(&blocked);
  if (setup.signals_blocked) {
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
  }
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  ::posix_spawn(&pid_, words[0].c_str(), &actions, &attributes, pointers_to(words).data(),
                pointers_to(settings).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (pipe >= 0) ::close(pipe);
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
