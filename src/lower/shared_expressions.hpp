#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "runtime/expression/shared_value.hpp"
#include "semantic/bound.hpp"

namespace eventflux::lower {

/// The expressions with a call that stand in several places of one query.
/// Shape: first all are counted, then they are lowered. Owns: no expression.
class SharedExpressions {
 public:
  struct Entry {
    std::uint32_t places = 0;
    std::shared_ptr<runtime::SharedValue>
        value{};  ///< Owned by its places too; null until lowered.
  };

  /// Counts an expression and its operands; a null pointer counts nothing.
  void count(const semantic::ExpressionPtr& expression);

  /// Returns the entry of an expression that stands in several places, or a null pointer.
  Entry* find(const semantic::Expression& expression);

 private:
  struct Hash {
    std::size_t operator()(const semantic::Expression* expression) const;
  };

  struct Same {
    bool operator()(const semantic::Expression* a, const semantic::Expression* b) const;
  };

  std::unordered_map<const semantic::Expression*, Entry, Hash, Same> entries_;
};

}  // namespace eventflux::lower
