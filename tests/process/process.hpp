#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace eventflux::tests {

/// Seconds after which a condition that should come true is given up. Tests wait for conditions and
/// not for time: how long one takes on a busy machine says nothing.
inline constexpr double patience = 240;

/// A folder of its own for one test, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Both ends of a pseudo terminal. Thread: one.
class Terminal {
 public:
  explicit Terminal(int columns = 80);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  const std::string& path() const { return path_; }

  /// Returns all bytes that were written to it so far.
  const std::string& text();
  /// Returns what a person sees: the lines, without what was erased from them.
  std::vector<std::string> lines();

 private:
  int master_ = -1;
  std::string path_;
  std::string text_;
};

/// What a process is started with.
struct ProcessSetup {
  std::string program{};  ///< Empty: eventflux.
  std::string folder{};   ///< Where it runs; empty: here.
  std::map<std::string, std::string> environment{};
  std::string output{};          ///< Where standard output goes; empty: where errors go.
  bool output_closed = false;    ///< Standard output is a pipe whose reader has gone.
  bool signals_blocked = false;  ///< SIGTERM and SIGINT wait, as those sent at the very start do.
};

/// A running `eventflux`; its output goes to a file. Ended with the test.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const std::string& log,
          const ProcessSetup& setup = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return pid_; }

  void signal(int number) const;
  /// Blocks: until the process ends, at most `seconds`; then it is killed and -1 returned.
  /// Returns the exit status, or 128 + the signal that ended it.
  int wait(double seconds);
  bool running();

 private:
  pid_t pid_ = -1;
  int status_ = -1;
};

/// Waits until a condition holds, at most `seconds`; returns whether it does.
template <class Condition>
bool wait_for(double seconds, Condition condition);

/// Waits until a file holds a text.
bool wait_for_text(double seconds, const std::string& path, std::string_view text);

void pause_ms(int milliseconds);
double now_seconds();

std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);
void append_text(const std::string& path, const std::string& text);
std::vector<std::string> read_lines(const std::string& path);

template <class Condition>
bool wait_for(double seconds, Condition condition) {
  const double end = now_seconds() + seconds;
  while (!condition()) {
    if (now_seconds() > end) return false;
    pause_ms(5);
  }
  return true;
}

}  // namespace eventflux::tests
