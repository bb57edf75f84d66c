// Bytes are decompressed forward only. A stretch before the last one asked for is kept, because
// readers look back a little to see whether a file is still the one that they know.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "eventflux/context.hpp"

#include "base/compress.hpp"

namespace eventflux {
namespace {

constexpr std::size_t input_bytes = 4096;  // bounds what one step may yield
constexpr std::size_t history_bytes = std::size_t{64} * 1024;
constexpr int window_log_max = 27;  // what the zstd command takes without being asked

class CompressedFile final : public File {
 public:
  CompressedFile(std::unique_ptr<File> file, base::Compression compression, std::string path)
      : file_(std::move(file)), compression_(compression), path_(std::move(path)) {
    restart();
  }

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;

  Result<void> append(std::string_view) override { return read_only(); }

  Result<void> sync() override { return read_only(); }

  Result<void> truncate(std::uint64_t) override { return read_only(); }

  Result<FileStat> stat() override { return file_->stat(); }

 private:
  void restart() {
    decompressor_.emplace(compression_,
                          base::DecompressLimits{.ratio_max = 0, .window_log_max = window_log_max});
    input_at_ = 0;
    begin_ = 0;
    output_.clear();
  }

  Error read_only() const { return {Code::file_failed, "'" + path_ + "' is only read"}; }

  Error damaged(const Error& error) const {
    const std::size_t colon = error.message.find(": ");
    const std::string why =
        colon == std::string::npos ? error.message : error.message.substr(colon + 2);
    return {Code::undecodable,
            "'" + path_ + "' is not whole: after " + std::to_string(begin_ + output_.size()) +
                " decompressed bytes: " + why,
            "bring a whole file; one that is still being written should appear by rename"};
  }

  Result<bool> step();

  std::unique_ptr<File> file_;
  base::Compression compression_;
  std::string path_;
  std::optional<base::Decompressor> decompressor_{};
  std::uint64_t input_at_ = 0;  // in the compressed file
  std::uint64_t begin_ = 0;     // offset of output_ among the decompressed bytes
  std::string output_{};
};

/// Decompresses a little more; returns whether there was any input.
Result<bool> CompressedFile::step() {
  std::array<char, input_bytes> input{};
  EF_TRY(const std::size_t read, file_->read(input_at_, input));
  if (read == 0) {
    if (input_at_ == 0) return false;  // nothing was written yet
    if (auto ended = decompressor_->finish(output_); !ended.ok()) return damaged(ended.error());
    return false;
  }
  if (auto fed = decompressor_->feed({input.data(), read}, output_); !fed.ok())
    return damaged(fed.error());
  input_at_ += read;
  return true;
}

Result<std::size_t> CompressedFile::read(std::uint64_t offset, std::span<char> into) {
  if (offset < begin_) restart();
  for (;;) {
    if (offset > begin_ + history_bytes) {
      const std::uint64_t unused =
          std::min<std::uint64_t>(offset - begin_ - history_bytes, output_.size());
      output_.erase(0, unused);
      begin_ += unused;
    }
    if (begin_ + output_.size() >= offset + into.size()) break;
    EF_TRY(const bool more, step());
    if (!more) break;
  }
  if (offset >= begin_ + output_.size()) return std::size_t{0};
  return output_.copy(into.data(), into.size(), offset - begin_);
}

base::Compression compression_of(std::string_view first) {
  if (first.starts_with("\x1f\x8b")) return base::Compression::gzip;
  if (first.starts_with("\x28\xb5\x2f\xfd")) return base::Compression::zstd;
  return base::Compression::none;
}

}  // namespace

Result<ReadableFile> decompressed(std::unique_ptr<File> file, FileCompression compression,
                                  const std::string& path) {
  base::Compression found = base::Compression::none;
  if (compression == FileCompression::gzip) found = base::Compression::gzip;
  if (compression == FileCompression::zstd) found = base::Compression::zstd;
  if (compression == FileCompression::automatic) {
    std::array<char, 4> first{};
    EF_TRY(const std::size_t read, file->read(0, first));
    found = compression_of({first.data(), read});
  }
  if (found == base::Compression::none) return ReadableFile{std::move(file), false};
  return ReadableFile{std::make_unique<CompressedFile>(std::move(file), found, path), true};
}

}  // namespace eventflux
