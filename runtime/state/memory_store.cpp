#include <algorithm>
#include <deque>
#include <map>

#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::runtime {
namespace {

class MemoryStore final : public CheckpointStore {
 public:
  Result<std::optional<Checkpoint>> load() override {
    if (!checkpoint_) return std::optional<Checkpoint>();
    Checkpoint checkpoint = *checkpoint_;
    checkpoint.states.clear();
    for (const auto& [id, deltas] : deltas_)
      checkpoint.states.insert(checkpoint.states.end(), deltas.begin(), deltas.end());
    return std::optional<Checkpoint>(std::move(checkpoint));
  }

  Result<void> commit(const StoreTransaction& transaction) override {
    const Checkpoint& checkpoint = transaction.checkpoint;
    if (checkpoint_ && checkpoint.epoch <= checkpoint_->epoch) {
      return Error{Code::cursor_moved_back, "epoch " + std::to_string(checkpoint.epoch) +
                                                " is not beyond " +
                                                std::to_string(checkpoint_->epoch)};
    }
    for (const std::string& id : checkpoint.forgotten)
      deltas_.erase(id);
    for (const StateDelta& state : checkpoint.states) {
      auto& deltas = deltas_[state.id];
      deltas.push_back(state);
      while (state.deltas_required != 0 && deltas.size() > state.deltas_required)
        deltas.pop_front();
    }
    checkpoint_ = checkpoint;
    for (StoredGap gap : transaction.records<StoredGap>()) {
      gap.epoch = checkpoint.epoch;
      gaps_.push_back(std::move(gap));
      if (gaps_.size() > gaps_max) gaps_.pop_front();
    }
    for (const DeadLetter& letter : transaction.records<DeadLetter>())
      letters_.push_back({std::to_string(letters_.size() + 1), letter});
    return {};
  }

  Result<std::vector<StoredDeadLetter>> dead_letters(std::size_t limit) override {
    return std::vector<StoredDeadLetter>(
        letters_.begin(),
        letters_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, letters_.size())));
  }

  Result<std::vector<StoredGap>> gaps() override {
    return std::vector<StoredGap>(gaps_.begin(), gaps_.end());
  }

  Result<std::size_t> purge_dead_letters(const std::vector<std::string>& ids) override {
    const std::size_t before = letters_.size();
    std::erase_if(letters_, [&](const StoredDeadLetter& letter) {
      return ids.empty() || std::find(ids.begin(), ids.end(), letter.id) != ids.end();
    });
    return before - letters_.size();
  }

  std::uint64_t dead_letter_bytes() const override {
    std::uint64_t bytes = 0;
    for (const StoredDeadLetter& stored : letters_)
      bytes += encode_dead_letter(stored.letter).size();
    return bytes;
  }

  std::uint64_t run() const override { return 1; }

 private:
  std::optional<Checkpoint> checkpoint_;
  std::map<std::string, std::deque<StateDelta>> deltas_;
  std::vector<StoredDeadLetter> letters_;
  std::deque<StoredGap> gaps_;
};

}  // namespace

std::unique_ptr<CheckpointStore> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace eventflux::runtime
