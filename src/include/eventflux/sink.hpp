#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/batch.hpp"
#include "eventflux/context.hpp"

namespace eventflux {

/// What a sink promises once it has answered.
enum class SinkClass : std::uint8_t {
  s0_unacknowledged,
  s1_acknowledged,   ///< Durable at the other end.
  s2_idempotent,     ///< And the same token twice counts once.
  s3_transactional,  ///< And our progress is stored in its own transaction.
};

struct SinkTraits {
  SinkClass delivery = SinkClass::s0_unacknowledged;
  bool network = false;
  bool rows = false;             ///< Takes typed rows and no encoded bytes: no mapper.
  std::uint32_t batch_rows = 1;  ///< Default of `batch.size`.
};

/// Rows on their way out.
/// Shape: row i is bytes[ends[i-1], ends[i]) ; `rows` is set for sinks of typed rows and has the
/// same number of rows. Owns: nothing; valid for the call.
struct OutputBatch {
  std::string_view bytes{};
  std::string_view prologue{};  ///< What a new file or connection begins with, with its line end.
  std::span<const std::uint32_t> ends{};
  const Batch* rows = nullptr;
  std::span<const std::int64_t> emitted_us{};  ///< Clock when each row left its query.

  std::size_t size() const { return ends.size(); }

  std::string_view row(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return bytes.substr(begin, ends[i] - begin);
  }
};

enum class WriteStatus : std::uint8_t {
  accepted,
  retriable,     ///< Nothing was written and the sink is still open: the runtime tries again.
  disconnected,  ///< Nothing was written, and the sink is no longer open.
  unknown,       ///< Perhaps written, and the sink is no longer open.
  rows_rejected,  ///< These rows can never be written.
  sink_unavailable,  ///< The sink itself refuses; no row's fault. It is still open.
};

/// What became of a batch. `rejected` lists row indices when the status is rows_rejected; the other
/// rows were written.
struct WriteResult {
  WriteStatus status = WriteStatus::accepted;
  Error error{Code::row_rejected, {}, {}, {}};
  std::vector<std::uint32_t> rejected{};

  static WriteResult accepted() { return {}; }

  static WriteResult failed(WriteStatus status, Error error) {
    return {status, std::move(error), {}};
  }
};

/// Writes to the outside. Whichever call finds that the connection (or the open file) is lost says
/// so: write() with `disconnected` or `unknown`, open() and flush() by failing. The runtime then
/// waits, calls open(), and writes everything again that was accepted since the last flush() that
/// succeeded. A failed open file or connection is never used again as if nothing had happened.
/// Thread: one, its own; stop() from any.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Makes ready: before the first write(), and anew after each loss. Fails: tried again after a
  /// wait; with EF0303 or EF0508, which no second try mends, the app ends.
  virtual Result<void> open(const Schema& schema) = 0;
  /// Blocks: until the other side has answered. Durable when the class says so.
  virtual WriteResult write(const OutputBatch& batch) = 0;

  /// Makes everything accepted durable. Called before a checkpoint counts it. A failure says that
  /// what was accepted since the last one may be lost.
  virtual Result<void> flush() { return {}; }

  /// Ends write() within 100 ms.
  virtual void stop() noexcept {}
};

}  // namespace eventflux
