#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/mount.h>

#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

/// A file system of a few MiB; unmounted at the end. Needs the right to mount.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=4m") == 0;
  }

  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }

  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("a full disk is named, waited for, and loses nothing") {
  const Folder folder;
  const SmallDisk disk(folder / "disk");
  if (!disk.mounted()) {
    MESSAGE("no right to mount a small file system: not run");
    return;
  }
  constexpr int count = 20000;  // groups whose state is larger than what is left of the disk
  std::string rows;
  for (int n = 0; n < count; ++n)
    rows += "{\"n\":" + std::to_string(n) + "}\n";
  write_text(folder / "in.jsonl", rows);
  write_text(folder / "a.efql",
             "@app(name='full', epoch.interval='10ms')\n@source(type='file', path='" +
                 folder / "in.jsonl" +
                 "', @map(type='json'))\n"
                 "CREATE STREAM N (n BIGINT);\n@sink(type='file', path='" +
                 folder / "out.jsonl" +
                 "', @map(type='json'))\n"
                 "CREATE STREAM Out (n BIGINT, c BIGINT);\nINSERT INTO Out SELECT n, count(*) AS c "
                 "FROM N GROUP BY n;\n");
  write_text(folder / "disk/ballast", std::string(3800U << 10U, 'x'));
  Process process({"run", folder / "a.efql", "--state", folder / "disk/state"}, folder / "log");
  CHECK(wait_for_text(patience, folder / "log", "EF0703"));
  CHECK(process.running());
  std::filesystem::remove(folder / "disk/ballast");
  const auto all_written = [&] { return read_lines(folder / "out.jsonl").size() == count; };
  CHECK(wait_for(patience, all_written));
  process.signal(SIGTERM);
  CHECK(process.wait(patience) == 0);
  // Everything was covered by the last checkpoint: nothing comes again.
  Process again({"run", folder / "a.efql", "--state", folder / "disk/state", "--until-eof"},
                folder / "log");
  CHECK(again.wait(patience) == 0);
  CHECK(read_lines(folder / "out.jsonl").size() == count);
}

}  // namespace eventflux::tests
