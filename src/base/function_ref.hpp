#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace eventflux::base {

template <class Signature>
class FunctionRef;

/// A callable by reference, where std::function would copy it to the heap. Owns: nothing; the
/// callable outlives it.
template <class R, class... A>
class FunctionRef<R(A...)> {
 public:
  template <class F>

  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>)
      // Passing a lambda is what it is for; `call_` gives its constness back.
      // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload)
      FunctionRef(F&& callable)
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
      : callable_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* called, A... arguments) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(called))(std::forward<A>(arguments)...);
        }) {}

  R operator()(A... arguments) const { return call_(callable_, std::forward<A>(arguments)...); }

 private:
  void* callable_;
  R (*call_)(void*, A...);
};

}  // namespace eventflux::base
