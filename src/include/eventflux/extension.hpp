#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/aggregate.hpp"
#include "eventflux/context.hpp"
#include "eventflux/function.hpp"
#include "eventflux/mapper.hpp"
#include "eventflux/params.hpp"
#include "eventflux/simulator.hpp"
#include "eventflux/sink.hpp"
#include "eventflux/sliding.hpp"
#include "eventflux/source.hpp"
#include "eventflux/window.hpp"

namespace eventflux {

/// What a query can name. `params` holds what the extension declares; what the runtime owns
/// (reconnect.*, error.*, retry.*, batch.* …) is attached by the runtime.
struct SourceEntry {
  std::string name;
  std::string text;
  SourceTraits traits;
  std::vector<ParamInfo> params;
  std::function<Result<std::unique_ptr<Source>>(const ParamValues&, Context&)> make;
};

struct SinkEntry {
  std::string name;
  std::string text;
  SinkTraits traits;
  std::vector<ParamInfo> params;
  std::function<Result<std::unique_ptr<Sink>>(const ParamValues&, Context&)> make;
};

struct MapperEntry {
  std::string name;
  std::string text;
  std::vector<ParamInfo> decoder_params;
  std::vector<ParamInfo> encoder_params;
  /// Empty when the mapper has no such direction.
  std::function<Result<std::unique_ptr<Decoder>>(const ParamValues&, const DecoderSpec&)> decoder{};
  std::function<Result<std::unique_ptr<Encoder>>(const ParamValues&, const Schema&)> encoder{};
};

struct WindowEntry {
  std::string name;
  std::string text;
  std::string signature;  ///< "LENGTH(rows)"
  /// Exactly one of the two is set. Fails: EF0211 with the span of the argument.
  std::function<Result<std::unique_ptr<WindowEvictor>>(std::span<const WindowArgument>)> evictor{};
  std::function<Result<std::unique_ptr<WindowAssigner>>(std::span<const WindowArgument>)>
      assigner{};
  /// Of an assigner: instances follow from the time alone, so that all PER keys share them.
  bool aligned = false;
  /// Every group has a window of its own: without PER, that of its GROUP BY keys.
  bool per_group = false;
};

struct SimulatorEntry {
  std::string name;
  std::string text;
  std::vector<ParamInfo> params;
  std::uint16_t port = 0;  ///< Default port.
  std::function<Result<std::unique_ptr<Simulator>>(const ParamValues&)> make;
};

/// All that queries can name, by kind and name. Names match without regard to case and underscores.
/// Shape: the lists are in order of registration. Thread: filled by one, then read by any.
class Registry {
 public:
  /// T is constructed from (Options, Context&).
  template <class T, class Options>
  void source(std::string name, std::string text, SourceTraits traits, ParamSpec<Options> spec) {
    SourceEntry entry{name, std::move(text), traits, infos(spec), {}};
    entry.make = [name, spec](const ParamValues& values,
                              Context& context) -> Result<std::unique_ptr<Source>> {
      EF_TRY(Options options, parse_params(name, spec, values));
      return std::unique_ptr<Source>(std::make_unique<T>(std::move(options), context));
    };
    sources_.push_back(std::move(entry));
  }

  template <class T, class Options>
  void sink(std::string name, std::string text, SinkTraits traits, ParamSpec<Options> spec) {
    SinkEntry entry{name, std::move(text), traits, infos(spec), {}};
    entry.make = [name, spec](const ParamValues& values,
                              Context& context) -> Result<std::unique_ptr<Sink>> {
      EF_TRY(Options options, parse_params(name, spec, values));
      return std::unique_ptr<Sink>(std::make_unique<T>(std::move(options), context));
    };
    sinks_.push_back(std::move(entry));
  }

  /// T is constructed from (Options).
  template <class T, class Options>
  void simulator(std::string name, std::string text, std::uint16_t port, ParamSpec<Options> spec) {
    SimulatorEntry entry{name, std::move(text), infos(spec), port, {}};
    entry.make = [name, spec](const ParamValues& values) -> Result<std::unique_ptr<Simulator>> {
      EF_TRY(Options options, parse_params(name, spec, values));
      return std::unique_ptr<Simulator>(std::make_unique<T>(std::move(options)));
    };
    simulators_.push_back(std::move(entry));
  }

  template <class F>
  void function(std::string name, std::string text, F body,
                std::vector<ConstantCheck> constants = {}) {
    functions_.push_back(scalar_function(std::move(name), std::move(text), std::move(body)));
    functions_.back().constants = std::move(constants);
  }

  template <Aggregate A>
  void aggregate(std::string name, std::string text) {
    aggregates_.push_back(aggregate_function<A>(std::move(name), std::move(text)));
  }

  void mapper(MapperEntry entry) { mappers_.push_back(std::move(entry)); }

  void window(WindowEntry entry) { windows_.push_back(std::move(entry)); }

  void function(ScalarFunction entry) { functions_.push_back(std::move(entry)); }

  /// Makes the aggregate `name` of STRING one of BYTES, too, which are kept alike.
  void aggregate_octets(std::string_view name);

  /// Makes `alias` another name of every function or aggregate that is called `name` by now.
  void alias(std::string_view alias, std::string_view name);

  const std::vector<SourceEntry>& sources() const { return sources_; }

  const std::vector<SinkEntry>& sinks() const { return sinks_; }

  const std::vector<MapperEntry>& mappers() const { return mappers_; }

  const std::vector<WindowEntry>& windows() const { return windows_; }

  const std::vector<SimulatorEntry>& simulators() const { return simulators_; }

  const std::vector<ScalarFunction>& functions() const { return functions_; }

  const std::vector<AggregateFunction>& aggregates() const { return aggregates_; }

  const SourceEntry* find_source(std::string_view name) const;
  const SinkEntry* find_sink(std::string_view name) const;
  const MapperEntry* find_mapper(std::string_view name) const;
  const WindowEntry* find_window(std::string_view name) const;
  const SimulatorEntry* find_simulator(std::string_view name) const;
  /// Returns all overloads.
  std::vector<const ScalarFunction*> find_functions(std::string_view name) const;
  std::vector<const AggregateFunction*> find_aggregates(std::string_view name) const;
  /// Returns the aggregate for an argument of exactly this type: of DECIMAL, one whose result has
  /// its digits. Owns: lives as long as the registry; equal calls give the same. Thread: any.
  const AggregateFunction* typed(const AggregateFunction& aggregate, Type argument) const;

 private:
  std::vector<SourceEntry> sources_;
  std::vector<SinkEntry> sinks_;
  std::vector<MapperEntry> mappers_;
  std::vector<WindowEntry> windows_;
  std::vector<SimulatorEntry> simulators_;
  std::vector<ScalarFunction> functions_;
  std::vector<AggregateFunction> aggregates_;
  struct Typed;
  std::shared_ptr<Typed> typed_ = make_typed();

  static std::shared_ptr<Typed> make_typed();
};

}  // namespace eventflux
