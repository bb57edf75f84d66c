#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime/state/entry_store.hpp"
#include "runtime/state/operator_state.hpp"

namespace eventflux::runtime {

/// A list of a ListState, as its owner keeps it: among the states of a key.
struct ListHead {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint32_t size = 0;
};

/// Lists of values, oldest first, of which each key has one: rows of a join by key, partial matches
/// of a pattern. All values stand in one table, so that a list is no object of its own.
/// Shape: a delta holds what was pushed and popped. Who changes a list marks the key that its head
/// belongs to, and clears it before the key is erased.
/// Thread: that of the task.
template <class V>
requires std::is_trivially_copyable_v<V>

class ListState final : public DeclaredState {
 public:
  ListState() : store_(sizeof(Node)) {}

  void push(ListHead& list, const V& value) {
    const std::uint32_t node = store_.add();
    at(node) = Node{value, 0};
    changed_.mark(node);
    if (list.size++ == 0) {
      list.first = node;
    } else {
      at(list.last).next = node;
      changed_.mark(list.last);
    }
    list.last = node;
  }

  /// Returns the oldest value of a list that has one.
  const V& front(const ListHead& list) const { return at(list.first).value; }

  /// Removes the oldest value of a list that has one.
  void pop(ListHead& list) {
    const std::uint32_t node = list.first;
    list.first = at(node).next;
    --list.size;
    store_.remove(node);
    changed_.mark(node);
  }

  void clear(ListHead& list) {
    while (list.size != 0)
      pop(list);
  }

  /// Calls visit(value) from the oldest value to the newest.
  template <class Visit>
  void for_each(const ListHead& list, Visit visit) const {
    std::uint32_t node = list.first;
    for (std::uint32_t i = 0; i < list.size; ++i, node = at(node).next)
      visit(at(node).value);
  }

  /// Returns whether all values of a list are there: what a damaged store may not say.
  bool is_whole(const ListHead& list) const {
    std::uint32_t node = list.first;
    for (std::uint32_t i = 0; i < list.size; ++i, node = at(node).next)
      if (!store_.contains(node)) return false;
    return true;
  }

  /// Returns how many values all lists have.
  std::uint32_t size() const { return store_.size(); }

  std::uint64_t note_changes() override { return changed_.count(); }

  void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) override {
    const auto [first, last] = cursor.take({section, 0}, store_.end());
    if (!changed_.any() && first == last) return;
    writer.block(section, 0);
    changed_.take(first, last, UINT32_MAX, [&](std::uint32_t node) {
      SnapshotWriter& record = writer.record(node);
      if (!store_.contains(node)) return;
      record.put(at(node).value);
      record.put(at(node).next);
    });
  }

  void save_header(SnapshotWriter& writer) const override { writer.put(store_.end()); }

  Result<void> begin_restore(SnapshotReader& header, std::uint64_t /*records*/) override {
    EF_TRY(const auto end, header.get<std::uint32_t>());
    store_.begin_restore(end);
    return {};
  }

  Result<void> restore(std::uint8_t /*section*/, const StoredRecord& record) override {
    const std::uint32_t node = record.part;
    if (node >= store_.end())
      return Error{Code::store_damaged, "a record has no place in the state"};
    if (store_.contains(node) || changed_.contains(node)) return {};
    if (record.bytes.empty()) {
      changed_.mark(node);  // so that an older record does not bring it back
      return {};
    }
    store_.restore(node);
    SnapshotReader reader(record.bytes);
    EF_TRY(at(node).value, reader.get<V>());
    EF_TRY(at(node).next, reader.get<std::uint32_t>());
    return {};
  }

  Result<void> end_restore() override {
    changed_.clear();
    store_.end_restore();
    return {};
  }

  std::size_t bytes() const override { return store_.bytes() + changed_.bytes(); }

 private:
  struct Node {
    V value;
    std::uint32_t next;
  };

  Node& at(std::uint32_t node) const { return *reinterpret_cast<Node*>(store_.at(node)); }

  EntryStore store_;
  DirtySet changed_;
};

}  // namespace eventflux::runtime
