#include "rotated.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace eventflux::connectors::file {
namespace {

std::string_view without_compression(std::string_view name) {
  for (const std::string_view ending : {".gz", ".zst"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

/// Returns path without the ending of its name, and the ending with its dot.
std::pair<std::string_view, std::string_view> parts_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || dot <= begin) return {path, {}};
  return {path.substr(0, dot), path.substr(dot)};
}

/// A number or a time behind a separator, and nothing else.
bool is_mark(std::string_view text) {
  if (text.size() < 2 || std::string_view(".-_").find(text.front()) == std::string_view::npos)
    return false;
  bool digit = false;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && std::string_view(".-_:TZ+").find(c) == std::string_view::npos) return false;
    digit = digit || is_digit;
  }
  return digit;
}

/// Returns the mark that a rotation put into a name; empty when it put none there.
std::string_view mark_of(std::string_view path, std::string_view name) {
  name = without_compression(name);
  if (name.starts_with(path) && is_mark(name.substr(path.size()))) return name.substr(path.size());
  const auto [stem, ending] = parts_of(path);
  if (ending.empty() || name.size() <= path.size() || !name.starts_with(stem) ||
      !name.ends_with(ending))
    return {};
  const std::string_view mark = name.substr(stem.size(), name.size() - stem.size() - ending.size());
  return is_mark(mark) ? mark : std::string_view{};
}

/// Among names of one time: "log.3" is older than "log.2", "log-20261129" than "log-20261130".
std::tuple<std::int64_t, std::string> age_of(std::string_view mark) {
  std::int64_t number = 0;
  const std::string_view digits = mark.substr(std::min<std::size_t>(1, mark.size()));
  const auto [last, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool counts =
      code == std::errc() && last == digits.data() + digits.size() && digits.size() < 6;
  return {counts ? -number : 0, std::string(mark)};
}

}  // namespace

bool is_rotated_name(const std::string& path, const std::string& name) {
  return !mark_of(path, name).empty();
}

Result<std::unique_ptr<OpenedFile>> open_readable(FileSystem& files, const std::string& name,
                                                  FileCompression compression) {
  auto opened = std::make_unique<OpenedFile>();
  auto file = files.open(name, OpenMode::read);
  if (!file.ok()) {
    EF_TRY(const auto stat, files.stat(name));
    if (!stat) return std::unique_ptr<OpenedFile>();
    return std::move(file).error();
  }
  opened->name = name;
  EF_TRY(opened->stat, (*file)->stat());
  EF_TRY(ReadableFile readable, decompressed(*std::move(file), compression, name));
  opened->file = std::move(readable.file);
  opened->compressed = readable.compressed;
  return opened;
}

Result<std::vector<OpenedFile>> open_rotated(FileSystem& files, const std::string& path,
                                             FileCompression compression) {
  std::set<std::string> names;
  for (const std::string& pattern : {path + "*", std::string(parts_of(path).first) + "*"}) {
    EF_TRY(const auto found, files.glob(pattern));
    for (const std::string& name : found)
      if (is_rotated_name(path, name)) names.insert(name);
  }
  std::vector<OpenedFile> all;
  for (const std::string& name : names) {
    const std::string_view original = without_compression(name);
    if (original.size() != name.size() && names.contains(std::string(original))) continue;
    auto opened = open_readable(files, name, compression);
    if (opened.ok() && *opened != nullptr) all.push_back(std::move(**opened));
  }
  std::sort(all.begin(), all.end(), [&](const OpenedFile& a, const OpenedFile& b) {
    if (a.stat.modified_us != b.stat.modified_us) return a.stat.modified_us < b.stat.modified_us;
    return age_of(mark_of(path, a.name)) < age_of(mark_of(path, b.name));
  });
  return all;
}

}  // namespace eventflux::connectors::file
