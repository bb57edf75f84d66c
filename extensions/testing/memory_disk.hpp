#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "eventflux/context.hpp"

namespace eventflux::testing {

/// Files in memory for tests, with failures on demand.
class MemoryDisk final : public FileSystem {
 public:
  struct Node {
    std::uint64_t inode = 0;
    std::string data{};
    std::string durable{};  ///< What a failed sync leaves, once one was scripted.
    int syncs = 0;
    std::int64_t modified_us = 0;  ///< Later for files that were made later.
  };

  std::map<std::string, std::shared_ptr<Node>> files{};
  std::set<std::string> missing_folders{};  ///< With their slash; nothing can be made in them.
  int appends_to_fail = 0;
  int syncs_to_fail = 0;  ///< Each drops what was not on disk, as Linux does.
  int renames_to_fail = 0;
  int truncates_to_fail = 0;
  int opens_to_fail = 0;  ///< For writing.

  std::string& data(const std::string& path) { return node(path).data; }

  Node& node(const std::string& path) {
    auto& found = files[path];
    if (found == nullptr) found = std::make_shared<Node>(make_node());
    return *found;
  }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    if (mode == OpenMode::read && !files.contains(path))
      return Error{Code::file_failed, "no file '" + path + "'"};
    if (mode != OpenMode::read && missing_folders.contains(path.substr(0, path.rfind('/') + 1)))
      return Error{Code::file_failed, "no folder for '" + path + "'"};
    if (mode != OpenMode::read && fails(opens_to_fail))
      return Error{Code::file_failed, "no permission"};
    node(path);
    if (mode == OpenMode::truncate) data(path).clear();
    return std::unique_ptr<File>(std::make_unique<Handle>(files[path], *this));
  }

  Result<std::optional<FileStat>> stat(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return std::optional<FileStat>();
    return std::optional(stat_of(*found->second));
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (fails(renames_to_fail)) return Error{Code::file_failed, "device or resource busy"};
    files[to] = files.extract(from).mapped();
    return {};
  }

  Result<void> remove(const std::string& path) override {
    files.erase(path);
    return {};
  }

  Result<std::vector<std::string>> glob(const std::string& pattern) override {
    std::vector<std::string> found;
    const std::size_t star = pattern.find('*');
    for (const auto& [path, node] : files) {
      const bool fits = star == std::string::npos ? path == pattern
                                                  : path.starts_with(pattern.substr(0, star)) &&
                                                        path.ends_with(pattern.substr(star + 1));
      if (fits) found.push_back(path);
    }
    return found;
  }

 private:
  class Handle final : public File {
   public:
    Handle(std::shared_ptr<Node> node, MemoryDisk& disk) : node_(std::move(node)), disk_(disk) {}

    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
      if (offset >= node_->data.size()) return std::size_t{0};
      return node_->data.copy(into.data(), into.size(), offset);
    }

    Result<void> append(std::string_view bytes) override {
      if (fails(disk_.appends_to_fail)) {
        node_->data += bytes.substr(0, bytes.size() / 2);
        return Error{Code::file_failed, "no space left"};
      }
      node_->data += bytes;
      return {};
    }

    Result<void> sync() override {
      if (fails(disk_.syncs_to_fail)) {
        node_->data = node_->durable;
        return Error{Code::file_failed, "input/output error"};
      }
      ++node_->syncs;
      node_->durable = node_->data;
      return {};
    }

    Result<void> truncate(std::uint64_t size) override {
      if (fails(disk_.truncates_to_fail)) return Error{Code::file_failed, "input/output error"};
      node_->data.resize(size);
      return {};
    }

    Result<FileStat> stat() override { return disk_.stat_of(*node_); }

   private:
    std::shared_ptr<Node> node_;  // The directory owns it, and so does every open handle.
    MemoryDisk& disk_;
  };

  static bool fails(int& to_fail) {
    if (to_fail == 0) return false;
    --to_fail;
    return true;
  }

  Node make_node() {
    ++inodes_;
    return {.inode = inodes_, .modified_us = static_cast<std::int64_t>(inodes_) * 1'000'000};
  }

  FileStat stat_of(const Node& node) const {
    const auto names = std::count_if(files.begin(), files.end(),
                                     [&](const auto& file) { return file.second.get() == &node; });
    return {.size = node.data.size(),
            .device = 1,
            .inode = node.inode,
            .links = static_cast<std::uint64_t>(names),
            .modified_us = node.modified_us};
  }

  std::uint64_t inodes_ = 0;
};

}  // namespace eventflux::testing
