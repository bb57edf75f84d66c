#include "tests/simulation/case.hpp"

#include <algorithm>
#include <array>

namespace eventflux::tests {
namespace {

constexpr std::int64_t window_us = 10'000'000;
constexpr std::int64_t year_us = 365LL * 86'400 * 1'000'000;
// A row is late only after others have moved the watermark of its stream.
constexpr std::int64_t warm_up = 8;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

Line draw_line(std::int64_t i, std::int64_t source, std::int64_t keys, Timestamp first, Rng& rng) {
  Line line;
  line.n = i * 2 + source;
  line.k = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(keys)));
  // Out of order within a second, which the delay of the watermark covers.
  std::int64_t time =
      first.us + i / 10 * 2'000'000 + static_cast<std::int64_t>(rng.below(1'000'000));
  line.window = time / window_us;
  const std::uint64_t kind = rng.below(24);
  if (kind == 0) {
    line.kind = LineKind::malformed;
    line.text = "broken " + std::to_string(line.n) + "\n";
    return line;
  }
  if (kind == 1 && i >= warm_up) {
    line.kind = LineKind::late;
    time = first.us - 1'000'000'000;
  } else if (kind == 2) {
    line.kind = LineKind::ahead;
    time = first.us + 5 * year_us;
  }
  line.text = R"({"n":)" + std::to_string(line.n) + R"(,"k":)" + std::to_string(line.k) +
              R"(,"t":")" + to_text(Timestamp{time}) + "\"}\n";
  return line;
}

/// The first rows of an input move its watermark, or a late row could come before them.
void keep_start_valid(Input& input, std::int64_t source, Timestamp first, Rng& rng) {
  for (std::int64_t i = 0; i < warm_up / 2; ++i) {
    Line& line = input.lines[static_cast<std::size_t>(i)];
    while (line.kind != LineKind::valid)
      line = draw_line(i, source, 4, first, rng);
  }
}

std::string sink(const std::string& stream, bool on_wire, const std::string& options,
                 const std::string& columns) {
  const std::string where =
      on_wire ? "type='wire', to='" + stream + "'" : "type='file', path='" + stream + ".jsonl'";
  return "@sink(" + where + options + ", @map(type='json'))\nCREATE STREAM " + stream + " (" +
         columns + ");\n";
}

}  // namespace

std::string Input::text() const {
  std::string all;
  for (const Line& line : lines)
    all += line.text;
  return all;
}

Case draw_case(std::uint64_t seed, Timestamp start) {
  Rng rng(seed * 0x9E3779B97F4A7C15U + 1);
  Case made;
  made.seed = seed;
  const std::uint64_t sources = 1 + rng.below(2);
  const Timestamp first{(start.us - 600'000'000) / window_us * window_us};
  for (std::uint64_t s = 0; s < sources; ++s) {
    Input input{s == 0 ? "A" : "B", s == 0 ? "a.jsonl" : "b.jsonl", {}};
    const auto count = static_cast<std::int64_t>(12 + rng.below(70));
    for (std::int64_t i = 0; i < count; ++i)
      input.lines.push_back(draw_line(i, static_cast<std::int64_t>(s), 4, first, rng));
    keep_start_valid(input, static_cast<std::int64_t>(s), first, rng);
    made.inputs.push_back(std::move(input));
  }
  constexpr std::array<std::string_view, 5> strategies{"auto", "dlq", "dlq", "drop", "fail"};
  made.strategy = strategies[rng.below(strategies.size())];
  made.filter = static_cast<std::int64_t>(2 + rng.below(4));
  made.rows_on_wire = rng.below(2) == 0;
  made.totals_on_wire = rng.below(2) == 0;
  made.windows_on_wire = rng.below(2) == 0;
  if (made.rows_on_wire && rng.below(2) == 0) made.picky = 11;
  made.inline_graph = rng.below(4) == 0;
  made.runs = rng.below(5);
  made.app_options = "epoch.interval='" + number(1 + rng.below(60)) +
                     "ms', epoch.records=" + number(1 + rng.below(40)) +
                     ", epochs.in_flight=" + number(1 + rng.below(4));
  made.source_options = ", poll.interval.ms=" + number(1 + rng.below(60)) +
                        ", buffer.rows=" + number(1 + rng.below(30));
  if (rng.below(2) == 0) made.sink_options = ", batch.size=" + number(1 + rng.below(8));
  if (rng.below(3) == 0)
    made.sink_options += ", batch.interval='" + number(1 + rng.below(80)) + "ms'";
  Rng peers(seed * 0x9E3779B97F4A7C15U + 2);
  if (peers.below(2) == 0) made.messages = static_cast<std::int64_t>(20 + peers.below(60));
  return made;
}

std::string Case::program(const std::string& error_strategy) const {
  std::string text = "@app(name='sim', " + app_options + ");\n";
  for (const Input& input : inputs) {
    text += "@source(type='file', path='" + input.path + "'" + source_options +
            ", late='dlq', error.strategy='" + error_strategy + "', @map(type='json'))\n" +
            "CREATE STREAM " + input.stream +
            " (n BIGINT, k BIGINT, t TIMESTAMP, WATERMARK FOR t AS t - 2 SECONDS MAX AHEAD 1 DAYS "
            "ELSE DLQ);\n";
  }
  if (messages != 0) {
    text +=
        "@source(type='websocket', url='ws://peer/', reconnect.delay.ms=20, buffer.rows=4, "
        "@map(type='json'))\nCREATE STREAM Live (n BIGINT);\n" +
        sink("Heard", false, sink_options, "n BIGINT") + "INSERT INTO Heard SELECT n FROM Live;\n";
  }
  const std::string reject = picky == 0 ? "" : ", picky=" + std::to_string(picky);
  text += sink("Rows", rows_on_wire, sink_options + reject, "n BIGINT");
  text += sink("Totals", totals_on_wire, sink_options, "k BIGINT, total BIGINT, counted BIGINT");
  text += sink("Windows", windows_on_wire, sink_options,
               "k BIGINT, w TIMESTAMP, total BIGINT, counted BIGINT");
  std::string all = inputs[0].stream;
  if (inputs.size() > 1) {
    all = "Merged";
    for (const Input& input : inputs)
      text += "INSERT INTO Merged SELECT n, k, t FROM " + input.stream + ";\n";
  }
  text += "INSERT INTO Rows SELECT n FROM " + all + " WHERE n % " + std::to_string(filter) +
          " != 0;\nINSERT INTO Totals SELECT k, sum(n) AS total, count(*) AS counted FROM " + all +
          " GROUP BY k;\nINSERT INTO Windows SELECT k, window_start AS w, sum(n) AS total, "
          "count(*) AS counted FROM " +
          all + " WINDOW TUMBLING(10 SECONDS) GROUP BY k;\n";
  return text;
}

}  // namespace eventflux::tests
