#include "testkit/golden_update.hpp"

#include "testkit/golden_diff.hpp"

namespace eventflux::testkit {
namespace {

void add(std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines)
    text += line + "\n";
}

}  // namespace

std::string update_golden(const GoldenFile& file, const GoldenRun& run) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < file.blocks.size(); ++i) {
    const GoldenBlock& block = file.blocks[i];
    for (; at < block.body_first; ++at)
      text += file.lines[at] + "\n";
    add(text, block.verb == "send" ? align_rows(block.body) : block.body);
    text += "----\n";
    add(text, align_rows(same_output(block, run.actual[i]) ? block.expected : run.actual[i]));
    at = block.last;
  }
  for (; at < file.lines.size(); ++at)
    text += file.lines[at] + "\n";
  return text;
}

}  // namespace eventflux::testkit
