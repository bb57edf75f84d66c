#include "engine/app_runtime.hpp"

namespace eventflux::engine {

AppStatus AppRuntime::status() const {
  AppStatus status;
  status.state = state_;
  status.finished = finished_;
  status.failure = dataflow_->failure().error();
  status.checkpoint = commit_point_->committed();
  status.checkpoint_at = commit_point_->committed_at();
  status.dead_letters = dataflow_->dead_letters_total();
  for (const auto& op : dataflow_->graph().operators()) {
    if (op->label.empty()) continue;  // part of another one
    const runtime::RowCounts counts = op->row_counts();
    OperatorStatus one{op->label, counts.in, counts.out, counts.held, {}};
    for (std::size_t reason = 0; reason < runtime::drop_reasons; ++reason) {
      if (const std::uint64_t rows = counts.dropped[reason]; rows != 0)
        one.dropped.emplace_back(drop_reason_name(static_cast<runtime::DropReason>(reason)), rows);
    }
    status.operators.push_back(std::move(one));
  }
  for (const auto& source : sources_) {
    const runtime::SourceCounters& counters = source->counters();
    const std::uint64_t connects = counters.connects;
    status.sources.push_back({source->name(), source->network(), counters.connected,
                              counters.received, counters.rows, counters.unmatched,
                              counters.rejected, counters.gaps, connects == 0 ? 0 : connects - 1,
                              Timestamp{counters.last_payload_us}});
  }
  for (const auto& sink : sinks_) {
    const runtime::SinkCounters& counters = sink->writer().counters();
    status.sinks.push_back({sink->writer().name(), counters.written, counters.rejected,
                            counters.retries, counters.possible_duplicates});
  }
  return status;
}

}  // namespace eventflux::engine
