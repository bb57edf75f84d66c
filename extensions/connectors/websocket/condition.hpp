#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/params.hpp"

namespace eventflux::connectors::websocket {

/// One step of a path into JSON: a member's name, or the index of an element.
struct PathStep {
  std::string name{};
  std::optional<std::size_t> index{};
};

/// Returns the text of the value at a path, as it stands in `json`; nothing when it is not there.
/// Shape: a string keeps its quotes and escapes. Never reads past `json`, whatever it holds.
std::optional<std::string_view> find_value(std::string_view json,
                                           const std::vector<PathStep>& path);

/// What a message must hold: `$.op = 'pong' OR $.channel = 'subscriptions' AND $.id != 2`.
/// Shape: a path, `=` or `!=`, and a text, number, true, false or null; joined by AND, which binds
/// more tightly, and OR. A path that leads nowhere, or to an object or array, matches neither `=`
/// nor `!=`. `payload` is the whole message as text, JSON or not.
class Condition {
 public:
  Condition() = default;
  /// Fails: EF0303.
  static Result<Condition> parse(std::string_view text);

  bool empty() const { return any_of_.empty(); }

  /// Returns whether a message matches; false when there are no terms.
  bool fits(std::string_view message) const;

  const std::string& text() const { return text_; }

 private:
  struct Term {
    std::vector<PathStep> path{};
    bool whole = false;  // compares the message itself
    bool equal = true;
    std::string literal{};  // a JSON scalar; a text begins with a quote and is not escaped
  };

  /// Takes a term at a place of a text and moves the place past it.
  static std::optional<Term> take_term(std::string_view text, std::size_t& at);
  static bool fits(const Term& term, std::string_view message);

  std::string text_;
  std::vector<std::vector<Term>> any_of_;  // of each, all terms
};

}  // namespace eventflux::connectors::websocket

namespace eventflux {

template <>
struct ParamCodec<connectors::websocket::Condition> {
  using Condition = connectors::websocket::Condition;
  static constexpr std::string_view type = "condition";

  static Result<Condition> parse(std::string_view text) { return Condition::parse(text); }

  static std::string print(const Condition& value) { return value.text(); }

  static std::vector<std::string> names() { return {}; }
};

}  // namespace eventflux
