#include "column.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "eventflux/context.hpp"

namespace eventflux::connectors::generator {
namespace {

constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ULL;

// FNV-1a: Fowler, Noll, Vo, 1991. Gives columns of one seed streams of their own.
std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

/// A generator of its own for each number of a column.
Rng rng_at(std::uint64_t seed, std::uint64_t n) {
  Rng first(seed + n * golden);
  return Rng(first.next());
}

void append_number(double value, ColumnBuilder& column) {
  switch (column.type()) {
    case Type::int32:
      return column.append(static_cast<std::int32_t>(std::llround(value)));
    case Type::int64:
      return column.append(static_cast<std::int64_t>(std::llround(value)));
    case Type::float32:
      return column.append(static_cast<float>(value));
    case Type::float64:
      return column.append(value);
    case Type::decimal: {
      auto number = parse_decimal(std::to_string(value), column.type(), Rounding::half_away);
      if (!number.ok()) return column.append(value);
      *column.extend<Int128>(1) = *number;
      return;
    }
    case Type::boolean:
    case Type::timestamp:
    case Type::duration:
    case Type::string:
    case Type::bytes:
    case Type::json:
      return column.append(value);  // refused: make_generator() takes numbers only
  }
}

class Sequence final : public ColumnGenerator {
 public:
  void append(std::uint64_t n, Timestamp, ColumnBuilder& column) override {
    if (column.type() == Type::string) {
      column.append(std::string_view(std::to_string(n)));
    } else if (column.type() == Type::timestamp) {
      column.append(Timestamp{static_cast<std::int64_t>(n) * 1'000'000});
    } else {
      append_number(static_cast<double>(n), column);
    }
  }
};

class Uniform final : public ColumnGenerator {
 public:
  Uniform(std::uint64_t seed, double low, double high) : seed_(seed), low_(low), high_(high) {}

  void append(std::uint64_t n, Timestamp, ColumnBuilder& column) override {
    Rng rng = rng_at(seed_, n);
    if (!is_integer(column.type()))
      return append_number(low_ + (high_ - low_) * rng.unit(), column);
    const auto count = static_cast<std::uint64_t>(high_ - low_) + 1;
    append_number(low_ + static_cast<double>(rng.below(count)), column);
  }

 private:
  std::uint64_t seed_;
  double low_;
  double high_;
};

class Normal final : public ColumnGenerator {
 public:
  Normal(std::uint64_t seed, double mean, double deviation)
      : seed_(seed), mean_(mean), deviation_(deviation) {}

  // Box, Muller, A note on the generation of random normal deviates, 1958.
  void append(std::uint64_t n, Timestamp, ColumnBuilder& column) override {
    Rng rng = rng_at(seed_, n);
    const double radius = std::sqrt(-2 * std::log(1 - rng.unit()));
    const double angle = 2 * std::numbers::pi * rng.unit();
    append_number(mean_ + deviation_ * radius * std::cos(angle), column);
  }

 private:
  std::uint64_t seed_;
  double mean_;
  double deviation_;
};

// A walk that can be entered at any row: the sum of noises on grids of 1, 2, 4 … rows, each read
// between its two nearest points and √2 times as strong as the one before.
// Source: Voss, Random fractal forgeries, 1985: a sum of octaves has the spectrum of a walk.
class Walk final : public ColumnGenerator {
 public:
  Walk(std::uint64_t seed, double start, double step) : seed_(seed), start_(start), step_(step) {}

  void append(std::uint64_t n, Timestamp, ColumnBuilder& column) override {
    append_number(start_ + step_ * (height(n) - height(0)), column);
  }

 private:
  static constexpr unsigned octaves = 24;

  double height(std::uint64_t n) const {
    double sum = 0;
    double strength = 1;
    for (unsigned octave = 0; octave < octaves; ++octave) {
      const std::uint64_t cell = n >> octave;
      const double inside = static_cast<double>(n - (cell << octave)) /
                            static_cast<double>(std::uint64_t{1} << octave);
      sum += strength * (noise(octave, cell) * (1 - inside) + noise(octave, cell + 1) * inside);
      strength *= std::numbers::sqrt2;
    }
    return sum;
  }

  double noise(unsigned octave, std::uint64_t cell) const {
    return rng_at(seed_ + octave, cell).unit() - 0.5;
  }

  std::uint64_t seed_;
  double start_;
  double step_;
};

class Choice final : public ColumnGenerator {
 public:
  Choice(std::uint64_t seed, std::vector<Value> values) : seed_(seed), values_(std::move(values)) {}

  void append(std::uint64_t n, Timestamp, ColumnBuilder& column) override {
    Rng rng = rng_at(seed_, n);
    column.append(values_[rng.below(values_.size())]);
  }

 private:
  std::uint64_t seed_;
  std::vector<Value> values_;
};

class Uuid final : public ColumnGenerator {
 public:
  explicit Uuid(std::uint64_t seed) : seed_(seed) {}

  // Version 4, variant 1 of RFC 9562.
  void append(std::uint64_t n, Timestamp, ColumnBuilder& column) override {
    constexpr std::string_view hex = "0123456789abcdef";
    Rng rng = rng_at(seed_, n);
    const std::array<std::uint64_t, 2> bits{(rng.next() & ~0xF000ULL) | 0x4000ULL,
                                            (rng.next() >> 2U) | 0x8000000000000000ULL};
    std::array<char, 36> text{};
    std::size_t at = 0;
    for (unsigned digit = 0; digit < 32; ++digit) {
      if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text[at++] = '-';
      text[at++] = hex[(bits[digit / 16] >> (60 - digit % 16 * 4)) & 15U];
    }
    column.append(std::string_view(text.data(), text.size()));
  }

 private:
  std::uint64_t seed_;
};

class Now final : public ColumnGenerator {
 public:
  void append(std::uint64_t, Timestamp now, ColumnBuilder& column) override { column.append(now); }
};

std::string_view default_text(Type type) {
  if (type == Type::boolean) return "choice(true|false)";
  if (is_real(type) || type == Type::decimal) return "uniform(0,1)";
  if (type == Type::timestamp) return "now";
  if (type == Type::json) return "choice({})";
  if (type == Type::duration) return "choice(1s)";
  if (type == Type::bytes) return R"(choice(\x00|\xff))";
  return "sequence";
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// `name(inside)` or a bare name.
struct Call {
  std::string_view name{};
  std::string_view inside{};
};

Call split_call(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return {text, {}};
  return {trim(text.substr(0, open)), text.substr(open + 1, text.size() - open - 2)};
}

Error unreadable(std::string_view text) {
  return {Code::invalid_value, "'" + std::string(text) + "' is nothing that can be generated",
          "write sequence, uniform(a,b), normal(m,s), choice(a|b), walk(start,step), uuid or now"};
}

Error unsuited(const Field& field, std::string_view text) {
  return {Code::type_mismatch, std::string(text) + " does not suit column '" + field.name +
                                   "', a " + std::string(type_name(field.type))};
}

std::optional<std::array<double, 2>> two_numbers(std::string_view inside) {
  const std::size_t comma = inside.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto first = parse_real(trim(inside.substr(0, comma)));
  const auto second = parse_real(trim(inside.substr(comma + 1)));
  if (!first.ok() || !second.ok()) return std::nullopt;
  return std::array{*first, *second};
}

using Made = std::unique_ptr<ColumnGenerator>;

Result<Made> make_choice(const Field& field, std::string_view inside, std::uint64_t seed) {
  std::vector<Value> values;
  while (true) {
    const std::size_t bar = std::min(inside.find('|'), inside.size());
    EF_TRY(Value value, parse_value(trim(inside.substr(0, bar)), field.type));
    values.push_back(std::move(value));
    if (bar == inside.size()) break;
    inside.remove_prefix(bar + 1);
  }
  return Made(std::make_unique<Choice>(seed, std::move(values)));
}

/// Reads the numbers of `uniform(a,b)`, `normal(m,s)` and `walk(start,step)`.
std::optional<std::array<double, 2>> numbers_of(const Call& call) {
  const auto numbers = two_numbers(call.inside);
  if (!numbers) return std::nullopt;
  const auto [a, b] = *numbers;
  const bool readable = (call.name == "uniform" && a <= b) || (call.name == "normal" && b >= 0) ||
                        call.name == "walk";
  return readable ? numbers : std::nullopt;
}

/// Makes what is described by two numbers.
Result<Made> make_of_numbers(const Field& field, std::string_view text, std::uint64_t seed) {
  const Call call = split_call(text);
  const auto numbers = numbers_of(call);
  if (!numbers) return unreadable(text);
  if (!is_numeric(field.type)) return unsuited(field, text);
  const auto [a, b] = *numbers;
  if (call.name == "uniform") return Made(std::make_unique<Uniform>(seed, a, b));
  if (call.name == "normal") return Made(std::make_unique<Normal>(seed, a, b));
  return Made(std::make_unique<Walk>(seed, a, b));
}

}  // namespace

Result<void> check_generator(const ParamValue& value) {
  const Call call = split_call(trim(value.text));
  for (const std::string_view name : {"", "choice", "now", "uuid", "sequence"})
    if (call.name == name) return {};
  return numbers_of(call) ? Result<void>() : unreadable(value.text);
}

Result<std::unique_ptr<ColumnGenerator>> make_generator(const Field& field, std::string_view text,
                                                        std::uint64_t seed) {
  text = trim(text).empty() ? default_text(field.type) : trim(text);
  const Call call = split_call(text);
  const std::uint64_t own_seed = seed * golden + hash_name(field.name);
  if (call.name == "choice") return make_choice(field, call.inside, own_seed);
  if (call.name == "now") {
    return field.type == Type::timestamp ? Result<Made>(std::make_unique<Now>())
                                         : Result<Made>(unsuited(field, text));
  }
  if (call.name == "uuid") {
    return field.type == Type::string ? Result<Made>(std::make_unique<Uuid>(own_seed))
                                      : Result<Made>(unsuited(field, text));
  }
  if (call.name == "sequence") {
    const bool fits =
        is_numeric(field.type) || field.type == Type::string || field.type == Type::timestamp;
    return fits ? Result<Made>(std::make_unique<Sequence>()) : Result<Made>(unsuited(field, text));
  }
  return make_of_numbers(field, text, own_seed);
}

}  // namespace eventflux::connectors::generator
