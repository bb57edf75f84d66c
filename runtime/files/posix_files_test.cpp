#include "runtime/files/posix_files.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

namespace eventflux::files {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "eventflux-files-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  ~Folder() { std::filesystem::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

TEST_CASE("what was appended is read back from any offset") {
  const Folder folder;
  PosixFiles files;
  auto file = files.open(folder / "a", OpenMode::append).value();
  file->append("hello ").value();
  file->append("world").value();
  file->sync().value();
  std::array<char, 16> buffer{};
  CHECK(file->read(6, buffer).value() == 5);
  CHECK(std::string_view(buffer.data(), 5) == "world");
  CHECK(file->read(100, buffer).value() == 0);
  CHECK(file->stat().value().size == 11);
}

TEST_CASE("truncating keeps the beginning and later appends follow it") {
  const Folder folder;
  PosixFiles files;
  auto file = files.open(folder / "a", OpenMode::append).value();
  file->append("hello world").value();
  file->truncate(5).value();
  file->append("!").value();
  CHECK(file->stat().value().size == 6);
  CHECK(files.open(folder / "a", OpenMode::truncate).value()->stat().value().size == 0);
}

TEST_CASE("a renamed file keeps its identity") {
  const Folder folder;
  PosixFiles files;
  const auto before = files.open(folder / "a", OpenMode::append).value()->stat().value();
  files.rename(folder / "a", folder / "b").value();
  CHECK_FALSE(files.stat(folder / "a").value().has_value());
  CHECK(files.stat(folder / "b").value()->inode == before.inode);
  files.remove(folder / "b").value();
  CHECK_FALSE(files.stat(folder / "b").value().has_value());
}

TEST_CASE("a pattern finds its files in order") {
  const Folder folder;
  PosixFiles files;
  for (const char* name : {"b.csv", "a.csv", "c.txt"})
    files.open(folder / name, OpenMode::append).value();
  const auto found = files.glob(folder / "[ab].c?v").value();
  REQUIRE(found.size() == 2);
  CHECK(found[0] == folder / "a.csv");
  CHECK(found[1] == folder / "b.csv");
  CHECK(files.glob(folder / "none*").value().empty());
}

TEST_CASE("what cannot be opened names the path and the reason, EF0510") {
  const Folder folder;
  PosixFiles files;
  const auto missing = files.open(folder / "none", OpenMode::read);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Code::file_failed);
  CHECK(missing.error().message.find("none': No such file") != std::string::npos);
  CHECK_FALSE(files.remove(folder / "none").ok());
  CHECK_FALSE(files.rename(folder / "none", folder / "b").ok());
}

TEST_CASE("a pipe is refused without waiting for its writer") {
  const Folder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto opened = PosixFiles{}.open(folder / "pipe", OpenMode::read);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message.find("not a regular file") != std::string::npos);
}

}  // namespace
}  // namespace eventflux::files
