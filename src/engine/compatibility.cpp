#include "engine/compatibility.hpp"

#include <algorithm>
#include <sstream>

namespace eventflux::engine {
namespace {

/// Returns the first line that differs, as "was … is …".
std::string difference(const std::string& stored, const std::string& now) {
  std::istringstream before(stored);
  std::istringstream after(now);
  for (;;) {
    std::string was;
    std::string is;
    const bool more = static_cast<bool>(std::getline(before, was));
    if (!std::getline(after, is) && !more) return {};
    if (was == is) continue;
    return "stored: " + (was.empty() ? "nothing" : was) + "; now: " + (is.empty() ? "nothing" : is);
  }
}

Error changed(const plan::StatefulPart& now, const runtime::PlanPart& stored) {
  return {Code::plan_incompatible,
          "the state of " + now.name +
              " was stored under another definition: " + difference(stored.text, now.text),
          "undo the change, give the query a new @id to start it empty, or start with another "
          "--state directory"};
}

}  // namespace

std::vector<runtime::PlanPart> plan_parts(const plan::Plan& plan) {
  std::vector<runtime::PlanPart> parts;
  parts.reserve(plan.stateful.size());
  for (const plan::StatefulPart& part : plan.stateful)
    parts.push_back({part.id, part.name, part.text});
  return parts;
}

Result<void> check_compatible(const plan::Plan& plan,
                              const std::vector<runtime::PlanPart>& stored) {
  for (const plan::StatefulPart& now : plan.stateful) {
    const auto same_id = std::find_if(stored.begin(), stored.end(),
                                      [&](const auto& part) { return part.id == now.id; });
    if (same_id != stored.end()) {
      if (same_id->text != now.text) return changed(now, *same_id);
      continue;
    }
    // Nothing is stored under its id: it is new, unless it took the place of a part that is gone.
    const auto replaced = std::find_if(stored.begin(), stored.end(), [&](const auto& part) {
      return part.name == now.name && part.orphaned_us == 0 &&
             std::none_of(plan.stateful.begin(), plan.stateful.end(),
                          [&](const auto& other) { return other.id == part.id; });
    });
    if (replaced != stored.end()) return changed(now, *replaced);
  }
  return {};
}

}  // namespace eventflux::engine
