#pragma once

#include <span>
#include <string>

#include "eventflux/context.hpp"

#include "model/shared_params.hpp"

namespace eventflux::runtime {

/// What `message.max.bytes` and `payload.decompress` make of the payloads of one source.
/// Thread: that of the source.
class Payloads final : public PayloadRules {
 public:
  explicit Payloads(const model::SourceOptions& options)
      : decompress_(options.decompress), bytes_max_(options.message_max.bytes) {}

  std::uint64_t bytes_max() const override { return bytes_max_; }

  Result<std::span<char>> plain(std::span<char> payload) override;

 private:
  model::Decompress decompress_;
  std::uint64_t bytes_max_;
  std::string inflated_;
};

}  // namespace eventflux::runtime
