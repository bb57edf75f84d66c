#pragma once

#include <span>
#include <vector>

#include "eventflux/source.hpp"

#include "events.hpp"

namespace eventflux::connectors::nexmark {

/// Returns what resources can take: $.person, $.auction and $.bid, by the number of their Kind.
std::vector<SourceTable> tables();

/// Writes events of one kind as rows of one resource.
class Writer {
 public:
  /// `wanted` names columns of tables().
  Writer(Events& events, const TableProjection& wanted, std::size_t batch);

  Kind kind() const { return kind_; }

  void write(std::span<const std::uint64_t> numbers, Timestamp arrived, BatchBuilder& rows);

 private:
  void write(const Person& person, BatchBuilder& rows) const;
  void write(const Auction& auction, BatchBuilder& rows) const;
  BidColumns places(std::uint32_t count, BatchBuilder& rows);

  Events& events_;
  Kind kind_;
  std::vector<std::size_t> columns_;
  std::vector<std::int64_t> unused_numbers_;  // what nobody takes is written here
  std::vector<Text> unused_texts_;
};

}  // namespace eventflux::connectors::nexmark
