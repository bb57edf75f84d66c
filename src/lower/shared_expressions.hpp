#pragma once

#include <vector>

#include "runtime/expression/shared_value.hpp"
#include "semantic/bound.hpp"

namespace eventflux::lower {

/// The expressions with a call that stand in several places of one query.
/// Shape: first all are counted, then they are lowered. Owns: no expression.
class SharedExpressions {
 public:
  struct Entry {
    const semantic::Expression* expression = nullptr;
    std::uint32_t places = 0;
    std::shared_ptr<runtime::SharedValue>
        value{};  ///< Owned by its places too; null until lowered.
  };

  /// Counts an expression and its operands; a null pointer counts nothing.
  void count(const semantic::ExpressionPtr& expression);

  /// Returns the entry of an expression that stands in several places, or a null pointer.
  Entry* find(const semantic::Expression& expression);

 private:
  std::vector<Entry> entries_;
};

}  // namespace eventflux::lower
