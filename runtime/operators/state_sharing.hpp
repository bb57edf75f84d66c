#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "eventflux/aggregate.hpp"

namespace eventflux::runtime {

/// Which state each aggregate of a group reads: avg(x) that of sum(x) beside it.
class StateSharing {
 public:
  /// Aggregate i reads the state of aggregate reads[i], which comes no later and owns it; without
  /// `reads` each has its own.
  StateSharing(std::vector<std::uint32_t> reads, std::size_t aggregates)
      : reads_(std::move(reads)), readers_(aggregates) {
    for (auto i = static_cast<std::uint32_t>(reads_.size()); i < aggregates; ++i)
      reads_.push_back(i);
    for (std::uint32_t i = 0; i < aggregates; ++i) {
      places_.push_back(owns(i) ? owners_++ : places_[reads_[i]]);
      if (!owns(i)) readers_[reads_[i]].push_back(i);
    }
  }

  bool owns(std::size_t aggregate) const { return reads_[aggregate] == aggregate; }

  /// Returns which of the states of a group an aggregate reads.
  std::size_t place(std::size_t aggregate) const { return places_[aggregate]; }

  /// Returns the others that read the state of an aggregate.
  std::span<const std::uint32_t> readers(std::size_t aggregate) const {
    return readers_[aggregate];
  }

  /// Returns how many states a group has.
  std::size_t size() const { return owners_; }

  /// Returns those of the aggregates that own theirs.
  std::vector<StateOps> states(const std::vector<StateOps>& all) const {
    std::vector<StateOps> states;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (owns(i)) states.push_back(all[i]);
    return states;
  }

 private:
  std::vector<std::uint32_t> reads_;
  std::vector<std::vector<std::uint32_t>> readers_;
  std::vector<std::size_t> places_{};
  std::size_t owners_ = 0;
};

}  // namespace eventflux::runtime
