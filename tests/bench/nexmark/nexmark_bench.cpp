// What the queries cost: processor time of the whole process per event, generator included. A time
// counts only after the query has found what the reference finds.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "figures.hpp"
#include "run.hpp"

namespace eventflux::nexmark {
namespace {

struct Options {
  std::uint64_t events = 10'000'000;
  std::uint64_t repeats = 1;
  std::string json{};
  std::vector<std::string> only{};
};

struct Line {
  std::string name;
  std::uint64_t rows = 0;
  double ns = 0;  // per event

  double million_events_per_second() const { return 1000 / ns; }
};

[[noreturn]] void give_up(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(1);
}

double value_or_give_up(const Result<double>& seconds) {
  if (!seconds.ok()) give_up(seconds.error().message);
  return *seconds;
}

void check(Runs& runs, const Query& query) {
  Figures figures(query);
  const RunSpec spec{.query = query.name, .pace = query.arrival_time ? Pace::events : Pace::work};
  value_or_give_up(runs.run(spec, [&](const Schema& schema, const Batch& rows) {
    figures.add(schema, rows);
    return true;
  }));
  if (figures.text() != figures.expected()) {
    give_up(query.name + " is wrong:\n  found    " + figures.text() + "\n  expected " +
            figures.expected());
  }
}

Line measure(Runs& runs, const RunSpec& spec, const Options& options) {
  Line line{spec.query};
  double best = 0;
  for (std::uint64_t n = 0; n < options.repeats; ++n) {
    line.rows = 0;
    const double seconds = value_or_give_up(runs.run(spec, [&](const Schema&, const Batch& rows) {
      line.rows += rows.size();
      return true;
    }));
    best = n == 0 ? seconds : std::min(best, seconds);
  }
  line.ns = best * 1e9 / static_cast<double>(options.events);
  return line;
}

Line measure_query(Runs& runs, const Query& query, const Options& options) {
  check(runs, query);
  return measure(runs,
                 {.query = query.name,
                  .events = options.events,
                  .rate = 100'000,
                  .pace = query.arrival_time ? Pace::still : Pace::work},
                 options);
}

Line measure_source(Runs& runs, const Options& options, const std::string& name,
                    std::size_t kinds) {
  double best = 0;
  for (std::uint64_t n = 0; n < options.repeats; ++n) {
    const double seconds = value_or_give_up(runs.run_source(options.events, kinds));
    best = n == 0 ? seconds : std::min(best, seconds);
  }
  return {name, 0, best * 1e9 / static_cast<double>(options.events)};
}

void print(const Line& line) {
  std::printf("%-18s %12llu %10.1f %10.2f\n", line.name.c_str(),
              static_cast<unsigned long long>(line.rows), line.ns,
              line.million_events_per_second());
  std::fflush(stdout);
}

void write_json(const Options& options, const std::vector<Line>& lines) {
  std::ofstream file(options.json);
  file << "{\"benchmark\":\"nexmark\",\"events\":" << options.events << ",\"results\":[";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    file << (i == 0 ? "" : ",") << "\n{\"name\":\"" << lines[i].name
         << "\",\"rows\":" << lines[i].rows << ",\"ns_per_event\":" << lines[i].ns
         << ",\"million_events_per_second\":" << lines[i].million_events_per_second() << '}';
  }
  file << "\n]}\n";
  if (!file.flush()) give_up(options.json + " cannot be written");
}

std::uint64_t number(const std::string& text) {
  const std::uint64_t value = std::strtoull(text.c_str(), nullptr, 10);
  if (value == 0) give_up("'" + text + "' is not a number of at least 1");
  return value;
}

Options read_options(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size() || !words[i].starts_with("--")) {
      give_up(
          "usage: eventflux_nexmark_bench [--events N] [--repeats N] [--query q0]… "
          "[--json FILE]");
    }
    if (words[i] == "--events") {
      options.events = number(words[i + 1]);
    } else if (words[i] == "--repeats") {
      options.repeats = number(words[i + 1]);
    } else if (words[i] == "--json") {
      options.json = words[i + 1];
    } else if (words[i] == "--query") {
      options.only.push_back(words[i + 1]);
    } else {
      give_up("unknown option " + words[i]);
    }
  }
  return options;
}

bool wanted(const Options& options, const std::string& name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

void run(const Options& options) {
  Runs runs;
  std::vector<Line> lines;
  const auto add = [&](const std::string& name, const std::function<Line()>& make) {
    if (!wanted(options, name)) return;
    lines.push_back(make());
    print(lines.back());
  };
  std::printf("%llu events, one thread, generator on the same core, no sink, no checkpoints\n",
              static_cast<unsigned long long>(options.events));
  std::printf("%-18s %12s %10s %10s\n", "query", "rows out", "ns/event", "M events/s");
  add("generator", [&] { return measure_source(runs, options, "generator", 3); });
  add("generator_bids", [&] { return measure_source(runs, options, "generator_bids", 1); });
  add("no_query", [&] {
    return measure(
        runs, {.query = "no_query", .stream = "Bid", .events = options.events, .rate = 100'000},
        options);
  });
  for (const Query& query : queries())
    add(query.name, [&] { return measure_query(runs, query, options); });
  if (!options.json.empty()) write_json(options, lines);
}

}  // namespace
}  // namespace eventflux::nexmark

int main(int argc, char** argv) {
  eventflux::nexmark::run(eventflux::nexmark::read_options({argv + 1, argv + argc}));
  return 0;
}
