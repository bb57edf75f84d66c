// What help, explain and usage errors say, and that what they say works.
#include <array>
#include <filesystem>
#include <unistd.h>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "eventflux/error.hpp"

#include "base/text.hpp"
#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

struct Ran {
  int status;
  std::string output;
};

Ran run(const Folder& folder, const std::vector<std::string>& arguments,
        const ProcessSetup& setup = {}) {
  write_text(folder / "output", "");
  Process process(arguments, folder / "output", setup);
  const int status = process.wait(patience);
  return {status, read_text(folder / "output")};
}

/// Returns the lines of `text` after the line `title`, without their indentation, up to one that is
/// not indented by `spaces`.
std::vector<std::string> lines_below(const std::string& text, const std::string& title,
                                     std::size_t spaces) {
  std::vector<std::string> found;
  bool inside = false;
  for (const std::string_view line : base::split(text, '\n')) {
    if (inside && !line.starts_with(std::string(spaces, ' '))) return found;
    if (inside) found.emplace_back(line.substr(spaces));
    if (line == title) inside = true;
  }
  return found;
}

std::string joined(const std::vector<std::string>& lines) {
  return base::join(lines, "\n") + "\n";
}

constexpr std::array all_codes{
#define EF_ERROR(number, name, text) Code::name,
#include "eventflux/errors.def"
#undef EF_ERROR
};

/// Returns the exit status that the table of the documentation gives a code.
int status_of(Code code) {
  switch (static_cast<int>(code)) {
    case 305:
    case 307:
    case 706:
      return 77;
    case 551:
      return 16;
    case 701:
      return 11;
    case 702:
      return 12;
    case 705:
      return 14;
    case 805:
      return 75;
    case 806:
      return 2;
    default:
      break;
  }
  constexpr std::array families{65, 65, 65, 65, 65, 69, 65, 74, 70, 70};
  return families[static_cast<std::size_t>(code) / 100];
}

/// Returns the names of all commands, as help lists them.
std::vector<std::string> command_names(const std::string& help) {
  std::vector<std::string> names;
  for (const std::string_view line : base::split(help, '\n')) {
    if (!line.starts_with("  ") || line.starts_with("   ") || line.starts_with("  eventflux"))
      continue;
    names.emplace_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

/// Ends what would run until it is stopped, and takes a free port.
std::string bounded(const std::string& example) {
  if (example.find("eventflux sim ") != std::string::npos) return example + " --port 0 --for 100ms";
  if (example.find("eventflux demo") != std::string::npos)
    return example + " --for 100ms --expect-rows 0";
  return example.find("eventflux run ") != std::string::npos ? example + " --for 100ms" : example;
}

}  // namespace

TEST_CASE("every example of every help runs") {
  const Folder folder;
  const std::filesystem::path root = EVENTFLUX_ROOT;
  std::filesystem::copy(root / "queries", folder / "queries");
  std::filesystem::create_directory(folder / "bin");
  std::filesystem::create_symlink(EVENTFLUX_BINARY, folder / "bin/eventflux");
  const ProcessSetup shell{.program = "/bin/bash",
                           .folder = folder.path(),
                           .environment = {{"PATH", (folder / "bin") + ":/usr/bin:/bin"},
                                           {"HOME", folder.path()},
                                           {"COINBASE_WS_URL", "ws://127.0.0.1:1"}}};
  const std::vector<std::string> names = command_names(run(folder, {"help"}).output);
  CHECK(names.size() == 14);
  std::size_t examples = 0;
  for (const std::string& name : names) {
    const std::string help = run(folder, {"help", name}).output;
    for (const std::string& example : lines_below(help, "examples", 2)) {
      CAPTURE(example);
      const Ran ran = run(folder, {"-c", bounded(example)}, shell);
      CAPTURE(ran.output);
      CHECK(ran.status == 0);
      // Nothing to format, no dead letters and a script that is read say nothing.
      const bool quiet = name == "completion" || name == "fmt" || name == "dlq" || name == "gaps";
      if (!quiet) CHECK_FALSE(ran.output.empty());
      ++examples;
    }
  }
  CHECK(examples > 15);
}

TEST_CASE("every code is explained, and programs of its explanation do what it says") {
  const Folder folder;
  for (const Code code : all_codes) {
    const std::string name = code_text(code);
    CAPTURE(name);
    const Ran ran = run(folder, {"explain", name});
    CHECK(ran.status == 0);
    CHECK(ran.output.starts_with(name + " " + std::string(code_name(code))));
    CHECK(ran.output.find("exit status: " + std::to_string(status_of(code)) + "\n") !=
          std::string::npos);
    if (ran.output.find("  wrong program\n") == std::string::npos) {
      CHECK_FALSE(lines_below(ran.output, "  wrong", 4).empty());
      CHECK_FALSE(lines_below(ran.output, "  right", 4).empty());
      continue;
    }
    write_text(folder / "wrong.efql", joined(lines_below(ran.output, "  wrong program", 4)));
    write_text(folder / "right.efql", joined(lines_below(ran.output, "  right program", 4)));
    CHECK(run(folder, {"check", folder / "wrong.efql"}).output.find("[" + name + "]") !=
          std::string::npos);
    const Ran right = run(folder, {"check", folder / "right.efql"});
    CAPTURE(right.output);
    CHECK(right.status == 0);
    CHECK(right.output.find("error[") == std::string::npos);
    CHECK(right.output.find("[" + name + "]") == std::string::npos);
  }
}

TEST_CASE("codes are found in small letters too, and an unknown one exits 2 (EF0806)") {
  const Folder folder;
  CHECK(run(folder, {"explain", "ef0203"}).output.starts_with("EF0203 unknown_column"));
  const Ran unknown = run(folder, {"explain", "EF9999"});
  CHECK(unknown.status == 2);
  CHECK(unknown.output.find("EF0806") != std::string::npos);
}

TEST_CASE("describe lists the keys of @app, and tables stand in columns") {
  const Folder folder;
  const Ran app = run(folder, {"extensions", "describe", "@app"});
  CHECK(app.status == 0);
  for (const char* key : {"name", "delivery", "epoch.interval", "store.max.bytes"})
    CHECK(app.output.find(std::string("\n  ") + key + " ") != std::string::npos);
  const Ran all = run(folder, {"extensions", "ls"});
  CHECK(all.output.find("function    coalesce(a, …)                  First") != std::string::npos);
}

TEST_CASE("usage errors are in plain words and exit 2") {
  const Folder folder;
  write_text(folder / "a.efql", "CREATE STREAM S (a INT);\nSELECT a FROM S;\n");
  const std::string file = folder / "a.efql";
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"run", file, file}, "error: eventflux run takes FILE, found '" + file + "' too\n"},
      {{"run", file, "--sate", "x"}, "error: eventflux run has no option '--sate'\nhelp: did you"},
      {{"run", file, "--state"}, "error: --state needs a value: DIR\n"},
      {{"run", file, "--state", ""}, "error: --state is empty\nhelp: it takes DIR\n"},
      {{"run", file, "--state="}, "error: --state"},
      {{"run", file, "--until-eof=3"}, "error: --until-eof takes no value\n"},
      {{"run", file, "--for", "-1s"}, "error[EF0303]: --for takes a length of time, found '-1s'"},
      {{"run", file, "--shutdown-timeout", "-1s"}, "error[EF0303]: --shutdown-timeout takes"},
      {{"run", file, "--log-format", "xml"}, "error: --log-format does not take 'xml'\nhelp: one"},
      {{"run", file, "--format", "xml"}, "error: --format does not take 'xml'"},
      {{"explain", file, "--format", "xml"}, "error: --format does not take 'xml'"},
      {{"extensions", "describe", "file", "--format", "x"}, "error: --format does not take 'x'"},
      {{"demo", "--for", "-1s"}, "error[EF0303]: --for takes"},
      {{"demo", "--expect-rows", "-1"}, "error[EF0303]: --expect-rows takes a whole number from 0"},
      {{"sim", "market", "--for", "-1s"}, "error[EF0303]: --for takes"},
      {{"sim", "market", "--disconnect-every", "-1s"}, "error[EF0303]: --disconnect-every takes"},
      {{"sim", "market", "--rate", "-1"}, "error[EF0303]: --rate takes a number above 0"},
      {{"sim", "market", "--keys", "0"}, "error[EF0303]: --keys takes a whole number from 1"},
      {{"dlq", "ls", "--limit", "-1"}, "error[EF0303]: --limit takes a whole number"},
      {{"version", "x"}, "error: eventflux version takes no words"},
      {{"test", folder / "none"}, "error[EF0806]: there is no file '"},
      {{"test", file, "--filter", "zzz"},
       "error[EF0806]: no path of an .efqlt file contains 'zzz'"},
      {{"check", folder.path() + "/bin"}, "error[EF0806]: cannot read"},
      {{"check", folder / "empty"}, "error[EF0806]: there is no .efql file below"},
      {{"run", folder.path()}, "error[EF0806]: cannot read"},
  };
  std::filesystem::create_directory(folder / "empty");
  for (const auto& [arguments, text] : cases) {
    CAPTURE(text);
    const Ran ran = run(folder, arguments);
    CAPTURE(ran.output);
    CHECK(ran.status == 2);
    CHECK(ran.output.find(text) == 0);
    CHECK(ran.output.find("required") == std::string::npos);
  }
}

TEST_CASE("check --connect says which source and sink has nothing to connect to") {
  const Folder folder;
  write_text(folder / "a.efql",
             "@source(type='timer', interval='1s')\nCREATE STREAM S (scheduled TIMESTAMP);\n"
             "@sink(type='console')\nCREATE STREAM Out (at TIMESTAMP);\n"
             "INSERT INTO Out SELECT scheduled AS at FROM S;\n");
  const Ran ran = run(folder, {"check", "--connect", folder / "a.efql"});
  CAPTURE(ran.output);
  CHECK(ran.status == 0);
  CHECK(ran.output.find("source S: not checked") != std::string::npos);
  CHECK(ran.output.find("sink Out.console: not checked") != std::string::npos);
}

TEST_CASE("a store of another format exits 14 (EF0705), one that may not be read 77 (EF0706)") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n");
  write_text(folder / "a.efql", "@source(type='file', path='" + folder / "in.jsonl" +
                                    "', when.done='end')\nCREATE STREAM S (n BIGINT);\n"
                                    "SELECT n FROM S;\n");
  const std::vector<std::string> words{"run", folder / "a.efql", "--state", folder / "state"};
  CHECK(run(folder, words).status == 0);
  write_text(folder / "state/a/FORMAT", "9\n");
  const Ran other = run(folder, words);
  CHECK(other.status == 14);
  CHECK(other.output.find("has format '9'") != std::string::npos);
  CHECK(run(folder, {"dlq", "ls", "--state", folder / "state"}).status == 14);
  write_text(folder / "state/a/FORMAT", "4\n");
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder / "state").c_str(), 0000);
  for (std::vector<std::string> denied :
       {words, std::vector<std::string>{"dlq", "ls", "--state", folder / "state"}}) {
    ProcessSetup setup{};
    if (::geteuid() == 0) {  // whom no permission stops
      denied.insert(denied.begin(),
                    {"--reuid=65534", "--regid=65534", "--clear-groups", EVENTFLUX_BINARY});
      setup.program = "/usr/bin/setpriv";
    }
    const Ran ran = run(folder, denied, setup);
    CAPTURE(ran.output);
    CHECK(ran.status == 77);
    CHECK(ran.output.find("EF0706") != std::string::npos);
  }
  ::chmod((folder / "state").c_str(), 0700);
}

}  // namespace eventflux::tests
