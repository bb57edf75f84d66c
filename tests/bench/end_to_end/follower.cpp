#include "tests/bench/end_to_end/follower.hpp"

#include <array>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <vector>

#include <sys/inotify.h>

namespace eventflux::bench {
namespace {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Follower::Follower(std::string path, OnLine on_line)
    : path_(std::move(path)), on_line_(std::move(on_line)), thread_([this] { run(); }) {}

Follower::~Follower() {
  stopping_ = true;
  thread_.join();
}

void Follower::run() {
  const int file = ::open(path_.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
  const int watch = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  ::inotify_add_watch(watch, path_.c_str(), IN_MODIFY);
  std::vector<char> bytes(1U << 20U);
  std::array<char, 4096> events{};
  while (!stopping_) {
    pollfd waiting{watch, POLLIN, 0};
    ::poll(&waiting, 1, 20);
    while (::read(watch, events.data(), events.size()) > 0) {
    }
    for (ssize_t read = 0; (read = ::read(file, bytes.data(), bytes.size())) > 0;)
      take({bytes.data(), static_cast<std::size_t>(read)}, now_us());
  }
  ::close(watch);
  ::close(file);
}

void Follower::take(std::string_view bytes, std::int64_t seen_us) {
  rest_.append(bytes);
  std::size_t begin = 0;
  for (std::size_t end = rest_.find('\n'); end != std::string::npos;
       end = rest_.find('\n', begin)) {
    on_line_(std::string_view(rest_).substr(begin, end - begin), seen_us);
    begin = end + 1;
  }
  rest_.erase(0, begin);
}

}  // namespace eventflux::bench
