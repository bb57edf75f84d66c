#include "runtime/state/keyed_state.hpp"

#include <algorithm>
#include <array>

namespace eventflux::runtime {
namespace {

constexpr std::size_t cached_bytes = 1U << 18U;  // of a table that needs no fetching ahead
constexpr std::uint32_t rows_at_once = 32;

std::size_t round_up(std::size_t bytes, std::size_t to) {
  return (bytes + to - 1) / to * to;
}

/// Returns where each state stands behind a key, and then how long an entry is.
std::vector<std::size_t> place_states(std::size_t key_bytes, const std::vector<StateOps>& states) {
  std::vector<std::size_t> offsets;
  std::size_t end = key_bytes;
  std::size_t align = key_bytes == 0 ? 1 : sizeof(std::uint64_t);
  for (const StateOps& state : states) {
    end = round_up(end, state.align);
    offsets.push_back(end);
    end += state.size;
    align = std::max(align, state.align);
  }
  offsets.push_back(round_up(std::max<std::size_t>(end, 1), align));
  return offsets;
}

}  // namespace

struct KeyedState::HashOf {
  const KeyedState& state;

  std::uint64_t operator()(std::uint32_t entry) const { return state.hash_of(entry); }

  void prefetch(std::uint32_t entry) const { __builtin_prefetch(state.store_.at(entry)); }
};

KeyedState::KeyedState(std::vector<Type> keys, std::vector<StateOps> states)
    : layout_(std::move(keys)),
      states_(std::move(states)),
      offsets_(place_states(layout_.words() * sizeof(std::uint64_t), states_)),
      destroys_(std::any_of(states_.begin(), states_.end(),
                            [](const StateOps& state) { return state.destroy != nullptr; })),
      store_(offsets_.back()),
      scratch_(rows_at_once * layout_.words()) {}

void KeyedState::construct(std::uint32_t entry) {
  std::byte* const place = store_.at(entry);
  for (std::size_t i = 0; i < states_.size(); ++i)
    states_[i].construct(place + offsets_[i]);
}

void KeyedState::destroy(std::uint32_t entry) {
  std::byte* const place = store_.at(entry);
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (states_[i].destroy != nullptr) states_[i].destroy(place + offsets_[i]);
}

std::uint32_t KeyedState::add_unhashed(const std::uint64_t* key) {
  const std::uint32_t entry = store_.add();
  std::copy_n(key, layout_.words(), words(entry));
  layout_.replace_long_texts(words(entry),
                             [&](const Text& text) { return texts_.store(text.view()); });
  construct(entry);
  return entry;
}

std::uint32_t KeyedState::add(const std::uint64_t* key, std::uint64_t hash) {
  const std::uint32_t entry = add_unhashed(key);
  table_.insert(hash, entry, HashOf{*this});
  return entry;
}

/// One number per row.
template <class Value>
struct KeyedState::NumberKeys {
  using Stored = Value;
  using Key = std::uint64_t;
  Column column;

  static Key key(Stored value) { return key_word(value); }

  bool is_null(std::uint32_t row) const { return column.is_null(row); }

  Key at(std::uint32_t row) const { return key_word(column.at<Stored>(row)); }

  static std::uint64_t hash(Key key) { return hash_number(key); }

  static bool equal(const std::uint64_t* words, Key key) { return words[0] == key; }

  static std::array<std::uint64_t, 1> words(Key key) { return {key}; }
};

/// One text per row.
struct KeyedState::TextKeys {
  using Stored = Text;
  using Key = Text;
  Column column;

  static const Text& key(const Text& text) { return text; }

  bool is_null(std::uint32_t row) const { return column.is_null(row); }

  const Text& at(std::uint32_t row) const { return column.at<Text>(row); }

  static std::uint64_t hash(const Text& key) { return hash_text_key(key); }

  static bool equal(const std::uint64_t* words, const Text& key) {
    const std::array<std::uint64_t, 2> wanted = TextKeys::words(key);
    if (words[0] != wanted[0]) return false;
    if (words[1] == wanted[1]) return true;
    return !key.is_inline() && *reinterpret_cast<const Text*>(words) == key;
  }

  static std::array<std::uint64_t, 2> words(const Text& key) {
    std::array<std::uint64_t, 2> words;
    std::memcpy(words.data(), &key, sizeof key);
    return words;
  }
};

/// Writes the entries of rows[first], … as long as their keys are there; returns where it stopped.
/// All that a row needs is in local variables, which the compiler keeps in registers. `plain`: the
/// rows are dense, and their values without NULL; `few`: one chunk holds all entries, and
/// one all buckets.
/// Benchmark: `micro`, group by.
template <bool plain, bool few, class Keys>
std::uint32_t KeyedState::find_known(const Keys& keys, Selection rows, std::uint32_t first,
                                     std::uint32_t end, std::uint32_t* entries) const {
  const LinearHashTable::View table = table_.view();
  const StateLane places = lane_of(0);
  const std::byte* const chunk = store_.end() == 0 ? nullptr : places.chunks[0];
  const auto* const values = keys.column.template data<typename Keys::Stored>();
  const Keys own = keys;
  for (std::uint32_t i = first; i < end; ++i) {
    const std::uint32_t row = plain ? i : rows[i];
    std::uint32_t found = null_;
    if (plain || !own.is_null(row)) [[likely]] {
      const typename Keys::Key& key = Keys::key(values[plain ? row : own.column.index(row)]);
      found = table.find<few>(Keys::hash(key), [&](std::uint32_t entry) {
        const std::byte* const place = few ? chunk + entry * places.stride : places.place(entry);
        return Keys::equal(reinterpret_cast<const std::uint64_t*>(place), key);
      });
    }
    if (found == none) [[unlikely]]
      return i;
    entries[row] = found;
  }
  return end;
}

template <class Keys>
std::uint32_t KeyedState::find_known_rows(const Keys& keys, Selection rows, std::uint32_t first,
                                          std::uint32_t end, std::uint32_t* entries) const {
  const bool plain =
      rows.rows == nullptr && keys.column.valid == nullptr && keys.column.shape == Shape::flat;
  const bool few = store_.end() <= ChunkedBytes::chunk_elements && table_.is_one_chunk();
  if (plain && few) return find_known<true, true>(keys, rows, first, end, entries);
  if (plain) return find_known<true, false>(keys, rows, first, end, entries);
  if (few) return find_known<false, true>(keys, rows, first, end, entries);
  return find_known<false, false>(keys, rows, first, end, entries);
}

/// Writes the entry of each row; of a key that is not there it is what miss(words, hash) returns,
/// of NULL miss(null pointer, 0).
template <class Keys, class Miss>
void KeyedState::look_up_column(const Keys& keys, Selection rows, std::uint32_t* entries,
                                Miss miss) const {
  if (table_.bytes() > cached_bytes) {
    for (std::uint32_t first = 0; first < rows.count; first += rows_at_once)
      look_up_fetched(keys, rows, first, entries, miss);
    return;
  }
  for (std::uint32_t i = 0; (i = find_known_rows(keys, rows, i, rows.count, entries)) != rows.count;
       ++i) {
    const std::uint32_t row = rows[i];
    if (keys.is_null(row)) {
      entries[row] = miss(nullptr, 0);
    } else {
      const auto& key = keys.at(row);
      entries[row] = miss(Keys::words(key).data(), Keys::hash(key));
    }
  }
}

/// The same for some rows of a table that the cache does not hold: what they look at is fetched
/// first, so that they do not wait for each other.
template <class Keys, class Miss>
void KeyedState::look_up_fetched(const Keys& keys, Selection rows, std::uint32_t first,
                                 std::uint32_t* entries, Miss miss) const {
  const std::uint32_t count = std::min(rows.count - first, rows_at_once);
  std::array<std::uint64_t, rows_at_once> hashes;
  std::array<std::uint32_t, rows_at_once> likely;
  LinearHashTable::View table = table_.view();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t row = rows[first + i];
    hashes[i] = keys.is_null(row) ? 0 : Keys::hash(keys.at(row));
    table.prefetch(hashes[i]);
  }
  fetch_entries({hashes.data(), count}, likely.data());
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t row = rows[first + i];
    if (keys.is_null(row)) {
      entries[row] = null_ != none ? null_ : miss(nullptr, 0);
      continue;
    }
    const auto& key = keys.at(row);
    const auto equal = [&](std::uint32_t entry) { return Keys::equal(words(entry), key); };
    std::uint32_t found = likely[i];
    if (found == none || !equal(found)) found = table.find(hashes[i], equal);
    entries[row] = found;
    if (found != none) [[likely]]
      continue;
    entries[row] = miss(Keys::words(key).data(), hashes[i]);
    table = table_.view();
  }
}

/// Finds the entries that have the first matching tag, mostly those that are meant, and brings them
/// into cache.
void KeyedState::fetch_entries(std::span<const std::uint64_t> hashes, std::uint32_t* likely) const {
  const LinearHashTable::View table = table_.view();
  const StateLane places = lane_of(0);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    likely[i] = table.find(hashes[i], [](std::uint32_t) { return true; });
    if (likely[i] != none) __builtin_prefetch(places.place(likely[i]), 1);
  }
}

template <class Miss>
void KeyedState::look_up_columns(std::span<const Column> keys, Selection rows,
                                 std::uint32_t* entries, Miss miss) const {
  const std::size_t width = layout_.words();
  const bool large = table_.bytes() > cached_bytes;
  std::array<std::uint64_t, rows_at_once> hashes;
  std::array<std::uint32_t, rows_at_once> likely;
  auto table = table_.view();
  for (std::uint32_t first = 0; first < rows.count; first += rows_at_once) {
    const std::uint32_t count = std::min(rows.count - first, rows_at_once);
    layout_.encode(keys, rows, first, count, scratch_.data());
    for (std::uint32_t i = 0; i < count; ++i) {
      hashes[i] = layout_.hash(scratch_.data() + i * width);
      if (large) table.prefetch(hashes[i]);
    }
    if (large) fetch_entries({hashes.data(), count}, likely.data());
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t row = rows[first + i];
      if (layout_.width() == 1 && keys[0].is_null(row)) {
        entries[row] = null_ != none ? null_ : miss(nullptr, 0);
        continue;
      }
      const std::uint64_t* const key = scratch_.data() + i * width;
      const std::uint32_t found = table.find(
          hashes[i], [&](std::uint32_t entry) { return layout_.equal(words(entry), key); });
      entries[row] = found;
      if (found != none) continue;
      entries[row] = miss(key, hashes[i]);
      table = table_.view();
    }
  }
}

template <class Miss>
void KeyedState::look_up(std::span<const Column> keys, Selection rows, std::uint32_t* entries,
                         Miss miss) const {
  if (layout_.width() == 0) {
    const std::uint32_t entry = store_.size() == 0 && rows.count != 0 ? miss(nullptr, 0) : 0;
    for_each_row(rows, [&](std::uint32_t row) { entries[row] = entry; });
  } else if (layout_.is_number()) {
    visit_number(keys[0].type, [&](auto stored) {
      look_up_column(NumberKeys<decltype(stored)>{keys[0]}, rows, entries, miss);
    });
  } else if (layout_.is_text()) {
    look_up_column(TextKeys{keys[0]}, rows, entries, miss);
  } else {
    look_up_columns(keys, rows, entries, miss);
  }
}

void KeyedState::resolve(std::span<const Column> keys, Selection rows, std::uint32_t* entries) {
  look_up(keys, rows, entries, [&](const std::uint64_t* key, std::uint64_t hash) {
    if (key != nullptr) return add(key, hash);
    constexpr std::array<std::uint64_t, 2> no_words{};
    const std::uint32_t entry = add_unhashed(no_words.data());
    if (layout_.width() == 1) null_ = entry;
    return entry;
  });
}

void KeyedState::find(std::span<const Column> keys, Selection rows, std::uint32_t* entries) const {
  look_up(keys, rows, entries, [](const std::uint64_t*, std::uint64_t) { return none; });
}

void KeyedState::erase(std::uint32_t entry) {
  destroy(entry);
  if (entry == null_) {
    null_ = none;
  } else if (layout_.width() != 0) {
    table_.erase(hash_of(entry), entry, HashOf{*this});
  }
  layout_.replace_long_texts(words(entry), [&](const Text& text) {
    texts_.release(text);
    return Text();
  });
  store_.remove(entry);
}

void KeyedState::clear() {
  for (std::uint32_t entry = 0; destroys_ && entry < store_.end(); ++entry)
    if (store_.contains(entry)) destroy(entry);
  store_.clear();
  table_.clear();
  texts_.clear();
  changed_.clear();
  null_ = none;
}

Column KeyedState::keys(std::size_t column, std::uint32_t first, std::uint32_t count,
                        ColumnVector& place) const {
  ColumnWriter out = place.writer(nullptr);
  for (std::uint32_t i = 0; i < count; ++i) {
    layout_.decode(words(first + i), column, out, i);
    if (first + i == null_) out.set_null(i);
  }
  return place.column(out);
}

void KeyedState::save(std::uint32_t entry, SnapshotWriter& writer) const {
  // An empty record says that the entry was erased.
  if (layout_.width() == 0 || entry == null_) {
    writer.put(entry != null_);
  } else {
    layout_.save(words(entry), writer);
  }
  for (std::size_t i = 0; i < states_.size(); ++i)
    states_[i].save(store_.at(entry) + offsets_[i], writer);
}

Result<void> KeyedState::load(std::uint32_t entry, SnapshotReader& reader) {
  std::uint64_t* const key = words(entry);
  if (layout_.width() == 0) {
    EF_CHECK(reader.get<bool>());
  } else {
    EF_TRY(const bool null, layout_.load(reader, key));
    layout_.replace_long_texts(key, [&](const Text& text) { return texts_.store(text.view()); });
    if (null && layout_.width() == 1) null_ = entry;
    if (entry != null_) pending_.push_back({layout_.hash(key), entry});
  }
  for (std::size_t i = 0; i < states_.size(); ++i)
    EF_CHECK(states_[i].load(store_.at(entry) + offsets_[i], reader));
  return {};
}

void KeyedState::write_unit(std::uint8_t section, std::uint64_t unit, CompactionCursor& cursor,
                            CompactionCursor::Key key, DeltaWriter& writer) {
  const auto [first, last] = cursor.take(key, store_.end());
  if (!changed_.any() && first == last) return;
  writer.block(section, unit);
  changed_.take(first, last, none, [&](std::uint32_t entry) {
    SnapshotWriter& record = writer.record(entry);
    if (store_.contains(entry)) save(entry, record);
  });
}

Result<void> KeyedState::begin_restore(SnapshotReader& header, std::uint64_t records) {
  EF_TRY(const auto end, header.get<std::uint32_t>());
  begin_restore_entries(end, records);
  return {};
}

void KeyedState::begin_restore_entries(std::uint32_t end, std::uint64_t records) {
  store_.begin_restore(end);
  table_.reserve(static_cast<std::uint32_t>(std::min<std::uint64_t>(end, records)));
}

Result<void> KeyedState::restore_entry(std::uint32_t entry, std::string_view record) {
  if (entry >= store_.end())
    return Error{Code::store_damaged, "a record has no place in the state"};
  if (store_.contains(entry) || changed_.contains(entry)) return {};
  if (record.empty()) {
    changed_.mark(entry);  // so that an older record does not bring it back
    return {};
  }
  store_.restore(entry);
  construct(entry);
  SnapshotReader reader(record);
  EF_CHECK(load(entry, reader));
  if (pending_.size() >= rows_at_once) enter_pending();
  return {};
}

void KeyedState::enter_pending() {
  const auto table = table_.view();
  for (const Pending& one : pending_)
    table.prefetch(one.hash);
  for (const Pending& one : pending_)
    table_.insert(one.hash, one.entry, HashOf{*this});
  pending_.clear();
}

void KeyedState::end_restore_entries() {
  enter_pending();
  pending_.shrink_to_fit();
  changed_.clear();
  store_.end_restore();
}

}  // namespace eventflux::runtime
