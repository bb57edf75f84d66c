// What connects the commits of an app with its sources and sinks.
#include <algorithm>

#include "engine/app_runtime.hpp"

namespace eventflux::engine {

void AppRuntime::connect_commits() {
  commit_point_->on_commit = [this] { queue_.wake_consumer(); };
  commit_point_->on_durable = [this](const runtime::StoredCursor& stored) {
    SourceTask* source = find_source(stored.source);
    if (source == nullptr) return;
    if (auto told = source->acknowledge(stored); !told.ok()) fail_(std::move(told).error());
  };
  commit_point_->on_covered = [this](std::size_t sink, const WriteToken& token) {
    sinks_[sink]->writer().commit(token);
  };
  commit_point_->may_commit = [this](const runtime::StoredCursor& stored) {
    const SourceTask* source = find_source(stored.source);
    return source == nullptr || source->may_commit(stored);
  };
}

SourceTask* AppRuntime::find_source(std::string_view name) const {
  const auto found = std::find_if(sources_.begin(), sources_.end(),
                                  [&](const auto& source) { return source->name() == name; });
  return found == sources_.end() ? nullptr : found->get();
}

/// Cuts an epoch when one is due. An epoch holds rows together with all that callbacks made of
/// them.
void AppRuntime::cut_epoch_if_due() {
  if (callback_rows_.empty()) epochs_->cut_if_due();
}

/// Sends dead letters into their streams; they count as rows of the open epoch.
void AppRuntime::push_dead_letter_rows() {
  if (!dataflow_->has_dead_letter_rows()) return;
  epochs_->begin_rows();
  epochs_->add_rows(1, 0);
  dataflow_->push_dead_letter_rows();
}

}  // namespace eventflux::engine
