#pragma once

#include <array>
#include <atomic>
#include <vector>

#include "eventflux/extension.hpp"

// A store in memory that outlives the process of the app and shows rows of committed transactions
// only. A process may end anywhere, so every change of it is one store to an atomic.

namespace eventflux::tests {

struct Ledger {
  enum class State : std::uint32_t { open, prepared, committed, forgotten };

  struct Transaction {
    WriteToken token{};
    std::atomic<State> state{State::open};
  };

  struct Row {
    std::int64_t n = 0;
    std::uint32_t transaction = 0;
  };

  std::array<Transaction, 8192> transactions{};
  std::array<Row, 65536> rows{};
  std::atomic<std::uint32_t> transaction_count{0};
  std::atomic<std::uint32_t> row_count{0};
  std::atomic<std::uint32_t> faults{0};  ///< Calls that break the contract.

  bool is(const Row& row, State state) const {
    return transactions[row.transaction].state == state;
  }
};

inline constexpr std::size_t ledgers_max = 2;

/// Those that sinks reach.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
inline std::array<Ledger, ledgers_max>* ledgers = nullptr;

class LedgerSink final : public Sink {
 public:
  struct Options {
    std::int64_t to = 0;           ///< Which ledger.
    std::int64_t fails_every = 0;  ///< One of so many calls loses the connection; 0: none.
  };

  LedgerSink(const Options& options, Context& context)
      : options_(options),
        rng_(context.rng.next()),
        ledger_((*ledgers)[static_cast<std::size_t>(options.to)]) {}

  /// A new connection: what the one before left open is gone.
  Result<void> open(const Schema&) override {
    for (std::uint32_t i = 0; i < ledger_.transaction_count; ++i)
      if (ledger_.transactions[i].state == Ledger::State::open)
        ledger_.transactions[i].state = Ledger::State::forgotten;
    current_ = nullptr;
    return {};
  }

  Result<void> begin(const WriteToken& token) override {
    if (fails()) return lost();
    forget(token);
    const std::uint32_t index = ledger_.transaction_count;
    if (index == ledger_.transactions.size()) return fault();
    current_ = &ledger_.transactions[index];
    current_->token = token;
    current_->state = Ledger::State::open;
    last_ordinal_ = -1;
    ++ledger_.transaction_count;
    return {};
  }

  WriteResult write(const OutputBatch& batch) override {
    if (fails()) return WriteResult::failed(WriteStatus::disconnected, lost());
    const auto ordinal = static_cast<std::int64_t>(batch.token.ordinal);
    const bool belongs = current_ != nullptr && batch.token.run == current_->token.run &&
                         batch.token.epoch == current_->token.epoch && ordinal > last_ordinal_;
    if (!belongs) return WriteResult::failed(WriteStatus::disconnected, fault());
    last_ordinal_ = ordinal;
    const auto transaction = static_cast<std::uint32_t>(current_ - ledger_.transactions.data());
    for (std::uint32_t i = 0; i < batch.rows->size(); ++i) {
      const std::uint32_t index = ledger_.row_count;
      if (index == ledger_.rows.size())
        return WriteResult::failed(WriteStatus::disconnected, fault());
      ledger_.rows[index] = {batch.rows->integer(i, 0), transaction};
      ++ledger_.row_count;
    }
    return WriteResult::accepted();
  }

  Result<void> flush() override { return fault(); }

  Result<void> prepare(const WriteToken& token) override {
    if (current_ == nullptr || current_->token != token) return fault();
    const bool answer_gets_lost = fails();
    current_->state = Ledger::State::prepared;
    current_ = nullptr;
    return answer_gets_lost ? Result<void>(lost()) : Result<void>();
  }

  Result<void> commit(const WriteToken& token) override {
    const bool answer_gets_lost = fails();
    for (const Ledger::State from : {Ledger::State::prepared, Ledger::State::committed}) {
      Ledger::Transaction* found = find(token, from);
      if (found == nullptr) continue;
      found->state = Ledger::State::committed;
      return answer_gets_lost ? Result<void>(lost()) : Result<void>();
    }
    return fault();
  }

  Result<void> abort(const WriteToken& token) override {
    if (fails()) return lost();
    forget(token);
    return {};
  }

  Result<std::vector<WriteToken>> prepared() override {
    if (fails()) return lost();
    std::vector<WriteToken> tokens;
    for (std::uint32_t i = 0; i < ledger_.transaction_count; ++i)
      if (ledger_.transactions[i].state == Ledger::State::prepared)
        tokens.push_back(ledger_.transactions[i].token);
    return tokens;
  }

 private:
  bool fails() {
    return options_.fails_every != 0 &&
           rng_.next() % static_cast<std::uint64_t>(options_.fails_every) == 0;
  }

  static Error lost() { return {Code::connection_lost, "the connection to the ledger is gone"}; }

  Error fault() {
    ++ledger_.faults;
    return {Code::connection_lost, "the ledger did not expect this call"};
  }

  Ledger::Transaction* find(const WriteToken& token, Ledger::State state) {
    for (std::uint32_t i = 0; i < ledger_.transaction_count; ++i) {
      Ledger::Transaction& one = ledger_.transactions[i];
      if (one.token == token && one.state == state) return &one;
    }
    return nullptr;
  }

  void forget(const WriteToken& token) {
    for (const Ledger::State from : {Ledger::State::open, Ledger::State::prepared})
      if (Ledger::Transaction* found = find(token, from)) found->state = Ledger::State::forgotten;
  }

  Options options_;
  Rng rng_;
  Ledger& ledger_;
  Ledger::Transaction* current_ = nullptr;
  std::int64_t last_ordinal_ = -1;
};

inline void register_ledger(Registry& registry) {
  using Options = LedgerSink::Options;
  registry.sink<LedgerSink>(
      "ledger", "Shows committed rows only.",
      {.delivery = SinkClass::s3_transactional, .rows = true, .batch_rows = 16},
      ParamSpec<Options>{
          param("to", &Options::to, "Which ledger.").at_least(0),
          param("fails.every", &Options::fails_every, "One of so many calls loses the connection.")
              .at_least(0)});
}

}  // namespace eventflux::tests
