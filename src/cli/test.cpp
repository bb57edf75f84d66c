#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/replace_file.hpp"
#include "cli/terminal.hpp"
#include "testkit/golden_diff.hpp"
#include "testkit/golden_update.hpp"

namespace eventflux::cli {
namespace {

/// One file in one mode.
struct Verdict {
  std::string file;
  std::string mode;
  std::string failure{};  ///< Empty: passed.
};

Result<std::vector<std::string>> golden_files(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return Error{Code::unknown_target, "there is no file '" + path + "'", "check the path"};
  if (!std::filesystem::is_directory(path)) return std::vector{path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.path().extension() == ".efqlt") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string describe(const testkit::GoldenFile& file, const testkit::RunMode& mode,
                     const testkit::GoldenRun& run) {
  if (run.failure) {
    return file.path + ":" + std::to_string(run.failure->line) + ": [" + std::string(mode.name) +
           "]\n" + to_text(run.failure->error) +
           "\nthe file cannot be run like this: --update does not accept it\n";
  }
  const testkit::GoldenBlock& block = file.blocks[*run.first_difference];
  return file.path + ":" + std::to_string(block.line) + ": " + block.title() + " [" +
         std::string(mode.name) + "]\n" +
         testkit::unified_diff(block.expected, run.actual[*run.first_difference], block.first + 1) +
         "accept: eventflux test --update " + file.path + "\n";
}

Result<std::vector<testkit::RunMode>> wanted_modes(const Arguments& arguments) {
  if (!arguments.has("mode"))
    return std::vector<testkit::RunMode>(testkit::run_modes().begin(), testkit::run_modes().end());
  std::vector<testkit::RunMode> modes;
  for (const std::string& name : arguments.all("mode")) {
    EF_TRY(const testkit::RunMode mode, testkit::find_run_mode(name));
    modes.push_back(mode);
  }
  return modes;
}

/// Rewrites a file to what its first mode gives, and says so when that changes it.
Result<testkit::GoldenFile> update(const testkit::GoldenFile& file, std::string_view before,
                                   const Engine& engine) {
  for (const testkit::RunMode& mode : testkit::run_modes()) {
    const testkit::GoldenRun run = testkit::run_golden(file, mode, engine.extensions());
    if (run.skipped) continue;
    if (run.failure) return file;  // Reported by the run that follows.
    const std::string text = testkit::update_golden(file, run);
    if (text == before) return file;
    print_data("updated " + file.path + "\n");
    EF_CHECK(replace_file(engine.files(), file.path, text));
    return testkit::parse_golden(file.path, text);
  }
  return file;
}

Result<void> test_file(const std::string& path, const Arguments& arguments,
                       const std::vector<testkit::RunMode>& modes, const Engine& engine,
                       std::vector<Verdict>& verdicts) {
  EF_TRY(const std::string text, read_file(path));
  EF_TRY(testkit::GoldenFile file, testkit::parse_golden(path, text));
  if (arguments.has("update")) {
    EF_TRY(file, update(file, text, engine));
  }
  std::string seen;
  for (const testkit::RunMode& mode : modes) {
    const testkit::GoldenRun run = testkit::run_golden(file, mode, engine.extensions());
    if (run.skipped) continue;
    Verdict verdict{path, std::string(mode.name)};
    if (!run.passed()) {
      verdict.failure = describe(file, mode, run);
      // The same difference in another mode is named, not shown again.
      const std::string difference = verdict.failure.substr(verdict.failure.find('\n'));
      print_data(difference == seen
                     ? verdict.failure.substr(0, verdict.failure.find('\n')) + " the same\n"
                     : verdict.failure);
      seen = difference;
    }
    verdicts.push_back(std::move(verdict));
  }
  return {};
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t') {
      out += c;
    }
  }
  return out;
}

Result<void> write_junit(const std::string& path, const std::vector<Verdict>& verdicts,
                         std::size_t failed, FileSystem& files) {
  std::ostringstream out;
  out << R"(<testsuite name="eventflux" tests=")" << verdicts.size() << "\" failures=\"" << failed
      << "\">\n";
  for (const Verdict& verdict : verdicts) {
    out << "  <testcase classname=\"" << escape_xml(verdict.file) << "\" name=\""
        << escape_xml(verdict.mode) << '"';
    if (verdict.failure.empty()) {
      out << "/>\n";
    } else {
      out << "><failure>" << escape_xml(verdict.failure) << "</failure></testcase>\n";
    }
  }
  out << "</testsuite>\n";
  return replace_file(files, path, out.str());
}

int run(const Arguments& arguments) {
  const auto modes = wanted_modes(arguments);
  if (!modes.ok()) return report(modes.error());
  const Host host;
  const std::string filter = arguments.get("filter");
  std::vector<Verdict> verdicts;
  for (const std::string& word : arguments.words) {
    const auto files = golden_files(word);
    if (!files.ok()) return report(files.error());
    for (const std::string& path : *files) {
      if (path.find(filter) == std::string::npos) continue;
      const auto tested = test_file(path, arguments, *modes, host.engine(), verdicts);
      if (tested.ok()) continue;
      print_data(to_text(tested.error()) + "\n");
      verdicts.push_back({path, "read", to_text(tested.error())});
    }
  }
  if (verdicts.empty()) {
    return report_usage({Code::unknown_target,
                         filter.empty() ? "there is no .efqlt file below these paths"
                                        : "no path of an .efqlt file contains '" + filter + "'",
                         "check the path and --filter"});
  }
  const auto failed = static_cast<std::size_t>(
      std::count_if(verdicts.begin(), verdicts.end(),
                    [](const Verdict& verdict) { return !verdict.failure.empty(); }));
  if (arguments.has("junit")) {
    if (const auto written =
            write_junit(arguments.get("junit"), verdicts, failed, host.engine().files());
        !written.ok())
      return report(written.error());
  }
  print_data(std::to_string(verdicts.size() - failed) + " passed, " + std::to_string(failed) +
             " failed\n");
  return failed == 0 ? exit_ok : exit_no;
}

}  // namespace

Command test_command() {
  return {
      .name = "test",
      .group = "Develop",
      .purpose = "runs golden tests (.efqlt) on virtual time, each in five modes",
      .words = "PATH…",
      .words_min = 1,
      .words_max = 1000,
      .options = {{"--mode", "M", "plain, batch=1, batch=max, checkpoint or crash; default all"},
                  {"--update", "",
                   "rewrite what is expected to what comes out, and name each file changed"},
                  {"--filter", "T", "only files whose path contains T"},
                  {"--junit", "FILE", "also write the results as JUnit XML"}},
      .examples = {"eventflux test queries", "eventflux test --mode crash queries"},
      .run = run};
}

}  // namespace eventflux::cli
