#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"
#include "eventflux/schema.hpp"

namespace eventflux {

/// A parameter given from outside the text: "source.coinbase.url", "sink.bars.file.path",
/// "app.name".
struct Override {
  std::string path;
  std::string text;
};

struct ProgramOptions {
  std::string file{};  ///< Where the text is from: shown, and the app's name where it has no other.
  std::vector<Override> overrides{};
  bool colour = false;  ///< Diagnostics have the colours of a terminal.
};

/// One thing that was found in a program.
struct Diagnostic {
  Error error;
  bool warning = false;
  std::string text{};  ///< For people: message, line, carets, help; lines that end in '\n'.
  /// For programs: an object on one line, without its end; ranges count from 0 in UTF-16 units.
  std::string json{};
};

/// A program in its canonical form, or what is wrong with it.
struct Formatted {
  std::string text{};
  std::vector<Diagnostic> diagnostics{};  ///< Empty: the text is complete.
};

/// Lays out a program anew and changes nothing else. Of the options only `file` and `colour` count.
Formatted format_program(std::string_view text, const ProgramOptions& options = {});

enum class ExplainFormat : std::uint8_t { text, json, dot };

/// A stream of a program.
struct StreamInfo {
  std::string name;
  Schema schema;
  bool anonymous = false;  ///< Of a SELECT without INSERT INTO: made to be shown.
  bool has_sink = false;
};

/// What came of reaching a source or sink.
struct Reached {
  std::string what;  ///< "source trades"
  std::string type;  ///< Name of the connector.
  /// Fails: as its run would; EF0230 when it has nothing to connect to.
  Result<void> outcome;
};

struct ProgramParts;  // inside

/// A compiled program. Owns: it keeps its engine's extensions alive. Thread: any.
class Program {
 public:
  explicit Program(std::shared_ptr<const ProgramParts> parts);

  /// Returns whether it has no errors. The rest is for programs that have none, but for
  /// diagnostics().
  bool ok() const;

  /// Returns all that is wrong or doubtful, in the order of the text.
  const std::vector<Diagnostic>& diagnostics() const;

  /// Returns the first error. Fails: undefined when ok().
  const Error& error() const;

  /// Returns whether the error is that of an override and not of the text.
  bool has_bad_override() const;

  /// Returns the name of the app, which names its stored state.
  const std::string& name() const;

  /// Returns all streams: those that are declared in the order of the text, then the others.
  std::vector<StreamInfo> streams() const;

  /// Says what the program does. `query` names one query; empty: all. Fails: EF0806.
  Result<std::string> explain(ExplainFormat format, std::string_view query = {}) const;

  /// Lists the delivery guarantee of every path from a source to a sink.
  std::string explain_delivery() const;

  /// Reaches every source and sink as a run would: connects, logs in, subscribes, leaves. Blocks:
  /// for as long as that takes.
  std::vector<Reached> reach() const;

  const ProgramParts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const ProgramParts> parts_;  // second owners: copies
};

}  // namespace eventflux
