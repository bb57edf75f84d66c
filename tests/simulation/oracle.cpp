#include "tests/simulation/oracle.hpp"

#include <algorithm>
#include <set>

#include "base/json.hpp"

namespace eventflux::tests {
namespace {

std::int64_t number(const std::string& row, const char* field) {
  const auto json = base::parse_json(row, nullptr);
  const base::Json* found = json ? json->find(field) : nullptr;
  return found == nullptr ? -1 : found->integer;
}

std::string text(const std::string& row, const char* field) {
  const auto json = base::parse_json(row, nullptr);
  const base::Json* found = json ? json->find(field) : nullptr;
  return found == nullptr ? std::string() : found->text;
}

}  // namespace

Oracle::Covered Oracle::covered_now() const {
  Covered covered(case_.inputs.size());
  if (machine_.commits().empty()) return covered;
  for (const auto& position : machine_.commits().back().checkpoint.positions) {
    const std::string& place = position.cursor.position;
    const std::uint64_t offset = std::stoull(place.substr(place.rfind(':') + 1));
    for (std::size_t i = 0; i < case_.inputs.size(); ++i) {
      if (case_.inputs[i].stream != position.source) continue;
      const std::string all = case_.inputs[i].text().substr(0, offset);
      covered[i] = static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
    }
  }
  return covered;
}

void Oracle::begin_run() {
  const Covered covered = covered_now();
  covered_[machine_.run()] = covered;
  std::string note = "a run begins";
  for (std::size_t i = 0; i < covered.size(); ++i)
    note += ", " + case_.inputs[i].stream + " is covered up to line " + std::to_string(covered[i]);
  machine_.scheduler().note(note);
}

void Oracle::end_run(std::size_t run) {
  for (const char* stream : {"Rows", "Totals", "Windows", "Heard"}) {
    FileRows& file = files_[stream];
    const std::string& content = machine_.content(std::string(stream) + ".jsonl");
    for (;;) {
      const std::size_t end = content.find('\n', file.read);
      if (end == std::string::npos) break;
      file.rows.push_back({content.substr(file.read, end - file.read), run});
      file.read = end + 1;
    }
  }
}

std::vector<WireRow> Oracle::rows_of(const std::string& stream, bool on_wire) {
  return on_wire ? machine_.wire(stream).rows : files_[stream].rows;
}

/// Returns whether a sink may have got a row twice in a run.
bool Oracle::loses(const std::string& stream, bool on_wire, std::size_t run) {
  return on_wire && machine_.wire(stream).lost.contains(run);
}

/// Returns the lines that have to come out of Rows.
std::vector<const Line*> Oracle::wanted_rows(std::size_t input) const {
  std::vector<const Line*> wanted;
  for (const Line& line : case_.inputs[input].lines) {
    if (line.kind != LineKind::valid || line.n % case_.filter == 0) continue;
    if (case_.picky != 0 && line.n % case_.picky == 1) continue;
    wanted.push_back(&line);
  }
  return wanted;
}

void Oracle::check_rows() {
  std::map<std::size_t, std::vector<std::int64_t>> by_run;
  std::set<std::int64_t> seen;
  for (const WireRow& row : rows_of("Rows", case_.rows_on_wire)) {
    by_run[row.run].push_back(number(row.text, "n"));
    seen.insert(by_run[row.run].back());
  }
  std::set<std::int64_t> wanted;
  for (std::size_t i = 0; i < case_.inputs.size(); ++i)
    for (const Line* line : wanted_rows(i))
      wanted.insert(line->n);
  for (const std::int64_t n : wanted)
    if (!seen.contains(n)) fault("Rows: n=" + std::to_string(n) + " is lost");
  for (const std::int64_t n : seen)
    if (!wanted.contains(n)) fault("Rows: n=" + std::to_string(n) + " must not come out");
  for (const auto& [run, numbers] : by_run)
    check_order(numbers, run);
}

/// A run goes on behind what is covered, in order and without a hole.
void Oracle::check_order(const std::vector<std::int64_t>& numbers, std::size_t run) {
  const bool loses_some = loses("Rows", case_.rows_on_wire, run);
  for (std::size_t i = 0; i < case_.inputs.size(); ++i) {
    std::vector<const Line*> wanted = wanted_rows(i);
    const auto first = static_cast<std::int64_t>(covered_[run][i]);
    std::erase_if(wanted, [&](const Line* line) { return line->n / 2 < first; });
    std::size_t at = 0;
    for (const std::int64_t n : numbers) {
      if (static_cast<std::size_t>(n % 2) != i) continue;
      if (n / 2 < first)
        fault("Rows: n=" + std::to_string(n) + " comes again in run " + std::to_string(run) +
              " though a checkpoint covers it");
      if (loses_some) continue;
      if (at == wanted.size() || wanted[at]->n != n) {
        fault("Rows: n=" + std::to_string(n) + " is out of order in run " + std::to_string(run));
        break;
      }
      ++at;
    }
  }
}

/// Returns the sum over the lines of a key that are covered.
Oracle::Sum Oracle::sum_of(std::int64_t key, const Covered& covered) const {
  Sum sum;
  for (std::size_t i = 0; i < case_.inputs.size(); ++i) {
    for (std::size_t line = 0; line < covered[i]; ++line) {
      const Line& one = case_.inputs[i].lines[line];
      if (one.kind != LineKind::valid || one.k != key) continue;
      sum.total += one.n;
      ++sum.counted;
    }
  }
  return sum;
}

void Oracle::check_totals() {
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> seen;  // key, counted, total
  std::map<std::size_t, std::vector<WireRow>> by_run;
  for (const WireRow& row : rows_of("Totals", case_.totals_on_wire))
    by_run[row.run].push_back(row);
  for (const auto& [run, rows] : by_run)
    check_total_run(rows, run, seen);
  Covered all;
  for (const Input& input : case_.inputs)
    all.push_back(input.lines.size());
  for (std::int64_t key = 0; key < 4; ++key) {
    const Sum sum = sum_of(key, all);
    for (std::int64_t counted = 1; counted <= sum.counted; ++counted)
      if (!seen[key].contains(counted))
        fault("Totals: k=" + std::to_string(key) + " counted=" + std::to_string(counted) +
              " is lost");
    if (sum.counted != 0 && seen[key][sum.counted] != sum.total)
      fault("Totals: k=" + std::to_string(key) + " ends at " +
            std::to_string(seen[key][sum.counted]) + ", not " + std::to_string(sum.total));
    if (!seen[key].empty() && seen[key].rbegin()->first > sum.counted)
      fault("Totals: k=" + std::to_string(key) + " counts rows twice");
  }
}

/// State is restored exactly as of what is covered, and each row counts once.
void Oracle::check_total_run(const std::vector<WireRow>& rows, std::size_t run,
                             std::map<std::int64_t, std::map<std::int64_t, std::int64_t>>& seen) {
  std::map<std::int64_t, Sum> last;
  const bool loses_some = loses("Totals", case_.totals_on_wire, run);
  for (const WireRow& row : rows) {
    const std::int64_t key = number(row.text, "k");
    const Sum now{number(row.text, "total"), number(row.text, "counted")};
    seen[key][now.counted] = now.total;
    if (!last.contains(key)) last[key] = sum_of(key, covered_[run]);
    const Sum before = last[key];
    const std::int64_t first = sum_of(key, covered_[run]).counted + 1;
    if (now.counted < first || (!loses_some && now.counted != before.counted + 1))
      fault("Totals: k=" + std::to_string(key) + " goes from " + std::to_string(before.counted) +
            " to " + std::to_string(now.counted) + " rows in run " + std::to_string(run));
    last[key] = now;
  }
}

void Oracle::check_windows() {
  std::map<std::pair<std::int64_t, std::string>, Sum> wanted;
  for (const Input& input : case_.inputs) {
    for (const Line& line : input.lines) {
      if (line.kind != LineKind::valid) continue;
      Sum& sum = wanted[{line.k, to_text(Timestamp{line.window * 10'000'000})}];
      sum.total += line.n;
      ++sum.counted;
    }
  }
  std::set<std::pair<std::int64_t, std::string>> seen;
  for (const WireRow& row : rows_of("Windows", case_.windows_on_wire)) {
    const std::pair key{number(row.text, "k"),
                        to_text(parse_timestamp(text(row.text, "w")).value())};
    const Sum sum{number(row.text, "total"), number(row.text, "counted")};
    seen.insert(key);
    if (!wanted.contains(key) || !(wanted[key] == sum))
      fault("Windows: " + row.text + " in run " + std::to_string(row.run) + ", wanted total " +
            std::to_string(wanted[key].total) + " of " + std::to_string(wanted[key].counted));
  }
  for (const auto& [key, sum] : wanted)
    if (!seen.contains(key))
      fault("Windows: k=" + std::to_string(key.first) + " of " + key.second + " is lost");
}

/// The peer repeats nothing, so nothing comes out twice; what a run had received when it was
/// stopped in order is not lost.
void Oracle::check_heard() {
  std::map<std::int64_t, std::size_t> received;
  for (const Peer::Sent& sent : machine_.peer().received)
    received[sent.n] = sent.run;
  std::set<std::int64_t> seen;
  std::int64_t last = -1;
  for (const WireRow& row : rows_of("Heard", false)) {
    const std::int64_t n = number(row.text, "n");
    if (!received.contains(n) || received[n] != row.run)
      fault("Heard: n=" + std::to_string(n) + " was not received in run " +
            std::to_string(row.run));
    if (n <= last) fault("Heard: n=" + std::to_string(n) + " is out of order");
    last = n;
    seen.insert(n);
  }
  for (const auto& [run, before] : stopped_) {
    for (std::size_t i = 0; i < before; ++i) {
      const Peer::Sent& sent = machine_.peer().received[i];
      if (sent.run == run && !seen.contains(sent.n))
        fault("Heard: n=" + std::to_string(sent.n) + " is lost in run " + std::to_string(run) +
              ", which was stopped in order");
    }
  }
}

void Oracle::check_dead_letters() {
  std::multiset<std::int64_t> wanted;
  for (const Input& input : case_.inputs) {
    for (const Line& line : input.lines) {
      const bool rejected = line.kind == LineKind::valid && line.n % case_.filter != 0 &&
                            case_.picky != 0 && line.n % case_.picky == 1;
      const bool malformed = line.kind == LineKind::malformed && case_.strategy != "drop";
      const bool untimely = line.kind == LineKind::late || line.kind == LineKind::ahead;
      if (rejected || malformed || untimely) wanted.insert(line.n);
    }
  }
  std::multiset<std::int64_t> found;
  for (const Machine::Commit& commit : machine_.commits()) {
    for (const runtime::DeadLetter& letter : commit.records<runtime::DeadLetter>())
      found.insert(letter.row.empty() ? std::stoll(letter.payload.substr(7))
                                      : number(letter.row, "n"));
  }
  std::set<std::int64_t> all(wanted.begin(), wanted.end());
  all.insert(found.begin(), found.end());
  for (const std::int64_t n : all) {
    if (wanted.count(n) != found.count(n))
      fault("dead letters: n=" + std::to_string(n) + " is there " + std::to_string(found.count(n)) +
            " times, not " + std::to_string(wanted.count(n)));
  }
}

void Oracle::finish() {
  check_rows();
  check_totals();
  check_windows();
  check_heard();
  check_dead_letters();
}

}  // namespace eventflux::tests
