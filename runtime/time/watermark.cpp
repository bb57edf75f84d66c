#include "runtime/time/watermark.hpp"

namespace eventflux::runtime {
namespace {

// Event times lie within the years 1 to 9999, so that no difference to them can overflow.
constexpr std::int64_t delay_max = std::numeric_limits<std::int64_t>::max() / 2;

}  // namespace

Watermark::Watermark(Options options) : options_(options), partitions_(1) {
  options_.delay_us = std::min(options_.delay_us, delay_max);
}

bool Watermark::all_idle() const {
  return std::none_of(partitions_.begin(), partitions_.end(),
                      [](const Partition& p) { return p.counts && !p.idle; });
}

std::int64_t Watermark::others_of(std::uint32_t partition) const {
  std::int64_t least = never;
  for (std::uint32_t i = 0; i < partitions_.size(); ++i) {
    const Partition& other = partitions_[i];
    if (i != partition && other.counts && !other.idle) least = std::min(least, lead(other));
  }
  return least;
}

void Watermark::update() {
  std::int64_t least = others_of(static_cast<std::uint32_t>(partitions_.size()));
  if (least == never) {
    least = TimeDomain::start;
    for (const Partition& partition : partitions_)
      least = std::max(least, lead(partition));
  }
  value_ = std::max(value_, least);
  others_ = others_of(entered_);
}

std::uint32_t Watermark::open(std::string_view name, std::int64_t now) {
  // Rows without a partition are not expected once there are partitions.
  if (partitions_[0].seen == TimeDomain::start) partitions_[0].counts = false;
  std::uint32_t found = 1;
  while (found < partitions_.size() && partitions_[found].name != name)
    ++found;
  if (found == partitions_.size()) {
    partitions_.emplace_back();
    partitions_.back().name = name;
  }
  Partition& partition = partitions_[found];
  partition.counts = true;
  partition.idle = false;
  partition.last_arrival = now;
  update();
  return found;
}

void Watermark::caught_up(std::uint32_t partition) {
  if (options_.idle_us == 0) partitions_[partition].idle = true;
  update();
}

void Watermark::end(std::uint32_t partition) {
  partitions_[partition].counts = false;
  update();
}

void Watermark::enter(std::uint32_t partition, std::int64_t now) {
  Partition& entered = partitions_[partition];
  const bool same = partition == entered_ && entered.counts && !entered.idle;
  entered.last_arrival = now;
  entered.counts = true;
  entered.idle = false;
  entered_ = partition;
  if (!same) others_ = others_of(partition);
}

std::int64_t Watermark::next_due() const {
  if (options_.idle_us == 0) return never;
  std::int64_t due = never;
  for (const Partition& partition : partitions_) {
    const bool waits = partition.counts && !partition.idle && partition.last_arrival != never;
    if (waits) due = std::min(due, partition.last_arrival + options_.idle_us);
  }
  return due;
}

void Watermark::on_time(std::int64_t now) {
  for (Partition& partition : partitions_) {
    const bool waits = partition.counts && !partition.idle && partition.last_arrival != never;
    if (waits && partition.last_arrival + options_.idle_us <= now) partition.idle = true;
  }
  update();
}

void Watermark::start(std::int64_t now) {
  for (Partition& partition : partitions_)
    partition.last_arrival = now - partition.silence;
}

void Watermark::save(SnapshotWriter& writer, std::int64_t now) const {
  writer.put(value_);
  const auto kept = [](const Partition& partition) {
    return partition.name.empty() || partition.counts;
  };
  writer.put(
      static_cast<std::uint32_t>(std::count_if(partitions_.begin(), partitions_.end(), kept)));
  for (const Partition& partition : partitions_) {
    if (!kept(partition)) continue;
    writer.put_text(partition.name);
    writer.put(partition.seen);
    // Without a timeout the state is to change with rows only.
    const bool timed = options_.idle_us != 0 && partition.last_arrival != never;
    writer.put(timed ? now - partition.last_arrival : std::int64_t{0});
    writer.put(partition.counts);
    writer.put(partition.idle);
  }
}

Result<void> Watermark::load(SnapshotReader& reader) {
  EF_TRY(value_, reader.get<std::int64_t>());
  EF_TRY(const auto count, reader.get<std::uint32_t>());
  partitions_.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    Partition& partition = partitions_.emplace_back();
    EF_TRY(partition.name, reader.get_text());
    EF_TRY(partition.seen, reader.get<std::int64_t>());
    EF_TRY(partition.silence, reader.get<std::int64_t>());
    EF_TRY(partition.counts, reader.get<bool>());
    EF_TRY(partition.idle, reader.get<bool>());
    // A source says anew what it reads: a file that is gone holds nothing back.
    if (i != 0) partition.counts = false;
  }
  if (partitions_.empty()) partitions_.emplace_back();
  // Until it does, it holds event time back as at its first start: another source of a merged
  // stream would else run ahead of rows that are yet to be read.
  Partition& unnamed = partitions_[0];
  if (unnamed.seen == TimeDomain::start) unnamed.counts = true;
  others_ = others_of(entered_);
  return {};
}

}  // namespace eventflux::runtime
