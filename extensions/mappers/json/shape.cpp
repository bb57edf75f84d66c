// Invariant: a step begins within the payload or at its end, so whatever its act reads at once, at
// most 56 bytes, stays within the spare bytes behind the payload.
#include "shape.hpp"

#include <algorithm>
#include <array>

#include "plain_value.hpp"

namespace eventflux::mappers::json {
namespace {

constexpr std::size_t marks_max = 8;

class Follower {
 public:
  Follower(const Shape& shape, std::string_view payload, const RowTarget& target)
      : shape_(shape),
        target_(target),
        next_(payload.data()),
        end_(payload.data() + payload.size()) {}

  ShapeOutcome run() {
    const ShapeStep* step = shape_.steps.data();
    while (matches(*step) && act(*step)) {
      if (step->act == Act::end) {
        outcome_.followed = true;
        break;
      }
      step += jump_;
    }
    return outcome_;
  }

 private:
  bool matches(const ShapeStep& step) {
    if (end_ - next_ < static_cast<std::ptrdiff_t>(step.length)) return false;
    if (((load_word(next_) ^ step.head) & step.mask) != 0) return false;
    if (step.length > 8 &&
        std::memcmp(next_ + 8, shape_.text.data() + step.literal + 8, step.length - 8) != 0)
      return false;
    next_ += step.length;
    return true;
  }

  bool act(const ShapeStep& step) {
    jump_ = 1;
    switch (step.act) {
      case Act::number_skip:
      case Act::number_real:
      case Act::number_whole:
      case Act::number_time:
      case Act::number_other:
        return number(step);
      case Act::text_real:
      case Act::text_whole:
        return number_in_text(step);
      case Act::text_skip:
      case Act::text_text:
      case Act::text_other:
        return text(step);
      case Act::boolean_skip:
      case Act::boolean_flag:
      case Act::boolean_other:
        return boolean(step);
      default:
        return structure(step);
    }
  }

  ColumnBuilder& column(const ShapeStep& step) {
    outcome_.touched = true;
    return target_.rows.column(step.column);
  }

  bool append(const ShapeStep& step) { return target_.scalars.append(token_, column(step)).ok(); }

  bool number(const ShapeStep& step) {
    const ShortNumber number = read_short(next_);
    if (number.end == nullptr) return false;
    token_ = {next_, static_cast<std::size_t>(number.end - next_)};
    next_ = number.end;
    if (step.act == Act::number_skip) return true;
    return append_number(number, step);
  }

  // A number between quotes is taken as such when nothing else stands there.
  bool number_in_text(const ShapeStep& step) {
    const ShortNumber number = read_short(next_);
    if (number.end == nullptr || *number.end != '"') return text(step);
    token_ = {next_ - 1, static_cast<std::size_t>(number.end - next_) + 2};
    next_ = number.end;
    return append_number(number, step);
  }

  bool append_number(const ShortNumber& number, const ShapeStep& step) {
    return append_short(number, target_.scalars.unit(), column(step)) || append(step);
  }

  bool text(const ShapeStep& step) {
    const char* close = plain_end(next_, end_);
    if (close == nullptr) return false;
    const auto length = static_cast<std::size_t>(close - next_);
    const std::string_view inner(next_, length);
    token_ = {next_ - 1, length + 2};
    next_ = close;
    if (step.act == Act::text_skip) return true;
    if (step.act != Act::text_text) return append(step);
    append_plain(inner, column(step));
    return true;
  }

  bool boolean(const ShapeStep& step) {
    const Truth truth = read_truth(next_);
    if (truth.length == 0) return false;
    token_ = {next_, truth.length};
    next_ += truth.length;
    if (step.act == Act::boolean_skip) return true;
    if (step.act == Act::boolean_other) return append(step);
    column(step).append(truth.yes);
    return true;
  }

  bool structure(const ShapeStep& step) {
    switch (step.act) {
      case Act::again:
        return append(step);
      case Act::mark:
        marks_[mark_count_++] = next_;
        return true;
      case Act::span:
        token_ = {marks_[mark_count_ - 1],
                  static_cast<std::size_t>(next_ - marks_[mark_count_ - 1])};
        --mark_count_;
        return append(step);
      case Act::open_loop:
        if (*next_ != ']') return true;
        ++next_;
        jump_ = step.jump;
        return true;
      case Act::next_element:
        return next_element(step);
      default:
        return row(step);
    }
  }

  bool next_element(const ShapeStep& step) {
    const char c = *next_++;
    if (c != ',') return c == ']';
    if (*next_ == ' ') ++next_;
    jump_ = step.jump;
    return true;
  }

  bool row(const ShapeStep& step) {
    switch (step.act) {
      case Act::null:
        column(step).append_null();
        return true;
      case Act::default_value:
        column(step).append(target_.spec.fields[step.column].default_value);
        return true;
      case Act::end_row:
        ++outcome_.rows;
        return true;
      default:
        return next_ == end_;
    }
  }

  const Shape& shape_;
  const RowTarget& target_;
  const char* next_;
  const char* end_;
  std::string_view token_{};  ///< The value before, with its quotes.
  std::array<const char*, marks_max> marks_{};
  std::size_t mark_count_ = 0;
  std::int32_t jump_ = 1;
  ShapeOutcome outcome_{};
};

}  // namespace

bool operator==(const Shape& left, const Shape& right) {
  const auto same = [&](const ShapeStep& a, const ShapeStep& b) {
    return a.act == b.act && a.column == b.column && a.jump == b.jump &&
           left.literal(a) == right.literal(b);
  };
  return std::equal(left.steps.begin(), left.steps.end(), right.steps.begin(), right.steps.end(),
                    same);
}

ShapeOutcome follow(const Shape& shape, std::string_view payload, const RowTarget& target) {
  return Follower(shape, payload, target).run();
}

}  // namespace eventflux::mappers::json
