#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
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
    int syncs = 0;
  };

  std::map<std::string, std::shared_ptr<Node>> files{};
  int appends_to_fail = 0;

  std::string& data(const std::string& path) { return node(path).data; }

  Node& node(const std::string& path) {
    auto& found = files[path];
    if (found == nullptr) found = std::make_shared<Node>(Node{.inode = ++inodes_});
    return *found;
  }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    if (mode == OpenMode::read && !files.contains(path))
      return Error{Code::file_failed, "no file '" + path + "'"};
    node(path);
    if (mode == OpenMode::truncate) data(path).clear();
    return std::unique_ptr<File>(std::make_unique<Handle>(files[path], *this));
  }

  Result<std::optional<FileStat>> stat(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return std::optional<FileStat>();
    return std::optional(FileStat{found->second->data.size(), 1, found->second->inode});
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
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
      if (disk_.appends_to_fail > 0) {
        --disk_.appends_to_fail;
        node_->data += bytes.substr(0, bytes.size() / 2);
        return Error{Code::file_failed, "no space left"};
      }
      node_->data += bytes;
      return {};
    }

    Result<void> sync() override {
      ++node_->syncs;
      return {};
    }

    Result<void> truncate(std::uint64_t size) override {
      node_->data.resize(size);
      return {};
    }

    Result<FileStat> stat() override { return FileStat{node_->data.size(), 1, node_->inode}; }

   private:
    std::shared_ptr<Node> node_;  // The directory owns it, and so does every open handle.
    MemoryDisk& disk_;
  };

  std::uint64_t inodes_ = 0;
};

}  // namespace eventflux::testing
