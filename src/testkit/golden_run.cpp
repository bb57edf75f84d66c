#include "testkit/golden_run.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "engine/compile.hpp"
#include "plan/explain.hpp"
#include "testkit/golden_diff.hpp"

namespace eventflux::testkit {
namespace {

using Lines = std::vector<std::string>;

void add_text(Lines& lines, std::string_view text) {
  for (std::string_view line : base::split(text, '\n')) {
    if (const std::size_t end = line.find_last_not_of(" \r"); end != std::string_view::npos)
      lines.emplace_back(line.substr(0, end + 1));
  }
}

void add_error(Lines& lines, const Error& error) {
  add_text(lines, "error[" + code_text(error.code) + "]: " + error.message);
  if (!error.help.empty()) add_text(lines, "  = help: " + error.help);
}

/// One run of a file: the session of its last app, and the directives.
class Player {
 public:
  Player(const GoldenFile& file, const RunMode& mode, const Registry& registry)
      : file_(file), mode_(mode), registry_(registry) {}

  Result<Lines> play(const GoldenBlock& block);

  /// Returns what of the file is being played. Shape: a line, from 1.
  std::size_t line() const { return line_; }

 private:
  struct Program {
    std::string name;
    std::string text;
  };

  Result<Program> program(const GoldenBlock& block) const;
  engine::Compiled compile(const Program& program, Lines& lines) const;
  bool has_store() const;
  Result<Lines> run_block(const GoldenBlock& block);
  Result<Lines> run_step(const GoldenBlock& block);
  Result<Lines> send_raw(const GoldenBlock& block);
  Result<Lines> advance(const GoldenBlock& block);
  Result<Lines> open_app(const GoldenBlock& block);
  Result<Lines> show_error(const GoldenBlock& block) const;
  Result<Lines> explain(const GoldenBlock& block) const;
  Result<Lines> send(const GoldenBlock& block);
  Result<std::vector<InputRow>> rows(const GoldenBlock& block, const Schema& schema);
  Result<Timestamp> time_of(const std::string& text) const;
  std::string time_text(Timestamp time) const;
  Result<Lines> output();
  Result<Lines> closing(std::string_view word);
  Result<Lines> counters(const GoldenBlock& block) const;
  Result<Lines> after_block();

  const GoldenFile& file_;
  const RunMode& mode_;
  const Registry& registry_;
  std::unique_ptr<Session> session_;
  Timestamp start_{};
  bool failed_ = false;
  std::size_t line_ = 0;
};

Result<Player::Program> Player::program(const GoldenBlock& block) const {
  const auto named = block.options.find("file");
  if (named == block.options.end()) return Program{"app.efql", base::join(block.body, "\n")};
  const auto path = std::filesystem::path(file_.path).parent_path() / named->second;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{Code::unknown_target, "cannot read '" + named->second + "'",
                 "the path starts at the folder of the golden file"};
  }
  return Program{named->second, std::string(std::istreambuf_iterator<char>(in), {})};
}

/// `# store: none` is a run without a state directory.
bool Player::has_store() const {
  const auto store = file_.header.find("store");
  return store == file_.header.end() || store->second != "none";
}

engine::Compiled Player::compile(const Program& program, Lines& lines) const {
  engine::CompileOptions options{
      .durable = has_store(), .overrides = {}, .variables = model::defaults_only()};
  if (const auto delivery = file_.header.find("delivery"); delivery != file_.header.end())
    options.overrides.push_back({"app.delivery", delivery->second});
  engine::Compiled compiled = engine::compile(program.text, registry_, options);
  const syntax::SourceText source(program.name, program.text);
  for (const syntax::Diagnostic& diagnostic : compiled.diagnostics)
    add_text(lines, render_text(diagnostic, source));
  return compiled;
}

Result<Lines> Player::open_app(const GoldenBlock& block) {
  session_.reset();
  failed_ = false;
  if (const auto clock = file_.header.find("clock"); clock != file_.header.end()) {
    EF_TRY(start_, parse_timestamp(clock->second));
  }
  EF_TRY(const Program text, program(block));
  Lines lines;
  engine::Compiled compiled = compile(text, lines);
  if (!compiled.ok()) return lines;
  auto opened =
      Session::open(std::move(compiled.plan),
                    {.start = start_, .cut = mode_.cut, .durable = has_store(), .listen = {}});
  if (!opened.ok()) {
    add_error(lines, opened.error());  // What the program is at fault for is its output.
    return lines;
  }
  session_ = std::move(*opened);
  lines.emplace_back("ok");
  return lines;
}

Result<Lines> Player::show_error(const GoldenBlock& block) const {
  EF_TRY(const Program text, program(block));
  Lines lines;
  if (compile(text, lines).ok()) lines.emplace_back("ok");
  return lines;
}

Result<Lines> Player::explain(const GoldenBlock& block) const {
  EF_TRY(const Program text, program(block));
  Lines lines;
  const engine::Compiled compiled = compile(text, lines);
  if (compiled.ok()) {
    add_text(lines, block.has("delivery") ? plan::explain_delivery(compiled.plan)
                                          : plan::explain_text(compiled.plan));
  }
  return lines;
}

Result<Timestamp> Player::time_of(const std::string& text) const {
  if (auto instant = parse_timestamp(text); instant.ok()) return instant;
  EF_TRY(const Duration since, parse_duration(text));
  return start_ + since;
}

std::string Player::time_text(Timestamp time) const {
  const std::int64_t us = time.us - start_.us;
  if (us % 1'000'000 == 0) return std::to_string(us / 1'000'000) + "s";
  if (us % 1'000 == 0) return std::to_string(us / 1'000) + "ms";
  return std::to_string(us) + "us";
}

namespace {

Result<std::vector<Value>> values_of(const GoldenRow& row, const Schema& schema) {
  std::vector<Value> values(schema.size());
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const auto text = golden_cell(row.cells[i]);
    if (!text) continue;
    EF_TRY(values[i], parse_value(*text, schema.fields[i].type));
  }
  return values;
}

}  // namespace

Result<std::vector<InputRow>> Player::rows(const GoldenBlock& block, const Schema& schema) {
  std::vector<InputRow> rows;
  Timestamp last = session_->now();
  line_ = block.body_first;
  for (const std::string& line : block.body) {
    ++line_;
    if (base::trim(line).empty()) continue;
    EF_TRY(const GoldenRow written, parse_golden_row(line));
    if (written.cells.size() != schema.size()) {
      return Error{Code::row_mismatch,
                   "row has " + std::to_string(written.cells.size()) + " values, stream has " +
                       std::to_string(schema.size()) + " columns",
                   "columns: " + to_text(schema)};
    }
    InputRow& row = rows.emplace_back();
    EF_TRY(row.values, values_of(written, schema));
    if (written.time.empty()) continue;
    EF_TRY(row.time, time_of(written.time));
    if (*row.time < last) {
      return Error{
          Code::row_mismatch,
          "@" + written.time + " is before @" + time_text(last) + ", where the clock stands",
          "rows arrive in order of time; the time of an event is a column"};
    }
    last = *row.time;
  }
  line_ = block.line;
  return rows;
}

Result<Lines> Player::send(const GoldenBlock& block) {
  EF_TRY(const semantic::Stream* stream, session_->stream(block.words[0]));
  EF_TRY(const std::vector<InputRow> all, rows(block, stream->schema));
  EF_CHECK(session_->send(block.words[0], all));
  return output();
}

/// Streams by name, rows as they left.
Result<Lines> Player::output() {
  std::map<std::string, Lines> streams;
  for (const OutputRow& row : session_->take_output()) {
    EF_TRY(const semantic::Stream* stream, session_->stream(row.stream));
    std::string line = "@" + time_text(row.at) + " " + row.kind;
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      line += " | " + (row.values[i].is_null()
                           ? "null"
                           : to_golden_cell(to_text(row.values[i], stream->schema.fields[i].type)));
    }
    streams[row.stream].push_back(std::move(line));
  }
  Lines lines;
  for (const auto& [name, rows] : streams) {
    lines.push_back(name);
    const Lines aligned = align_rows(rows);
    lines.insert(lines.end(), aligned.begin(), aligned.end());
  }
  if (const auto failure = session_->failure(); failure && !failed_) {
    failed_ = true;
    add_error(lines, *failure);
  }
  return lines;
}

Result<Lines> Player::closing(std::string_view word) {
  EF_TRY(Lines lines, output());
  lines.emplace_back(word);
  return lines;
}

Result<Lines> Player::counters(const GoldenBlock& block) const {
  Lines lines;
  std::vector<std::string> words = block.words;
  std::erase(words, "rowsort");
  for (const std::string& line : session_->metrics())
    if (line.starts_with(base::join(words, " "))) lines.push_back(line);
  return lines;
}

Result<Lines> Player::send_raw(const GoldenBlock& block) {
  EF_CHECK(session_->raw(block.words[0], block.body));
  return output();
}

Result<Lines> Player::advance(const GoldenBlock& block) {
  EF_TRY(const Duration step, parse_duration(block.words[0]));
  session_->advance(step);
  return output();
}

Result<Lines> Player::run_block(const GoldenBlock& block) {
  const std::string& verb = block.verb;
  if (verb == "app") return open_app(block);
  if (verb == "error") return show_error(block);
  if (verb == "explain") return explain(block);
  if (verb == "mode") return Lines{"ok"};
  if (!session_)
    return Error{Code::wrong_lifecycle, "'" + verb + "' needs an app before it", "app"};
  return run_step(block);
}

Result<Lines> Player::run_step(const GoldenBlock& block) {
  const std::string& verb = block.verb;
  if (verb == "send") return send(block);
  if (verb == "raw") return send_raw(block);
  if (verb == "advance") return advance(block);
  if (verb == "checkpoint") {
    EF_CHECK(session_->checkpoint());
    return closing("ok");
  }
  if (verb == "crash") {
    EF_CHECK(session_->crash());
    return closing("restored");
  }
  if (verb == "end") {
    session_->end();
    return closing("ok");
  }
  if (verb == "dlq") return session_->dead_letters();
  return counters(block);
}

Result<Lines> Player::after_block() {
  if (!session_ || !mode_.checkpoints || session_->failure()) return Lines{};
  EF_CHECK(session_->checkpoint());
  if (mode_.crashes) EF_CHECK(session_->crash());
  return output();
}

Result<Lines> Player::play(const GoldenBlock& block) {
  line_ = block.line;
  EF_TRY(Lines lines, run_block(block));
  EF_TRY(const Lines more, after_block());
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

bool wants(const GoldenFile& file, const RunMode& mode) {
  for (const GoldenBlock& block : file.blocks) {
    const auto only = block.options.find("only");
    if (block.verb != "mode" || only == block.options.end()) continue;
    const auto names = base::split(only->second, ',');
    if (std::find(names.begin(), names.end(), mode.name) == names.end()) return false;
  }
  return true;
}

}  // namespace

GoldenRun run_golden(const GoldenFile& file, const RunMode& mode, const Registry& registry) {
  GoldenRun run;
  if (!wants(file, mode)) {
    run.skipped = true;
    return run;
  }
  Player player(file, mode, registry);
  for (const GoldenBlock& block : file.blocks) {
    auto played = player.play(block);
    if (!played.ok()) {
      run.failure = BlockFailure{player.line(), played.error()};
      return run;
    }
    Lines lines = std::move(*played);
    if (lines.empty()) lines.emplace_back("(no output)");
    if (!run.first_difference && !same_output(block, lines))
      run.first_difference = run.actual.size();
    run.actual.push_back(std::move(lines));
  }
  return run;
}

}  // namespace eventflux::testkit
