#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/context.hpp"

namespace eventflux {

/// What a source can repeat after a crash.
enum class SourceClass : std::uint8_t {
  r0_volatile,     ///< What is missed is gone.
  r1_ack_window,   ///< What was not acknowledged comes again. Every payload has a cursor.
  r1b_repairable,  ///< Live, with repair by id within the provider's retention.
  r2_seekable,     ///< Starts again from any cursor.
};

/// One kind of row that a source of typed rows makes, for resources that say `EACH path`. It stands
/// in for messages: asking for what the source does not have is a compile error.
struct SourceTable {
  std::string each;  ///< "$.bid"
  Schema columns;    ///< A resource declares any of them, by name and type.
  std::vector<std::pair<std::string, Value>> constants{};  ///< For WHEN, by path: {"$.kind", 2}.
};

/// A column that a source of typed rows cannot fill. An error with a span of its own, such as that
/// of a parameter, is reported there, one without at the column.
struct ColumnFault {
  std::size_t column = 0;  ///< Index into the schema.
  Error error;
};

/// Checks the columns of a stream against what the source makes; nothing when all can be filled.
/// Values are as written: one that is `open` holds a variable and says nothing yet.
using ColumnCheck = std::function<std::optional<ColumnFault>(const Schema&, const ParamValues&)>;

struct SourceTraits {
  SourceClass delivery = SourceClass::r0_volatile;
  bool network = false;  ///< The runtime reconnects: `reconnect.*` apply.
  bool rows = false;     ///< Emits typed rows and takes no mapper.
  bool dense_ids = false;
  /// Source::acknowledge() is called; always so for `r1_ack_window`.
  bool acknowledged = false;
  std::vector<SourceTable>
      tables{};                 ///< Of typed rows; empty: rows of the one stream's own columns.
  ColumnCheck check_columns{};  ///< Of typed rows without tables; empty: any columns will do.
};

/// What one resource takes of a source that has tables.
struct TableProjection {
  std::size_t table = 0;               ///< Index into SourceTraits::tables.
  std::vector<std::size_t> columns{};  ///< For each column of the resource, another of the table.
};

/// A position in a source. `order` rises with it inside one partition, so that it can be asserted.
struct Cursor {
  std::string partition{};  ///< A file, a topic partition; empty when there is only one.
  std::string position{};   ///< The source's own text; it alone reads it.
  std::uint64_t order = 0;
};

/// How far a partition of a source has been read.
enum class PartitionState : std::uint8_t {
  reading,    ///< Rows may follow.
  caught_up,  ///< Read to its end for now; more may come.
  ended,      ///< Nothing else comes.
  /// It belongs to another reader now. Its cursors that are not committed yet are neither stored
  /// nor acknowledged any more, and event time does not wait for it. `reading` takes it back.
  revoked,
};

/// Input that will never be read: the source knows, or has to assume, that it is gone.
struct Gap {
  std::string partition{};  ///< As in Cursor.
  std::string where{};      ///< What and from where to where: "'log' from byte 120 to its end".
  std::string reason{};     ///< Why it is gone.
};

/// One message as the source received it.
struct Envelope {
  std::span<char> payload{};       ///< Borrowed for the call; 64 readable bytes follow.
  std::optional<Cursor> cursor{};  ///< Position behind this payload.
  std::string_view resource{};     ///< When the source itself knows whose it is.
  const Error* error = nullptr;    ///< Why the payload, or its first bytes, cannot be decoded.
  bool plain = false;              ///< It is what Context::payloads made of it.
  std::uint64_t full_length = 0;   ///< Beside an error: bytes of it all, when `payload` is a part.
};

/// Takes what a source reads. It can pass on and nothing else: a source cannot commit or write.
/// Thread: the thread that runs the source.
class Emitter : public StopSignal {
 public:
  /// Takes a message. It is handed on at the latest with idle(), pause() or when a batch is full;
  /// messages between two such calls count as arrived together.
  /// Blocks: while the edge behind the source is full. Fails: EF0804 once the source is to stop.
  virtual Result<void> emit(const Envelope& envelope) = 0;
  /// Says that nothing more is there for now: what was emitted is handed on at once. A source calls
  /// it before it waits for more, or its last rows stay.
  virtual Result<void> idle() = 0;
  /// For sources of typed rows: where to append them, and the call that hands them on.
  virtual BatchBuilder& rows() = 0;
  virtual Result<void> emit_rows(const Cursor& cursor) = 0;
  virtual const Schema& schema() const = 0;

  /// For sources with tables: what resources take, in the order of the text.
  virtual std::span<const TableProjection> wanted() const { return {}; }

  /// Returns where rows of `wanted()[index]` are appended. Rows go on in the order of these calls;
  /// emit_rows() hands on those of all resources.
  virtual BatchBuilder& rows_of(std::size_t /*index*/) { return rows(); }

  /// Returns the stored position of a partition; nothing at a first start.
  virtual std::optional<Cursor> resume(std::string_view partition) const = 0;

  /// Says how far a partition (Cursor::partition) has been read. Event time waits for a partition
  /// that is `reading`, also before its first row, so a source that reads several declares all of
  /// them before it emits; one that is `caught_up` or `ended` is not waited for. A source that
  /// never calls this has one partition.
  virtual void set_partition(std::string_view /*partition*/, PartitionState /*state*/) {}

  /// Begins a transaction of the other side: what is emitted until end_transaction() becomes
  /// durable at once. One of more than 100,000 rows is stored in parts, by its cursors,
  /// and so is one that the source leaves open when the app stops.
  virtual void begin_transaction() {}

  /// Blocks, Fails: as emit().
  virtual Result<void> end_transaction() { return {}; }

  /// Records input that is lost: counted, logged as EF0552, and reading goes on.
  virtual void gap(const Gap& gap) = 0;
  /// Says that the connection is up: the attempt counter may start over.
  virtual void live() = 0;
  /// Blocks: for `wait`, or until the source is to stop; the clock may be a virtual one.
  virtual void pause(Duration wait) = 0;
};

/// Reads from the outside. The runtime makes one per session, calls run() on a thread of its own,
/// and makes a new one when run() failed with a code that a new connection may mend.
class Source {
 public:
  virtual ~Source() = default;
  /// Blocks: until stop(), the end of the input (EF0505) or a failure.
  virtual Result<void> run(Emitter& out) = 0;
  /// Ends run() within 100 ms. Thread: any, also before and after run().
  virtual void stop() noexcept = 0;

  /// Says that all that this session emitted of a partition up to this cursor is durable: the
  /// checkpoint that covers it is stored, after every sink has answered. Cursors of a partition
  /// come in order, and only the last one of each checkpoint. Not called for what was not
  /// committed, for a partition that was revoked, or for what an earlier session emitted: all that
  /// comes again.
  /// Also called after run() has returned because of stop() or at the end of the input, until the
  /// source is destroyed: the last checkpoint of an app follows its sources.
  /// Thread: the one that commits, while run() may be running. It must return at once, so it notes
  /// the cursor and leaves sending to run() or the destructor. A source that takes a lock here does
  /// not hold it while it calls the emitter.
  virtual void acknowledge(const Cursor& /*cursor*/) {}

  /// Reaches the other side as run() would, and leaves. Used by `check --connect`, which says of a
  /// source without it that it was not checked. Fails: as run(); EF0230 when there is no other
  /// side.
  virtual Result<void> probe() {
    return Error{Code::not_supported_yet, "this source cannot be reached without a run"};
  }
};

}  // namespace eventflux
