#include "testkit/golden_check.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "testkit/run_mode.hpp"

namespace eventflux::testkit {
namespace {

/// What may follow a verb. Shape: lists are separated by commas; `rowsort` and `duplicates=ok` may
/// follow every verb that has output.
struct BlockShape {
  std::string_view verb;
  std::size_t words_min;
  std::size_t words_max;
  std::string_view words;  ///< The only ones; empty: any.
  std::string_view options;
  std::string_view example;
};

constexpr std::array<BlockShape, 12> shapes{
    {{"app", 0, 0, "", "file", "app file=totals.efql"},
     {"send", 1, 1, "", "", "send Trades"},
     {"raw", 1, 1, "", "", "raw coinbase"},
     {"advance", 1, 1, "", "", "advance 5s"},
     {"end", 0, 0, "", "", "end"},
     {"checkpoint", 0, 0, "", "", "checkpoint"},
     {"crash", 0, 0, "", "", "crash"},
     {"dlq", 0, 0, "", "", "dlq"},
     {"metrics", 0, 9, "", "", "metrics stream Trades"},
     {"error", 0, 0, "", "file", "error"},
     {"explain", 0, 1, "delivery", "file", "explain"},
     {"mode", 0, 0, "", "only,reason", "mode only=plain,batch=1 reason=\"why\""}}};
constexpr std::string_view headers = "about,tags,clock,store,delivery";

Error misfit(const std::string& what, std::string_view help) {
  return {Code::row_mismatch, what, std::string(help)};
}

bool among(std::string_view list, std::string_view name) {
  const auto names = base::split(list, ',');
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string verbs() {
  std::string text;
  for (const BlockShape& shape : shapes)
    text.append(text.empty() ? "" : ", ").append(shape.verb);
  return text;
}

Result<void> check_words(const GoldenBlock& block, const BlockShape& shape) {
  std::size_t count = 0;
  for (const std::string& word : block.words) {
    if (word == "rowsort" && shape.verb != "mode") continue;
    ++count;
    if (count > shape.words_max || (!shape.words.empty() && !among(shape.words, word)))
      return misfit("'" + block.verb + "' takes no '" + word + "'", shape.example);
  }
  if (count < shape.words_min)
    return misfit("'" + block.verb + "' needs a word after it", shape.example);
  return {};
}

Result<void> check_option(const GoldenBlock& block, const BlockShape& shape, const std::string& key,
                          const std::string& value) {
  if (key == "duplicates" && shape.verb != "mode") {
    if (value == "ok") return {};
    return misfit("duplicates='" + value + "' is not an option", "duplicates=ok");
  }
  if (shape.options.empty() || !among(shape.options, key))
    return misfit("'" + block.verb + "' takes no '" + key + "='", shape.example);
  if (key != "only") return {};
  for (const std::string_view mode : base::split(value, ','))
    EF_CHECK(find_run_mode(std::string(mode)));
  return {};
}

}  // namespace

Result<void> check_block(const GoldenBlock& block) {
  const auto* const shape =
      std::find_if(shapes.begin(), shapes.end(),
                   [&](const BlockShape& known) { return known.verb == block.verb; });
  if (shape == shapes.end()) return misfit("there is no block '" + block.verb + "'", verbs());
  EF_CHECK(check_words(block, *shape));
  for (const auto& [key, value] : block.options)
    EF_CHECK(check_option(block, *shape, key, value));
  return {};
}

Result<void> check_header(const GoldenFile& file) {
  if (!file.header.contains("about"))
    return misfit("the header has no 'about'", "# about: a sentence that can be false");
  for (const auto& [key, value] : file.header) {
    if (!among(headers, key))
      return misfit("there is no header '" + key + "'", "about, tags, clock, store, delivery");
    if (key == "store" && value != "memory" && value != "none")
      return misfit("store '" + value + "' is not built", "memory, or none");
    if (key == "clock" && !parse_timestamp(value).ok())
      return misfit("clock '" + value + "' is not a timestamp", "# clock: 2026-01-31T00:00:00Z");
  }
  return {};
}

}  // namespace eventflux::testkit
