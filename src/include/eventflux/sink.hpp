#pragma once

#include <compare>
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
  s3_transactional,  ///< And shows rows only with the checkpoint that covers them: prepare().
};

struct SinkTraits {
  SinkClass delivery = SinkClass::s0_unacknowledged;
  bool network = false;
  bool rows = false;             ///< Takes typed rows and no encoded bytes: no mapper.
  std::uint32_t batch_rows = 1;  ///< Default of `batch.size`.
};

/// Names a batch, or a transaction, of one sink. It stands for the same rows for ever: a batch that
/// is written again has the token that it had, and no other run of the app uses it, because a run
/// that reads its input again cuts it into other batches.
struct WriteToken {
  std::uint64_t run = 0;    ///< Rises with every run of an app that has a state directory.
  std::uint64_t epoch = 0;  ///< Number of the checkpoint that will cover the rows.
  /// Of the batch, from 0; 0 for a transaction. Rows that a sink rejected and that are written
  /// again get one of their own.
  std::uint64_t ordinal = 0;

  auto operator<=>(const WriteToken&) const = default;
};

/// Returns "run/epoch/ordinal".
std::string to_text(const WriteToken& token);

/// Rows on their way out.
/// Shape: row i is bytes[ends[i-1], ends[i]) ; `rows` is set for sinks of typed rows and has the
/// same number of rows. Owns: nothing; valid for the call.
struct OutputBatch {
  std::string_view bytes{};
  std::string_view prologue{};  ///< What a new file or connection begins with, with its line end.
  std::span<const std::uint32_t> ends{};
  const Batch* rows = nullptr;
  std::span<const std::int64_t> emitted_us{};  ///< Clock when each row left its query.
  WriteToken token{};

  std::size_t size() const { return ends.size(); }

  std::string_view row(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return bytes.substr(begin, ends[i] - begin);
  }
};

enum class WriteStatus : std::uint8_t {
  accepted,
  retriable,         ///< Nothing was written and the sink is still open: the runtime tries again.
  disconnected,      ///< Nothing was written, and the sink is no longer open.
  unknown,           ///< Perhaps written, and the sink is no longer open.
  rows_rejected,     ///< These rows can never be written.
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

  /// Reaches the other side as open() would, writes nothing, and leaves. Fails: as open(); EF0230
  /// when there is no other side.
  virtual Result<void> probe() {
    return Error{Code::not_supported_yet, "this sink cannot be reached without a run"};
  }

  /// Transactions, of sinks of class `s3_transactional` only, in place of flush(): begin(), write()
  /// any number of times, prepare() at the barrier, and commit() once the checkpoint is stored, or
  /// at once where none is. The next one may begin, and be prepared, before this one is committed.
  /// A failure of any of these calls is a lost connection: open() follows. Rows that were not
  /// prepared are begun and written anew. Begins. What was written and not prepared before is
  /// forgotten, and what was prepared under the same token, too: the answer to that prepare() got
  /// lost.
  virtual Result<void> begin(const WriteToken& /*token*/) { return no_transactions(); }

  /// Makes what was written since begin() durable, so that commit() succeeds also after a crash of
  /// either side, and still shows none of it.
  virtual Result<void> prepare(const WriteToken& /*token*/) { return no_transactions(); }

  /// Shows what was prepared. It may come again for what is committed already, which is no error.
  virtual Result<void> commit(const WriteToken& /*token*/) { return no_transactions(); }

  /// Forgets what was prepared; no error for a token that is not known.
  virtual Result<void> abort(const WriteToken& /*token*/) { return no_transactions(); }

  /// Returns what is prepared and neither committed nor aborted, also by earlier runs. The runtime
  /// asks at its start, before anything is written, and commits what its checkpoint covers.
  virtual Result<std::vector<WriteToken>> prepared() { return no_transactions(); }

  /// Ends write() within 100 ms.
  virtual void stop() noexcept {}

 private:
  static Error no_transactions() {
    return {Code::not_supported_yet, "this sink has no transactions"};
  }
};

}  // namespace eventflux
