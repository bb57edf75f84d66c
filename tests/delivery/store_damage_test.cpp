// What a damaged store does: it is refused, or it was damaged where nothing is kept.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "runtime/state/checkpoint_store.hpp"
#include "runtime/state/lmdb_environment.hpp"

namespace eventflux::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t page_bytes = 4096;

/// Every n-th bit is flipped; `make check-slow` sets 1.
std::size_t flip_step() {
  const char* step = std::getenv("EVENTFLUX_DAMAGE_STEP");
  return step == nullptr ? 97 : std::stoul(step);
}

/// A folder of this process alone: cases run side by side. In memory where that is possible, since
/// thousands of commits are not to wait for a disk.
fs::path make_folder() {
  const fs::path memory = "/dev/shm";
  const fs::path parent = fs::exists(memory) ? memory : fs::temp_directory_path();
  std::string name = (parent / "eventflux_store_XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  return name;
}

LmdbOptions options_for(const fs::path& folder) {
  LmdbOptions options;
  options.directory = folder.string();
  options.bytes_max = 16U << 20U;
  return options;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

Checkpoint checkpoint_of(std::uint64_t epoch) {
  Checkpoint made;
  made.epoch = epoch;
  made.plan.push_back({"sum", "query into Out", "aggregates sum(v)"});
  made.states.push_back({"sum", "state of epoch " + std::to_string(epoch), 2});
  made.states.push_back({"long", std::string(6000, static_cast<char>('a' + epoch)), 1});
  for (int file = 0; file < 40; ++file) {
    made.positions.push_back(
        {"in", {"file" + std::to_string(file), std::to_string(epoch * 10), epoch * 10}});
  }
  return made;
}

DeadLetter letter_of(std::uint64_t epoch) {
  DeadLetter letter;
  letter.time = Timestamp{static_cast<std::int64_t>(epoch)};
  letter.source = "in";
  letter.reason = "number " + std::to_string(epoch);
  return letter;
}

/// Everything that a store holds, as one text; the reason when it refuses to open.
std::string contents_of(CheckpointStore& store) {
  const auto loaded = store.load();
  if (!loaded.ok()) return code_text(loaded.error().code);
  if (!*loaded) return "empty";
  std::string text = std::to_string((*loaded)->epoch);
  for (const PlanPart& part : (*loaded)->plan)
    text += '|' + part.id + part.name + part.text;
  for (const StateDelta& state : (*loaded)->states)
    text += '|' + state.id + '=' + state.bytes;
  for (const StoredCursor& position : (*loaded)->positions)
    text += '|' + position.cursor.partition + '@' + position.cursor.position;
  const auto letters = store.dead_letters(1000);
  if (!letters.ok()) return code_text(letters.error().code);
  for (const StoredDeadLetter& stored : *letters)
    text += '|' + stored.letter.reason;
  return text;
}

/// A store of five epochs, and what it holds before and after a sixth.
class Damage {
 public:
  Damage() : folder_(make_folder()) {
    {
      const auto store = open_lmdb_store(options_for(folder_)).value();
      for (std::uint64_t epoch = 1; epoch <= 5; ++epoch)
        REQUIRE(store->commit(StoreTransaction(checkpoint_of(epoch), {letter_of(epoch)})).ok());
    }
    bytes_ = read_file(folder_ / "store.mdb");
    const auto store = open_lmdb_store(options_for(folder_)).value();
    before_ = contents_of(*store);
    REQUIRE(store->commit(StoreTransaction(checkpoint_of(6), {letter_of(6)})).ok());
    after_ = contents_of(*store);
  }

  ~Damage() { fs::remove_all(folder_); }

  Damage(const Damage&) = delete;
  Damage& operator=(const Damage&) = delete;

  const std::string& bytes() const { return bytes_; }

  /// Opens the store with other bytes. Counts what came of it: refused, or whole before and after
  /// another commit; anything else is a failure.
  void attempt(const std::string& damaged, const std::string& what) {
    write_file(folder_ / "store.mdb", damaged);
    auto store = open_lmdb_store(options_for(folder_));
    if (!store.ok()) {
      CHECK_MESSAGE(store.error().code == Code::store_damaged, what, ": ", store.error().message);
      CHECK_MESSAGE(read_file(folder_ / "store.mdb") == damaged, what, " was written to");
      ++refused;
      return;
    }
    CHECK_MESSAGE(contents_of(**store) == before_, what);
    CHECK_MESSAGE((*store)->commit(StoreTransaction(checkpoint_of(6), {letter_of(6)})).ok(), what);
    CHECK_MESSAGE(contents_of(**store) == after_, what);
    ++harmless;
  }

  std::size_t refused = 0;
  std::size_t harmless = 0;

 private:
  fs::path folder_;
  std::string bytes_;
  std::string before_;
  std::string after_;
};

TEST_CASE("a flipped bit is refused, or lies where nothing is kept") {
  Damage damage;
  const std::size_t bits = damage.bytes().size() * 8;
  for (std::size_t bit = 0; bit < bits; bit += flip_step()) {
    std::string damaged = damage.bytes();
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    damage.attempt(damaged, "bit " + std::to_string(bit));
  }
  MESSAGE("flips: ", damage.refused, " refused, ", damage.harmless, " harmless");
  CHECK(damage.refused > 0);
}

TEST_CASE("a page in the place of another is refused, or was not used") {
  Damage damage;
  const std::size_t pages = damage.bytes().size() / page_bytes;
  for (std::size_t to = 0; to < pages; ++to) {
    for (std::size_t from = 0; from < pages; ++from) {
      if (from == to) continue;
      std::string copied = damage.bytes();
      copied.replace(to * page_bytes, page_bytes, damage.bytes(), from * page_bytes, page_bytes);
      if (copied != damage.bytes())
        damage.attempt(copied, "page " + std::to_string(from) + " over " + std::to_string(to));
      std::string swapped = copied;
      swapped.replace(from * page_bytes, page_bytes, damage.bytes(), to * page_bytes, page_bytes);
      if (from < to && swapped != damage.bytes())
        damage.attempt(swapped, "pages " + std::to_string(from) + " and " + std::to_string(to));
    }
  }
  MESSAGE("pages: ", damage.refused, " refused, ", damage.harmless, " harmless");
}

TEST_CASE("pages full of other bytes are refused, or were not used") {
  Damage damage;
  Rng random(7);
  for (std::size_t trial = 0; trial < 200; ++trial) {
    std::string damaged = damage.bytes();
    const std::size_t first = random.next() % damaged.size();
    const std::size_t count = 1 + random.next() % 512;
    for (std::size_t i = first; i < std::min(first + count, damaged.size()); ++i)
      damaged[i] = static_cast<char>(random.next());
    damage.attempt(damaged, "trial " + std::to_string(trial));
  }
  CHECK(damage.refused > 0);
}

TEST_CASE("a store whose file or mark is gone is no first start") {
  const fs::path folder = make_folder();
  REQUIRE(open_lmdb_store(options_for(folder))
              .value()
              ->commit(StoreTransaction(checkpoint_of(1)))
              .ok());
  fs::rename(folder / "FORMAT", folder / "kept");
  CHECK(open_lmdb_store(options_for(folder)).error().message.ends_with("FORMAT is missing"));
  write_file(folder / "FORMAT", "9\n");
  CHECK(open_lmdb_store(options_for(folder)).error().code == Code::plan_incompatible);
  fs::rename(folder / "kept", folder / "FORMAT");
  REQUIRE(open_lmdb_store(options_for(folder)).ok());
  fs::resize_file(folder / "store.mdb", fs::file_size(folder / "store.mdb") - page_bytes);
  CHECK(open_lmdb_store(options_for(folder)).error().code == Code::store_damaged);
  fs::remove(folder / "store.mdb");
  CHECK(open_lmdb_store(options_for(folder)).error().code == Code::store_damaged);
  fs::remove_all(folder);
}

TEST_CASE("a store whose making was interrupted is made anew") {
  const fs::path folder = make_folder();
  REQUIRE(open_lmdb_store(options_for(folder)).ok());
  fs::remove(folder / "FORMAT");
  const auto store = open_lmdb_store(options_for(folder));
  REQUIRE(store.ok());
  CHECK((*store)->commit(StoreTransaction(checkpoint_of(1))).ok());
  fs::remove_all(folder);
}

TEST_CASE("pages of a first commit that never came are no store, unless FORMAT says there is one") {
  const fs::path folder = make_folder();
  const std::string path = folder.string();
  {
    const StoreDirectory directory(path);
    REQUIRE(LmdbEnvironment::open(directory, {.bytes_max = 1U << 20U, .create = true}).ok());
  }
  std::ofstream(folder / "store.mdb", std::ios::app) << std::string(5 * page_bytes, '\x01');
  const std::string pages = read_file(folder / "store.mdb");
  REQUIRE(open_lmdb_store(options_for(folder)).ok());
  // The same file beside the FORMAT that the second start has made.
  write_file(folder / "store.mdb", pages);
  CHECK(open_lmdb_store(options_for(folder)).error().code == Code::store_damaged);
  fs::remove_all(folder);
}

TEST_CASE("purged dead letters are gone, and the store is whole") {
  const fs::path folder = make_folder();
  {
    const auto store = open_lmdb_store(options_for(folder)).value();
    REQUIRE(
        store
            ->commit(StoreTransaction(checkpoint_of(1), {letter_of(1), letter_of(2), letter_of(3)}))
            .ok());
    const auto letters = store->dead_letters(10).value();
    CHECK(store->dead_letter_bytes() > 0);
    CHECK(store->purge_dead_letters({letters[1].id}).value() == 1);
    CHECK(store->purge_dead_letters({"00"}).value() == 0);
  }
  const auto store = open_lmdb_store(options_for(folder)).value();
  CHECK(store->dead_letters(10).value().size() == 2);
  CHECK(store->purge_dead_letters({}).value() == 2);
  CHECK(store->dead_letter_bytes() == 0);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace eventflux::runtime
