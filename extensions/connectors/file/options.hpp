#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "eventflux/context.hpp"
#include "eventflux/params.hpp"

namespace eventflux::connectors::file {

enum class StartPosition : std::uint8_t { beginning, end };
enum class Framing : std::uint8_t { lines, whole, delimiter, length32 };
enum class WhenDone : std::uint8_t { follow, end };
enum class LostPosition : std::uint8_t { earliest, latest, fail };

struct SourceOptions {
  std::string path{};
  StartPosition start_position = StartPosition::beginning;
  Duration poll_interval = std::chrono::milliseconds(500);
  std::int64_t skip_lines = 0;
  bool require_exists = false;
  Framing framing = Framing::lines;
  std::string framing_delimiter{};
  ByteSize line_bytes_max{8U << 20U};
  FileCompression compression = FileCompression::automatic;
  Duration rotate_wait = std::chrono::seconds(5);
  LostPosition on_lost_position = LostPosition::earliest;
  WhenDone when_done = WhenDone::follow;
};

struct SinkOptions {
  std::string path{};
  bool append = true;
  Duration flush_interval{};
  ByteSize rotate_size{};
  Duration rotate_interval{};
};

}  // namespace eventflux::connectors::file
