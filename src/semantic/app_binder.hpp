#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "semantic/bind_annotation.hpp"
#include "semantic/bind_app.hpp"
#include "semantic/bind_expression.hpp"
#include "semantic/bind_resource.hpp"
#include "semantic/catalog.hpp"
#include "semantic/dataflow.hpp"

namespace eventflux::semantic {

/// The steps of bind_app(): declare every name, attach sources and sinks, bind queries by
/// dependency, then look at the whole.
class AppBinder {
 public:
  AppBinder(const std::vector<syntax::Statement>& statements, const Registry& registry,
            const std::vector<std::string>& broken_names, model::VariableLookup variables)
      : statements_(statements),
        registry_(registry),
        variables_(std::move(variables)),
        binding_{registry, report_},
        incomplete_(!broken_names.empty()) {
    for (const std::string& name : broken_names)
      catalog_.add_failed_name(name);
  }

  BindResult run();

 private:
  /// A query statement on its way; `bound` holds its branches, those of UNION ALL, once it
  /// succeeded.
  struct UnboundQuery {
    const syntax::Statement* statement = nullptr;
    const syntax::QueryStatement* node = nullptr;
    QueryNotes notes{};
    std::optional<std::size_t> target{};
    enum class State : std::uint8_t { waiting, running, done, failed } state = State::waiting;
    std::vector<Query> bound{};
  };

  // declare.cpp
  void declare_all();
  void declare_sources();
  Result<void> declare(const syntax::Statement& statement);
  Result<void> declare_source(const syntax::Statement& statement, const syntax::CreateSource& node);
  Result<void> declare_stream(const syntax::Statement& statement, const syntax::CreateStream& node);
  Result<void> declare_resource(const syntax::Statement& statement,
                                const syntax::CreateResource& node);
  Result<void> declare_query(const syntax::Statement& statement,
                             const syntax::QueryStatement& node);
  Result<void> attach(const syntax::Statement& statement,
                      const std::vector<syntax::Option>& options, std::size_t stream);
  Result<void> attach_source(const Connection& connection, std::size_t stream, Columns columns,
                             const syntax::CreateStream& node);
  Result<void> attach_sink(const Connection& connection, std::size_t stream);
  Result<std::size_t> declare_name(const syntax::StreamName& name, Stream stream,
                                   Catalog::State state);
  Error unsupported(const syntax::Statement& statement);

  // bind_app.cpp
  void declare_targets();
  void bind_query_at(std::size_t index);
  Result<void> bind_pending(UnboundQuery& pending);
  Result<std::optional<std::size_t>> input_of(const syntax::StreamName& name);
  void note_branches(const UnboundQuery& pending, std::vector<Query>& branches);
  void bind_writers(std::size_t stream);
  Result<void> name_columns(const std::vector<syntax::Name>& names, Query& query);
  Result<void> check_emitted(const Query& query, const syntax::InsertTarget& into);
  Result<void> settle_target(const UnboundQuery& pending, Query& query);
  Result<void> settle_console(const UnboundQuery& pending, std::vector<Query>& branches);
  Error unknown_stream(const syntax::StreamName& name);
  void report_open_streams();

  // dead_letters.cpp
  struct DeadLetterEdge {
    std::size_t from = 0;
    std::size_t to = 0;
    Span span{};
  };

  Result<void> wire_dead_letters(const ParamValue& param);
  void wire_all_dead_letters();
  std::vector<DeadLetterEdge> dead_letter_edges() const;
  void check_dead_letters();

  // check_app.cpp
  void check_app();
  void check_cycles();
  bool has_cycle() const;
  bool reaches_itself(std::size_t stream, bool through_windows) const;
  void check_watermarks();
  void check_lateness();
  void check_mappers();
  void warn_watermarks();
  void warn_unused();
  bool in_event_time(std::size_t stream, std::vector<std::optional<bool>>& known) const;

  const std::vector<syntax::Statement>& statements_;
  const Registry& registry_;
  model::VariableLookup variables_;
  Report report_;
  Binding binding_;
  bool incomplete_;  // Statements are missing: whatever is bound is not the whole app.
  Catalog catalog_;
  App app_;
  Dataflow flow_;  // of app_, once all queries are bound
  bool has_app_ = false;
  std::map<std::string, std::optional<std::size_t>> sources_;  // nothing: it failed
  std::vector<std::string> resources_;
  std::vector<UnboundQuery> pending_;
  std::set<std::string, std::less<>> query_names_;
  std::map<std::size_t, std::vector<std::size_t>> writers_of_;  // by stream, into pending_
};

}  // namespace eventflux::semantic
