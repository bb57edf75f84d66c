#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/variables.hpp"
#include "semantic/bound.hpp"
#include "semantic/report.hpp"
#include "syntax/ast.hpp"

namespace eventflux::semantic {

/// What `@source(…)`, `@sink(…)` and their WITH spelling say; both end here.
struct Connection {
  enum class Role : std::uint8_t { source, sink };

  Role role = Role::source;
  std::string type;  ///< The connector.
  Span type_span{};
  ParamValues params{};              ///< Without type and format.
  std::optional<std::string> map{};  ///< The mapper; nothing when none is named.
  Span map_span{};
  std::optional<ParamValue> format{};  ///< As written; it names the mapper, see bind_sink().
  ParamValues map_params{};
  Span span{};  ///< The word that a missing parameter is reported at.
};

/// What the annotations of a query say.
struct QueryNotes {
  std::string name{};
  Span name_span{};
  std::string id{};
  RowErrorAction on_error = RowErrorAction::automatic;
};

/// Checks that every annotation is known and stands where it may.
/// Fails: EF0304 unknown, EF0306 misplaced, EF0230 known and not built.
Result<void> check_annotations(const syntax::Statement& statement,
                               std::initializer_list<std::string_view> allowed,
                               std::string_view statement_name, Report& report);

/// Returns the annotations of a name, which matches without regard to case.
std::vector<const syntax::Annotation*> find_annotations(const syntax::Statement& statement,
                                                        std::string_view name);

Result<Connection> read_connection(const syntax::Annotation& annotation, Report& report);
/// Reads `WITH ('type'='source'|'sink', 'extension'='kafka', 'format'='json', …)`. For CREATE
/// SOURCE `role` is known, and 'type' may name the connector at once.
Result<Connection> read_connection(const std::vector<syntax::Option>& options,
                                   std::optional<Connection::Role> role, Report& report);

/// `format` names a mapper, unless the connector handles rows and has a parameter of that name.
Result<Source> bind_source(const Connection& connection, std::string name, const Registry& registry,
                           Report& report);
Result<Sink> bind_sink(const Connection& connection, const Registry& registry, Report& report);

Result<QueryNotes> read_query_notes(const syntax::Statement& statement, Report& report);
/// Reads @app. It decides how the program is compiled, so its variables have to be known by now.
Result<model::AppOptions> read_app_options(const syntax::Statement& statement,
                                           const model::VariableLookup& variables, Report& report);

}  // namespace eventflux::semantic
