#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/params.hpp"
#include "eventflux/time.hpp"

namespace eventflux {

class Transport;

/// The one source of randomness. Thread: one at a time.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// Returns a number in [0, bound); 0 for bound 0.
  std::uint64_t below(std::uint64_t bound);
  /// Returns a number in [0, 1).
  double unit();

 private:
  std::uint64_t state_;
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// Takes the facts that the product has to tell. Thread: any.
class Log {
 public:
  virtual ~Log() = default;
  /// `text` states one fact as key=value pairs, free of secrets.
  virtual void write(LogLevel level, std::string_view text) = 0;
};

/// Takes the data that a program shows: standard output, or whatever a host puts there.
/// Thread: any; one call is written whole.
class Output {
 public:
  virtual ~Output() = default;
  /// `writer` is only compared: it tells one stream of text from another.
  virtual void write(const void* writer, std::string_view text) = 0;
  /// Returns whether `writer` wrote last, so that its text goes on where it stopped.
  virtual bool wrote_last(const void* writer) const = 0;
  /// Returns whether a person reads along.
  virtual bool terminal() const = 0;

  /// Returns how many characters a line of the terminal holds; 0: as many as are written.
  virtual std::size_t columns() const { return 0; }
};

/// What identifies a file for as long as it exists, and how it stands.
struct FileStat {
  std::uint64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t links = 1;          ///< Names that it has; an open file that was removed has none.
  std::int64_t modified_us = 0;     ///< Of its content, by the file system's clock.
  bool readable_by_others = false;  ///< By users that are neither its owner nor in its group.
};

/// An open file. Fails: EF0510 with the system's reason.
class File {
 public:
  virtual ~File() = default;
  /// Returns the bytes read at `offset`, fewer than asked only at the end.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;
  virtual Result<void> append(std::string_view bytes) = 0;
  virtual Result<void> sync() = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<FileStat> stat() = 0;
};

enum class OpenMode : std::uint8_t { read, append, truncate };

/// The one way to files. Thread: any. Fails: EF0510.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  /// Returns nothing when there is no such file.
  virtual Result<std::optional<FileStat>> stat(const std::string& path) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  /// Returns the paths that fit a pattern with `*`, `?` and `[…]`, sorted.
  virtual Result<std::vector<std::string>> glob(const std::string& pattern) = 0;
};

/// What the shared parameters of a source mean for its payloads: `message.max.bytes` and
/// `payload.decompress`. For sources that look into payloads before they emit them.
/// Thread: that of the source.
class PayloadRules {
 public:
  virtual ~PayloadRules() = default;
  /// Returns the size above which a payload is rejected, compressed or not.
  virtual std::uint64_t bytes_max() const = 0;
  /// Returns the payload as the mapper will see it, valid until the next call; 64 bytes after it
  /// may be read. Fails: EF0601 damaged, EF0605 above bytes_max().
  virtual Result<std::span<char>> plain(std::span<char> payload) = 0;
};

/// How a file is compressed. `automatic` looks at its first bytes.
enum class FileCompression : std::uint8_t { automatic, none, gzip, zstd };

/// A file as it reads after decompression. `compressed` says whether it is; then only read() works,
/// offsets count decompressed bytes, stat() tells of the compressed file, and reading backwards
/// begins anew. Members of gzip and frames of zstd may follow each other.
/// Fails: reading EF0601 for bytes that are damaged or end too early, with the offset.
struct ReadableFile {
  std::unique_ptr<File> file{};
  bool compressed = false;
};

/// Returns a file that decompresses what `file` holds; `file` itself when it is not compressed.
/// `path` is for messages. Fails: EF0510.
Result<ReadableFile> decompressed(std::unique_ptr<File> file, FileCompression compression,
                                  const std::string& path);

/// What an extension gets from its host. Owns: nothing; all of it outlives the extension.
struct Context {
  Clock& clock;
  Rng& rng;
  FileSystem& files;
  Transport& transport;
  Log& log;
  std::string name{};                ///< Of the source or sink, for messages.
  Output* out = nullptr;             ///< Null pointer: data that is shown goes nowhere.
  const StopSignal* stop = nullptr;  ///< Set before stop() of the extension is called.
  PayloadRules* payloads = nullptr;  ///< Of a source; null pointer: payloads are taken as they are.
  bool resumed = false;              ///< The app goes on from a stored checkpoint.
};

}  // namespace eventflux
