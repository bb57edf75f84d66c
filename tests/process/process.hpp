#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace eventflux::tests {

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

/// A running `eventflux`; its output goes to a file. Ended with the test.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const std::string& log,
          const std::map<std::string, std::string>& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

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
