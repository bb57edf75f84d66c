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
  /// What is known to be on disk of the file that was open last.
  struct Durable {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
  };

  Result<void> open_file(OpenMode mode);
  Result<void> cut_back(const FileStat& stat);
  Result<void> cut_torn_line();
  Result<std::uint64_t> end_of_last_line();
  Result<void> missing_folder(Error error);
  Result<void> follow_path();
  Result<void> sync();
  void rotate_if_due();
  Result<void> rotate();
  Result<std::string> rolled_name() const;
  bool due() const;
  bool sync_due() const;
  void warn(const std::string& text);

  SinkOptions options_;
  Context& context_;
  FileSystem& files_;
  Clock& clock_;
  std::unique_ptr<File> file_{};
  std::string text_{};
  Durable durable_{};
  std::uint64_t size_ = 0;      ///< Up to where the file holds accepted rows.
  std::uint64_t size_max_ = 0;  ///< What a failed append may have left behind it.
  Timestamp opened_{};          ///< By the steady clock; likewise the next two.
  Timestamp synced_{};
  Timestamp rotate_not_before_{};
  bool opened_before_ = false;
  bool dirty_ = false;
  bool settled_ = false;  ///< No file is open, but everything accepted is on disk.
};

}  // namespace eventflux::connectors::file
