#include "runtime/graph/node.hpp"

namespace eventflux::runtime {

std::string_view drop_reason_name(DropReason reason) {
  constexpr std::array<std::string_view, drop_reasons> names{"filtered", "failed", "late",
                                                             "duplicate", "unmatched"};
  return names[static_cast<std::size_t>(reason)];
}

void Node::reject(const Batch& batch, const RowErrors& errors) {
  if (errors.empty()) return;
  counters.drop(DropReason::failed, errors.entries().size());
  if (rejected_rows != nullptr) rejected_rows->rejected(*this, batch, errors);
}

}  // namespace eventflux::runtime
