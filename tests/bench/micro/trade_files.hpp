#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/micro/checksum.hpp"

namespace eventflux::bench {

/// A file of trades, a message per line, and the name of the file that a query writes; both in a
/// folder of their own that goes with this object. Shape: as Messages, with times that go on.
class TradeFiles {
 public:
  /// Shape: `rounds` times `count` messages.
  TradeFiles(std::uint32_t count, std::uint32_t symbols, std::uint32_t rounds);
  TradeFiles(const TradeFiles&) = delete;
  TradeFiles& operator=(const TradeFiles&) = delete;
  ~TradeFiles();

  std::string input() const { return folder_ + "/in.jsonl"; }

  std::string output() const { return folder_ + "/out.jsonl"; }

  void remove_output() const;
  /// Adds all that was written, as one row.
  void add_output(Checksum& checksum) const;

 private:
  std::string folder_;
};

}  // namespace eventflux::bench
