#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventflux/error.hpp"
#include "eventflux/time.hpp"

namespace eventflux {

enum class AppState : std::uint8_t { created, running, draining, stopped, failed };

/// What went through a step of a program since the app was started.
/// Shape: once all is at rest, in = out + held + all that is dropped, for a step that hands on the
/// rows that it took.
struct OperatorStatus {
  std::string label;  ///< For people: "stream Trades", "sink bars".
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t held = 0;  ///< Rows that wait inside, in windows that are open.
  /// Reasons that occurred, with their rows: filtered, failed, late, ahead, duplicate, unmatched.
  std::vector<std::pair<std::string_view, std::uint64_t>> dropped{};
};

struct SourceStatus {
  std::string name;
  bool network = false;
  bool connected = false;
  std::uint64_t received = 0;   ///< Payloads.
  std::uint64_t rows = 0;       ///< Made of them.
  std::uint64_t unmatched = 0;  ///< Payloads that no resource claims.
  std::uint64_t rejected = 0;   ///< Payloads that do not decode.
  std::uint64_t gaps = 0;       ///< Stretches of input that are lost.
  std::uint64_t reconnects = 0;
  Timestamp last_payload{};
};

struct SinkStatus {
  std::string name;
  std::uint64_t written = 0;   ///< Rows that the other side has accepted.
  std::uint64_t rejected = 0;  ///< Rows that it refused.
  std::uint64_t retries = 0;
  std::uint64_t possible_duplicates = 0;  ///< Rows written again that may have arrived before.
};

/// What an app has done so far.
struct AppStatus {
  AppState state = AppState::created;
  bool finished = false;         ///< All sources have ended, or the app failed.
  std::uint64_t checkpoint = 0;  ///< Number of the last checkpoint; 0: none yet.
  Timestamp checkpoint_at{};
  std::uint64_t dead_letters = 0;
  std::optional<Error> failure{};           ///< Why the app failed.
  std::vector<OperatorStatus> operators{};  ///< Inputs before what reads them.
  std::vector<SourceStatus> sources{};
  std::vector<SinkStatus> sinks{};
};

}  // namespace eventflux
