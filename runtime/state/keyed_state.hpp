#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "eventflux/aggregate.hpp"

#include "runtime/column/column_vector.hpp"
#include "runtime/state/dirty_set.hpp"
#include "runtime/state/entry_store.hpp"
#include "runtime/state/key_layout.hpp"
#include "runtime/state/linear_hash_table.hpp"
#include "runtime/state/operator_state.hpp"
#include "runtime/state/text_pool.hpp"

namespace eventflux::runtime {

/// States by key. A key gets a number when it comes first, by which its states are found; the
/// numbers of keys that were erased are given out again.
/// Shape: key and states of an entry stand together, in chunks; no entry is an object of its own,
/// and no call moves or rehashes more than a chunk. NULL is a key of its own; NaN equals NaN and
/// 0.0 equals -0.0. Without key columns every row is entry 0. Without erase() the numbers are
/// dense, in the order of first appearance.
/// Thread: that of the task.
class KeyedState final : public DeclaredState {
 public:
  static constexpr std::uint32_t none = LinearHashTable::none;

  explicit KeyedState(std::vector<Type> keys, std::vector<StateOps> states = {});

  ~KeyedState() override { clear(); }

  KeyedState(const KeyedState&) = delete;
  KeyedState& operator=(const KeyedState&) = delete;

  /// Writes entries[row] for every selected row; new keys become entries with new states.
  void resolve(std::span<const Column> keys, Selection rows, std::uint32_t* entries);
  /// The same, but keys that are not there get `none`.
  void find(std::span<const Column> keys, Selection rows, std::uint32_t* entries) const;

  /// Removes an entry: its states are destroyed and its number is free.
  void erase(std::uint32_t entry);

  /// Removes all entries. Unlike erase() it leaves no trace in what is stored.
  void clear();

  /// Returns how many entries there are.
  std::uint32_t size() const { return store_.size(); }

  /// Returns one more than the greatest number of an entry.
  std::uint32_t end() const { return store_.end(); }

  bool contains(std::uint32_t entry) const { return store_.contains(entry); }

  /// Returns where state `state` of each entry is; valid until the next new entry.
  StateLane lane(std::size_t state) const { return lane_of(offsets_[state]); }

  std::size_t key_width() const { return layout_.width(); }

  Type key_type(std::size_t column) const { return layout_.type(column); }

  /// Returns key column `column` of entries first … first + count - 1, which are there.
  /// Owns: `place` holds the values, the table long text. Shape: at most batch_rows_max.
  Column keys(std::size_t column, std::uint32_t first, std::uint32_t count,
              ColumnVector& place) const;

  /// Says that states changed: they are part of the next delta. Entries that are new or erased have
  /// to be marked too.
  void mark(std::uint32_t entry) { changed_.mark(entry); }

  void mark(const std::uint32_t* entries, Selection rows) {
    changed_.mark(entries, rows, store_.end());
  }

  std::uint64_t changed() const { return changed_.count(); }

  /// Writes what changed and the cursor's share of the rest as unit `unit` of a section; restored
  /// by restore_entry() between the two others. For states that are one of many of a kind.
  void write_unit(std::uint8_t section, std::uint64_t unit, CompactionCursor& cursor,
                  CompactionCursor::Key key, DeltaWriter& writer);
  /// `end` is what end() was, `records` how many records there are at most.
  void begin_restore_entries(std::uint32_t end, std::uint64_t records);
  /// Takes a record; the newest of an entry comes first, and those after it are left out.
  /// Fails: EF0702.
  Result<void> restore_entry(std::uint32_t entry, std::string_view record);
  void end_restore_entries();

  std::uint64_t note_changes() override { return changed_.count(); }

  void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) override {
    write_unit(section, 0, cursor, {section, 0}, writer);
  }

  void save_header(SnapshotWriter& writer) const override { writer.put(end()); }

  Result<void> begin_restore(SnapshotReader& header, std::uint64_t records) override;

  Result<void> restore(std::uint8_t /*section*/, const StoredRecord& record) override {
    return restore_entry(record.part, record.bytes);
  }

  Result<void> end_restore() override {
    end_restore_entries();
    return {};
  }

  /// Returns the memory of table, keys and states; not what states point at.
  std::size_t bytes() const override {
    return store_.bytes() + table_.bytes() + texts_.bytes() + changed_.bytes();
  }

 private:
  struct HashOf;
  template <class Stored>
  struct NumberKeys;
  struct TextKeys;

  /// Entries that are restored but not in the table yet: so that their buckets can be fetched.
  struct Pending {
    std::uint64_t hash;
    std::uint32_t entry;
  };

  template <class Miss>
  void look_up(std::span<const Column> keys, Selection rows, std::uint32_t* entries,
               Miss miss) const;
  template <class Keys, class Miss>
  void look_up_column(const Keys& keys, Selection rows, std::uint32_t* entries, Miss miss) const;
  template <bool plain, bool few, class Keys>
  std::uint32_t find_known(const Keys& keys, Selection rows, std::uint32_t first, std::uint32_t end,
                           std::uint32_t* entries) const;
  template <class Keys>
  std::uint32_t find_known_rows(const Keys& keys, Selection rows, std::uint32_t first,
                                std::uint32_t end, std::uint32_t* entries) const;
  template <class Keys, class Miss>
  void look_up_fetched(const Keys& keys, Selection rows, std::uint32_t first,
                       std::uint32_t* entries, Miss miss) const;
  template <class Miss>
  void look_up_columns(std::span<const Column> keys, Selection rows, std::uint32_t* entries,
                       Miss miss) const;
  void fetch_entries(std::span<const std::uint64_t> hashes, std::uint32_t* likely) const;

  StateLane lane_of(std::size_t offset) const { return {store_.chunks(), store_.stride(), offset}; }

  std::uint64_t* words(std::uint32_t entry) const {
    return reinterpret_cast<std::uint64_t*>(store_.at(entry));
  }

  std::uint64_t hash_of(std::uint32_t entry) const { return layout_.hash(words(entry)); }

  std::uint32_t add(const std::uint64_t* key, std::uint64_t hash);
  std::uint32_t add_unhashed(const std::uint64_t* key);
  void construct(std::uint32_t entry);
  void destroy(std::uint32_t entry);
  void save(std::uint32_t entry, SnapshotWriter& writer) const;
  Result<void> load(std::uint32_t entry, SnapshotReader& reader);
  void enter_pending();

  KeyLayout layout_;
  std::vector<StateOps> states_;
  std::vector<std::size_t> offsets_;  // of the states. Units: bytes
  bool destroys_ = false;             // a state has something to destroy
  EntryStore store_;
  LinearHashTable table_;
  TextPool texts_;
  DirtySet changed_;
  std::uint32_t null_ = none;  // entry of NULL, where the key is one column
  std::vector<Pending> pending_;
  mutable std::vector<std::uint64_t> scratch_;  // keys of some rows
};

}  // namespace eventflux::runtime
