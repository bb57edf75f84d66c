#include "runtime/kernel/kernel.hpp"

#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/expression/evaluator.hpp"

namespace eventflux::runtime {
namespace {

struct Rows {
  std::vector<std::int64_t> values;
  std::vector<std::uint64_t> valid;

  Column column() const { return {Type::int64, Shape::flat, values.data(), valid.data()}; }
};

}  // namespace

TEST_CASE("a kernel reads validity no further than its rows") {
  // One word of bits each: a read behind it is one that a sanitizer or valgrind reports.
  const Rows a{{1, 2, 3}, {0b101}};
  const Rows b{{1, 1, 1}, {0b011}};
  ColumnVector result(Type::int64);
  Arena arena;
  RowErrors errors;
  ColumnWriter out = result.writer(&arena);
  const Column left = a.column();
  const Column right = b.column();
  KernelCall call{left, right, {nullptr, 3}, out, errors};
  find_kernel(Operation::add, Type::int64)(call);
  const Column sum = result.column(out);
  CHECK(sum.at<std::int64_t>(0) == 2);
  CHECK(sum.is_null(1));
  CHECK(sum.is_null(2));
  CHECK(errors.empty());
}

TEST_CASE("integer overflow fails its row and no other, and never a NULL") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Rows a{{most, 1, most}, {0b011}};
  const Rows b{{1, 1, 1}, {0b111}};
  ColumnVector result(Type::int64);
  Arena arena;
  RowErrors errors;
  ColumnWriter out = result.writer(&arena);
  const Column left = a.column();
  const Column right = b.column();
  KernelCall call{left, right, {nullptr, 3}, out, errors};
  find_kernel(Operation::add, Type::int64)(call);
  REQUIRE(errors.entries().size() == 1);
  CHECK(errors.entries()[0].row == 0);
  CHECK(code_text(errors.entries()[0].error.code) == "EF0603");
}

}  // namespace eventflux::runtime
