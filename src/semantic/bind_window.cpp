#include "semantic/bind_window.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace eventflux::semantic {

namespace {

// The windows of the language, to tell one that is missing from one that does not exist.
constexpr std::array<std::string_view, 22> language_windows = {"TUMBLING",
                                                               "LENGTH",
                                                               "TIME",
                                                               "LENGTH_BATCH",
                                                               "TIME_BATCH",
                                                               "HOPPING",
                                                               "SLIDING",
                                                               "SESSION",
                                                               "CUMULATE",
                                                               "EXTERNAL_TIME",
                                                               "EXTERNAL_TIME_BATCH",
                                                               "TIME_LENGTH",
                                                               "DELAY",
                                                               "SORT",
                                                               "UNIQUE",
                                                               "FIRST_UNIQUE",
                                                               "CRON",
                                                               "EXPRESSION",
                                                               "FREQUENT",
                                                               "LOSSY_FREQUENT",
                                                               "TOP",
                                                               "BATCH"};

Error unknown_window(const syntax::Name& name, const Registry& registry, Report& report) {
  const std::string folded = base::fold(name.text);
  for (const std::string_view window : language_windows) {
    if (base::fold(window) == folded)
      return report.unsupported("window " + std::string(window), name.span);
  }
  std::vector<std::string> names;
  for (const WindowEntry& entry : registry.windows())
    names.push_back(entry.name);
  return report.unknown({.code = Code::unknown_window,
                         .message = "unknown window '" + name.text + "'",
                         .span = name.span,
                         .notes = {"windows: " + base::join(names, ", ")}},
                        name.text, names);
}

// Reads a number or a duration, with or without a sign.
std::optional<std::int64_t> constant_of(const Expression& bound) {
  const bool negative = bound.kind == Expression::Kind::operation && bound.op == Operator::negate;
  const Expression& value = negative ? *bound.operands.front() : bound;
  if (value.kind != Expression::Kind::constant || value.value.integer() == nullptr)
    return std::nullopt;
  const std::int64_t number = *value.value.integer();
  if (!negative) return number;
  if (number == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return -number;
}

Result<WindowArgument> bind_argument(const syntax::WindowArgument& argument,
                                     const WindowEntry& entry, Binding& binding) {
  const Span span = argument.value.span;
  const Scope scope{.clause = "the arguments of a window"};
  const bool column = std::holds_alternative<syntax::ColumnName>(argument.value.node);
  if (!column && !argument.direction) {
    EF_TRY(const ExpressionPtr bound, ExpressionBinder(binding, scope).bind(argument.value));
    if (const auto number = constant_of(*bound))
      return WindowArgument{is_integer(bound->type) ? Type(Type::int64) : bound->type, *number,
                            span};
  }
  return binding.report.fail(Code::unknown_window, entry.name + " takes durations and integers",
                             span, entry.signature);
}

// Returns whether a slice belongs to instances that hold others, too.
bool overlaps(WindowAssigner& assigner) {
  const std::array<std::uint32_t, 1> partition{0};
  const std::array<std::int64_t, 1> time{0};
  std::array<AssignedSlice, 1> slice{};
  assigner.assign({partition, time}, slice);
  const auto first =
      assigner.next_instance(slice[0].slice, std::numeric_limits<std::int64_t>::min());
  return first && *first != slice[0].slice;
}

// The window itself knows what it takes, and whether time alone closes it.
Result<void> check_arguments(Window& window) {
  std::optional<Error> error;
  if (window.batch) {
    auto made = window.entry->assigner(window.arguments);
    if (made.ok()) {
      window.by_time = (*made)->trigger() == WindowTrigger::time;
      window.merges = window.by_time && ((*made)->merges() || overlaps(**made));
    } else {
      error = made.error();
    }
  } else {
    if (auto made = window.entry->evictor(window.arguments); !made.ok()) error = made.error();
  }
  if (!error) return {};
  if (error->span.empty()) error->span = window.span;
  return *std::move(error);
}

}  // namespace

Result<Window> bind_window(const syntax::Window& node, const Scope& scope, Binding& binding) {
  const syntax::WindowCall& call = node.call;
  const WindowEntry* entry = binding.registry.find_window(call.name.text);
  if (entry == nullptr) return unknown_window(call.name, binding.registry, binding.report);
  Window window{.entry = entry, .batch = static_cast<bool>(entry->assigner), .span = call.span};
  for (const syntax::WindowArgument& argument : call.arguments) {
    EF_TRY(WindowArgument bound, bind_argument(argument, *entry, binding));
    window.arguments.push_back(bound);
  }
  EF_CHECK(check_arguments(window));
  for (const syntax::Expression& key : node.per) {
    EF_TRY(ExpressionPtr bound, ExpressionBinder(binding, scope).bind(key));
    window.per.push_back(std::move(bound));
  }
  return window;
}

}  // namespace eventflux::semantic
