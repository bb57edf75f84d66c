#pragma once

#include <memory>
#include <string>

#include "eventflux/sink.hpp"

#include "options.hpp"

namespace eventflux::connectors::file {

/// Appends rows to a file, one per line, and starts a new one by size or age.
class FileSink final : public Sink {
 public:
  FileSink(SinkOptions options, Context& context);

  Result<void> open(const Schema& schema) override;
  WriteResult write(const OutputBatch& batch) override;
  Result<void> flush() override;

 private:
  Result<void> open_file(OpenMode mode);
  Result<void> end_torn_line();
  Result<void> rotate_if_due();
  Result<std::string> rolled_name() const;
  bool due() const;
  bool sync_due() const;

  SinkOptions options_;
  FileSystem& files_;
  Clock& clock_;
  std::unique_ptr<File> file_{};
  std::string text_{};
  std::uint64_t size_ = 0;
  Timestamp opened_{};  ///< By the steady clock; likewise synced_.
  Timestamp synced_{};
  bool opened_before_ = false;
  bool dirty_ = false;
};

}  // namespace eventflux::connectors::file
