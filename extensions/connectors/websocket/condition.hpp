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

/// What a message must hold: `$.channel = 'subscriptions' AND $.id != 2`.
/// Shape: a path, `=` or `!=`, and a text, number, true, false or null; joined by AND. A path that
/// leads nowhere, or to an object or array, fits neither `=` nor `!=`.
class Condition {
 public:
  Condition() = default;
  /// Fails: EF0303.
  static Result<Condition> parse(std::string_view text);

  bool empty() const { return terms_.empty(); }

  /// Returns whether all terms fit; false when there are none.
  bool fits(std::string_view json) const;

  const std::string& text() const { return text_; }

 private:
  struct Term {
    std::vector<PathStep> path{};
    bool equal = true;
    std::string literal{};  // a JSON scalar; a text begins with a quote and is not escaped
  };

  static bool fits(const Term& term, std::string_view json);

  std::string text_;
  std::vector<Term> terms_;
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
