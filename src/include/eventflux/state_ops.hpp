#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "eventflux/state.hpp"

namespace eventflux {

/// How to keep one kind of state in raw memory.
struct StateOps {
  std::size_t size = 0;
  std::size_t align = 1;
  void (*construct)(void*) = nullptr;
  void (*destroy)(void*) = nullptr;  ///< Null pointer: nothing to do.
  void (*save)(const void*, SnapshotWriter&) = nullptr;
  Result<void> (*load)(void*, SnapshotReader&) = nullptr;
};

/// States of groups, in chunks: a table that grows moves none of them.
struct StateLane {
  static constexpr std::uint32_t chunk_groups = 1024;

  std::byte* const* chunks = nullptr;
  std::size_t stride = 0;  ///< From one group to the next. Units: bytes.
  std::size_t offset = 0;  ///< Of the state in what is kept of a group. Units: bytes.

  std::byte* place(std::uint32_t group) const {
    return chunks[group / chunk_groups] + (group % chunk_groups * stride + offset);
  }

  template <class S>
  S& at(std::uint32_t group) const {
    return *std::launder(reinterpret_cast<S*>(place(group)));
  }
};

/// States of some groups, in the order of `groups`.
struct GroupLane {
  StateLane lane;
  const std::uint32_t* groups = nullptr;
};

namespace detail {

/// Its address tells one State from another.
template <class State>
inline constexpr char shared_state_tag = 0;

template <class State>
constexpr const void* shared_state() {
  if constexpr (requires { requires State::shared; }) return &shared_state_tag<State>;
  return nullptr;
}

template <class S>
void save_state(const S& state, SnapshotWriter& writer) {
  if constexpr (requires { state.save(writer); }) {
    state.save(writer);
  } else {
    writer.put(state);
  }
}

template <class S>
Result<void> load_state(S& state, SnapshotReader& reader) {
  if constexpr (requires { state.load(reader); }) {
    return state.load(reader);
  } else {
    EF_TRY(state, reader.get<S>());
    return {};
  }
}

template <class S>
StateOps state_ops() {
  static_assert(alignof(S) <= alignof(std::max_align_t), "states stand at 16 bytes at most");
  StateOps ops;
  ops.size = sizeof(S);
  ops.align = alignof(S);
  ops.construct = [](void* place) { new (place) S(); };
  if constexpr (!std::is_trivially_destructible_v<S>)
    ops.destroy = [](void* place) { static_cast<S*>(place)->~S(); };
  ops.save = [](const void* place, SnapshotWriter& writer) {
    save_state(*static_cast<const S*>(place), writer);
  };
  ops.load = [](void* place, SnapshotReader& reader) {
    return load_state(*static_cast<S*>(place), reader);
  };
  return ops;
}

}  // namespace detail
}  // namespace eventflux
