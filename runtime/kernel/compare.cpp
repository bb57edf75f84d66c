#include "runtime/kernel/kernel.hpp"

namespace eventflux::runtime {
namespace {

template <Operation operation, class T>
[[gnu::always_inline]] inline std::uint8_t holds(const T& a, const T& b) {
  switch (operation) {
    case Operation::equal:
      return static_cast<std::uint8_t>(a == b);
    case Operation::not_equal:
      return static_cast<std::uint8_t>(!(a == b));
    case Operation::less:
      return static_cast<std::uint8_t>(a < b);
    case Operation::less_equal:
      return static_cast<std::uint8_t>(a <= b);
    case Operation::greater:
      return static_cast<std::uint8_t>(a > b);
    default:
      return static_cast<std::uint8_t>(a >= b);
  }
}

template <Operation operation, class T>
EF_CLONES void compare(KernelCall& call) {
  merge_validity(call);
  binary_loop<T, std::uint8_t, true>(call, [](T a, T b) { return holds<operation, T>(a, b); });
}

// Text is compared by bytes, which is the order of code points. NULL rows hold no readable text.
template <Operation operation>
void compare_text(KernelCall& call) {
  merge_validity(call);
  auto* out = call.out.data<std::uint8_t>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!is_valid(call.out, row)) return;
    const Text& a = call.left.at<Text>(row);
    const Text& b = call.right.at<Text>(row);
    if constexpr (operation == Operation::equal || operation == Operation::not_equal) {
      out[row] = static_cast<std::uint8_t>((a == b) == (operation == Operation::equal));
    } else {
      out[row] = holds<operation, std::string_view>(a.view(), b.view());
    }
  });
}

template <Operation operation>
void compare_decimal(KernelCall& call) {
  if (call.left.type.scale == call.right.type.scale) return compare<operation, Int128>(call);
  merge_validity(call);
  auto* out = call.out.data<std::uint8_t>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    out[row] = holds<operation, Decimal>(decimal_at(call.left, row), decimal_at(call.right, row));
  });
}

Kernel decimals(Operation operation) {
  switch (operation) {
    case Operation::equal:
      return compare_decimal<Operation::equal>;
    case Operation::not_equal:
      return compare_decimal<Operation::not_equal>;
    case Operation::less:
      return compare_decimal<Operation::less>;
    case Operation::less_equal:
      return compare_decimal<Operation::less_equal>;
    case Operation::greater:
      return compare_decimal<Operation::greater>;
    case Operation::greater_equal:
      return compare_decimal<Operation::greater_equal>;
    default:
      return nullptr;
  }
}

template <class T>
Kernel values(Operation operation) {
  switch (operation) {
    case Operation::equal:
      return compare<Operation::equal, T>;
    case Operation::not_equal:
      return compare<Operation::not_equal, T>;
    case Operation::less:
      return compare<Operation::less, T>;
    case Operation::less_equal:
      return compare<Operation::less_equal, T>;
    case Operation::greater:
      return compare<Operation::greater, T>;
    case Operation::greater_equal:
      return compare<Operation::greater_equal, T>;
    default:
      return nullptr;
  }
}

Kernel texts(Operation operation) {
  switch (operation) {
    case Operation::equal:
      return compare_text<Operation::equal>;
    case Operation::not_equal:
      return compare_text<Operation::not_equal>;
    case Operation::less:
      return compare_text<Operation::less>;
    case Operation::less_equal:
      return compare_text<Operation::less_equal>;
    case Operation::greater:
      return compare_text<Operation::greater>;
    case Operation::greater_equal:
      return compare_text<Operation::greater_equal>;
    default:
      return nullptr;
  }
}

}  // namespace

Kernel find_comparison(Operation operation, Type operands) {
  switch (operands) {
    case Type::boolean:
      return values<std::uint8_t>(operation);
    case Type::int32:
      return values<std::int32_t>(operation);
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return values<std::int64_t>(operation);
    case Type::float32:
      return values<float>(operation);
    case Type::float64:
      return values<double>(operation);
    case Type::decimal:
      return decimals(operation);
    case Type::string:
    case Type::bytes:
    case Type::json:
      return texts(operation);
  }
  return nullptr;
}

namespace {

// Without a branch: which rows pass is often a matter of chance.
template <class Passes>
[[gnu::always_inline]] inline std::uint32_t select_rows(Selection rows, std::uint16_t* out,
                                                        Passes passes) {
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    out[count] = static_cast<std::uint16_t>(row);
    count += passes(row);
  });
  return count;
}

template <Operation operation, class T>
std::uint32_t select(const Column& left, const Column& right, Selection rows, std::uint16_t* out) {
  const bool plain = left.valid == nullptr && right.valid == nullptr;
  if (plain && left.shape == Shape::flat && right.shape == Shape::constant) {
    const T* a = left.data<T>();
    const T bound = *right.data<T>();
    return select_rows(rows, out, [=](std::uint32_t row) {
      return std::uint32_t{holds<operation, T>(a[row], bound)};
    });
  }
  return select_rows(rows, out, [&](std::uint32_t row) -> std::uint32_t {
    if (left.is_null(row) || right.is_null(row)) return 0;
    return holds<operation, T>(left.at<T>(row), right.at<T>(row));
  });
}

template <class T>
SelectKernel selections(Operation operation) {
  switch (operation) {
    case Operation::equal:
      return select<Operation::equal, T>;
    case Operation::not_equal:
      return select<Operation::not_equal, T>;
    case Operation::less:
      return select<Operation::less, T>;
    case Operation::less_equal:
      return select<Operation::less_equal, T>;
    case Operation::greater:
      return select<Operation::greater, T>;
    case Operation::greater_equal:
      return select<Operation::greater_equal, T>;
    default:
      return nullptr;
  }
}

}  // namespace

SelectKernel find_selection(Operation operation, Type operands) {
  switch (operands) {
    case Type::int32:
      return selections<std::int32_t>(operation);
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return selections<std::int64_t>(operation);
    case Type::float32:
      return selections<float>(operation);
    case Type::float64:
      return selections<double>(operation);
    case Type::boolean:
    case Type::decimal:
    case Type::string:
    case Type::bytes:
    case Type::json:
      return nullptr;
  }
  return nullptr;
}

}  // namespace eventflux::runtime
