// `eventflux test`: what a golden file may not accept, and what --update says.
#include <doctest/doctest.h>

#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

const std::string app =
    "# about: Rows pass.\n\napp\nCREATE STREAM S (k STRING, x INT);\n"
    "@source(type='generator') CREATE SOURCE g;\nCREATE RESOURCE A ON g (n BIGINT); INSERT INTO B "
    "SELECT n FROM A;\n"
    "INSERT INTO Out SELECT k, x FROM S;\n----\nok\n\n";

struct Tested {
  int status;
  std::string output;
};

Tested test(const Folder& folder, const std::string& text,
            const std::vector<std::string>& options = {}) {
  write_text(folder / "t.efqlt", text);
  write_text(folder / "log", "");
  std::vector<std::string> words{"test", folder / "t.efqlt"};
  words.insert(words.end(), options.begin(), options.end());
  Process process(words, folder / "log");
  const int status = process.wait(patience);
  return {status, read_text(folder / "log")};
}

/// A mistake of the test itself: fails with and without --update, which leaves the file alone.
struct Mistake {
  std::string text;
  std::string message;  ///< With the line.
};

std::vector<Mistake> mistakes() {
  return {
      {app + "frobnicate S\n| a | 1\n----\nok\n", ":11: there is no block 'frobnicate'"},
      {app + "send T\n| a | 1\n----\nok\n", "EF0806: there is no stream 'T' (streams: S, A, B, Out)"},
      {app + "send S\n| a | 1\n| a\n----\nok\n",
       ":13: [plain]\nEF0807: row has 1 values, stream has 2 columns (columns: k STRING, x INT)"},
      {app + "send S\n| a | y\n----\nok\n", ":12: [plain]\nEF0604: 'y' is not an INT"},
      {app + "send S\n1 | y\n----\nok\n", ":12: [plain]\nEF0807: '1 | y' is not a row"},
      {app + "send S\n@5s | a | 1\n@3s | b | 2\n----\nok\n",
       ":13: [plain]\nEF0807: @3s is before @5s, where the clock stands"},
      {app + "advance 5s\n----\n(no output)\n\nsend S\n@3s | a | 1\n----\nok\n",
       ":16: [plain]\nEF0807: @3s is before @5s, where the clock stands"},
      {app + "advance soon\n----\nok\n", ":11: [plain]\nEF0303"},
      {app + "raw nowhere\n{}\n----\nok\n", "EF0219: there is no source 'nowhere'"},
      {app + "raw g\n{}\n----\nok\n", "EF0807: 'g' makes typed rows and reads no payloads"},
      {app + "send S rowsrot\n| a | 1\n----\nok\n", ":11: 'send' takes no 'rowsrot'"},
      {app + "send S duplicates=yes\n| a | 1\n----\nok\n", ":11: duplicates='yes'"},
      {app + "send\n| a | 1\n----\nok\n", ":11: 'send' needs a word after it"},
      {app + "send S file=x\n| a | 1\n----\nok\n", ":11: 'send' takes no 'file='"},
      {app + "mode only=plan\n----\nok\n", ":11: there is no mode 'plan'"},
      {app + "app file=missing.efql\n----\nok\n", "EF0806: cannot read 'missing.efql'"},
      {"# about: Rows pass.\n# stor: none\n\napp\n----\nok\n", ":1: there is no header 'stor'"},
      {"# about: Rows pass.\n# clock: noon\n\napp\n----\nok\n", ":1: clock 'noon'"},
      {"# about: No app.\n\nsend S\n| a | 1\n----\nok\n", "EF0804: 'send' needs an app before it"},
      {"# about: The app is wrong.\n\napp\nSELECT 1;\n----\nok\n\nend\n----\nok\n",
       "EF0804: 'end' needs an app before it"},
  };
}

}  // namespace

TEST_CASE("a mistake in a golden file fails at its line, and --update does not accept it") {
  const Folder folder;
  for (const Mistake& mistake : mistakes()) {
    CAPTURE(mistake.text);
    for (const std::vector<std::string>& options :
         {std::vector<std::string>{}, std::vector<std::string>{"--update"}}) {
      const Tested tested = test(folder, mistake.text, options);
      CAPTURE(tested.output);
      CHECK(tested.status == 1);
      CHECK(tested.output.find(mistake.message) != std::string::npos);
      CHECK(tested.output.find("updated") == std::string::npos);
      CHECK(read_text(folder / "t.efqlt") == mistake.text);
    }
  }
}

TEST_CASE("--update names the files it changed, and no others") {
  const Folder folder;
  const std::string right = app + "send S\n| a | 1\n----\nOut\n@0s + | a | 1\n";
  const Tested changed = test(folder, app + "send S\n| a | 1\n----\nok\n", {"--update"});
  CHECK(changed.status == 0);
  CHECK(changed.output.find("updated " + (folder / "t.efqlt") + "\n") != std::string::npos);
  CHECK(read_text(folder / "t.efqlt") == right);
  const Tested same = test(folder, right, {"--update"});
  CHECK(same.status == 0);
  CHECK(same.output.find("updated") == std::string::npos);
}

TEST_CASE("what a program is at fault for stays output that --update accepts") {
  const Folder folder;
  const Tested tested =
      test(folder, "# about: No such stream.\n\napp\nSELECT x FROM T;\n----\nok\n", {"--update"});
  CHECK(tested.status == 0);
  CHECK(read_text(folder / "t.efqlt").find("error[EF0201]") != std::string::npos);
}

TEST_CASE("metrics are chosen by what a line begins with") {
  const Folder folder;
  const Tested tested = test(folder, app + "metrics stream S\n----\nok\n", {"--update"});
  CHECK(tested.status == 0);
  CHECK(read_text(folder / "t.efqlt").ends_with("----\nstream S in=0 out=0\n"));
}

}  // namespace eventflux::tests
