#pragma once

#include <string>
#include <string_view>

#include "eventflux/context.hpp"

namespace eventflux::cli {

/// Replaces a file by a text, whole or not at all: what a full disk cannot take leaves it as it
/// was. A link and permissions stay. Fails: EF0510.
Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view text);

}  // namespace eventflux::cli
