#include "cli/replace_file.hpp"

#include <filesystem>

namespace eventflux::cli {

Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view text) {
  std::error_code problem;
  // A link stays one, and what is not a regular file cannot be replaced.
  const std::filesystem::path found = std::filesystem::weakly_canonical(path, problem);
  const std::string target = problem ? path : found.string();
  const auto status = std::filesystem::status(target, problem);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    return Error{Code::file_failed, "cannot write '" + path + "': it is not a regular file"};
  const std::string part = target + ".part";
  const auto written = [&]() -> Result<void> {
    EF_TRY(const auto file, files.open(part, OpenMode::truncate));
    EF_CHECK(file->append(text));
    if (std::filesystem::exists(status))
      std::filesystem::permissions(part, status.permissions(), problem);
    return files.rename(part, target);
  }();
  if (!written.ok()) static_cast<void>(files.remove(part));
  return written;
}

}  // namespace eventflux::cli
