#pragma once

#include <string>
#include <vector>

#include "eventflux/extension.hpp"

namespace eventflux::cli {

/// One extension as help, completion and tools see it; made from the registry, never written.
struct ManifestEntry {
  std::string kind;
  std::string name;
  std::string signature;  ///< "(size [, offset])" of windows and functions; empty for others.
  std::string summary;
  std::string delivery;           ///< "R0" … "S3" of connectors.
  std::vector<ParamInfo> params;  ///< Own ones, then those that the runtime attaches.
};

/// Returns everything in the registry, by kind and in order of registration.
std::vector<ManifestEntry> manifest(const Registry& registry);
std::string manifest_json(const ManifestEntry& entry);
/// Returns the whole manifest as one JSON object.
std::string manifest_json(const std::vector<ManifestEntry>& entries);

}  // namespace eventflux::cli
