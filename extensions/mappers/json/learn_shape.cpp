// Walks a valid document along with the plan, as the decoder does, and writes down what it meets.
// Everything between two scalars is literal, so a payload that follows the shape has the same keys,
// nesting and blanks, and what the decoder found out about them holds for it too.
#include "learn_shape.hpp"

#include <algorithm>

namespace eventflux::mappers::json {
namespace {

constexpr std::size_t steps_max = 256;
constexpr std::size_t text_max = std::size_t{16} * 1024;
constexpr int values_max = 4096;
constexpr int marks_max = 8;
constexpr NodeId root_row = no_node - 2;  ///< Elements of a root array that are rows themselves.

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

class Learner {
 public:
  Learner(std::string_view payload, const Plan& plan, const DecoderSpec& spec, Scalars& scalars)
      : plan_(plan),
        spec_(spec),
        scalars_(scalars),
        next_(payload.data()),
        literal_(payload.data()),
        end_(payload.data() + payload.size()),
        bound_(spec.fields.size(), 0) {}

  std::optional<Shape> run() {
    skip_blanks();
    if (next_ == end_ || (*next_ != '{' && *next_ != '[')) return std::nullopt;
    const Node& root = plan_.nodes[0];
    const bool spread =
        plan_.row == 0 && root.elements.empty() && root.columns.empty() && *next_ == '[';
    const bool learned = spread ? array(root_row, {}) : plan_.row == 0 ? row(0) : value(0);
    if (!learned) return std::nullopt;
    skip_blanks();
    if (next_ != end_ || !emit(Act::end)) return std::nullopt;
    shape_.text.append(8, '\0');
    return std::move(shape_);
  }

 private:
  using Elements = std::vector<std::pair<std::size_t, NodeId>>;

  void skip_blanks() {
    while (next_ != end_ && is_blank(*next_))
      ++next_;
  }

  /// Adds a step with the text since the last one as its literal.
  bool emit(Act act, std::uint32_t column = 0, std::int32_t jump = 0) {
    const std::string_view literal(literal_, static_cast<std::size_t>(next_ - literal_));
    if (shape_.steps.size() == steps_max || shape_.text.size() + literal.size() > text_max)
      return false;
    ShapeStep step{.act = act, .column = column, .jump = jump};
    step.literal = static_cast<std::uint32_t>(shape_.text.size());
    step.length = static_cast<std::uint32_t>(literal.size());
    const std::size_t head = std::min<std::size_t>(literal.size(), 8);
    std::memcpy(&step.head, literal.data(), head);
    if (head > 0) step.mask = ~std::uint64_t{0} >> (8 * (8 - head));
    shape_.text += literal;
    shape_.steps.push_back(step);
    literal_ = next_;
    return true;
  }

  bool value(NodeId id) {
    if (++values_ > values_max) return false;
    if (id == root_row) return row(0);
    const Node* node = id == no_node ? nullptr : &plan_.nodes[id];
    if (node != nullptr && node->row != no_node) return *next_ == 'n' ? word(4) : row(node->row);
    return *next_ == '{' || *next_ == '[' ? container(node) : scalar(node);
  }

  bool row(NodeId id) {
    std::fill(bound_.begin(), bound_.end(), 0);
    if (!value(id)) return false;
    for (const std::uint32_t column : plan_.row_columns) {
      const bool fallback = !spec_.fields[column].default_value.is_null();
      if (bound_[column] == 0 && !emit(fallback ? Act::default_value : Act::null, column))
        return false;
    }
    return emit(Act::end_row);
  }

  bool container(const Node* node) {
    const bool bound = node != nullptr && !node->columns.empty();
    if (bound && (++marks_ > marks_max || !emit(Act::mark))) return false;
    const bool learned = *next_ == '{' ? object(node)
                                       : array(node == nullptr ? no_node : node->every,
                                               node == nullptr ? Elements{} : node->elements);
    if (!learned || !bound) return learned;
    --marks_;
    return emit(Act::span, node->columns[0]) && bind(*node);
  }

  bool object(const Node* node) {
    std::vector<NodeId> seen;
    ++next_;
    skip_blanks();
    while (*next_ != '}') {
      const char* key = next_;
      skip_text();
      const auto name = scalars_.unquote({key, static_cast<std::size_t>(next_ - key)});
      if (!name.ok()) return false;
      const NodeId child = node == nullptr ? no_node : member(*node, *name);
      if (child != no_node && std::find(seen.begin(), seen.end(), child) != seen.end())
        return false;
      seen.push_back(child);
      skip_blanks();
      ++next_;  // the colon
      skip_blanks();
      if (!value(child)) return false;
      skip_blanks();
      if (*next_ == ',') ++next_;
      skip_blanks();
    }
    ++next_;
    return true;
  }

  static NodeId member(const Node& node, std::string_view name) {
    for (const auto& [member, id] : node.members)
      if (member == name) return id;
    return no_node;
  }

  // Elements of one shape become a loop; others stand one after another when none is a row.
  bool array(NodeId every, const Elements& elements) {
    ++next_;
    if (*next_ == ']') return word(1);
    if (!elements.empty()) return listed(every, elements);
    const char* const begin = next_;
    const char* const literal = literal_;
    const std::size_t steps = shape_.steps.size();
    const std::size_t text = shape_.text.size();
    if (looped(every)) return true;
    if (every != no_node) return false;
    next_ = begin;
    literal_ = literal;
    shape_.steps.resize(steps);
    shape_.text.resize(text);
    return listed(every, elements);
  }

  bool listed(NodeId every, const Elements& elements) {
    for (std::size_t index = 0; *next_ != ']'; ++index) {
      NodeId target = every;
      for (const auto& [wanted, child] : elements)
        if (wanted == index) target = child;
      skip_blanks();
      if (*next_ == ']') break;
      if (!value(target)) return false;
      skip_blanks();
      if (*next_ == ',') ++next_;
    }
    return word(1);
  }

  bool looped(NodeId every) {
    const std::size_t open = shape_.steps.size();
    if (!emit(Act::open_loop)) return false;
    const std::size_t first = shape_.steps.size();
    for (bool more = true; more;) {
      const std::size_t begin = shape_.steps.size();
      if (!value(every)) return false;
      const auto back =
          static_cast<std::int32_t>(begin) - static_cast<std::int32_t>(shape_.steps.size());
      if (!emit(Act::next_element, 0, back) || (*next_ != ',' && *next_ != ']')) return false;
      more = *next_ == ',';
      ++next_;
      if (more && *next_ == ' ') ++next_;
      literal_ = next_;
      if (begin != first && !drop_repeated(first, begin)) return false;
    }
    shape_.steps[open].jump = static_cast<std::int32_t>(shape_.steps.size() - open);
    return true;
  }

  /// Drops the steps from `begin` on if they repeat those between `first` and `begin`.
  bool drop_repeated(std::size_t first, std::size_t begin) {
    const auto from = [&](std::size_t step) {
      return shape_.steps.begin() + static_cast<std::ptrdiff_t>(step);
    };
    const auto same = [&](const ShapeStep& a, const ShapeStep& b) {
      return a.act == b.act && a.column == b.column && a.jump == b.jump &&
             shape_.literal(a) == shape_.literal(b);
    };
    if (!std::equal(from(first), from(begin), from(begin), shape_.steps.end(), same)) return false;
    shape_.text.resize(shape_.steps[begin].literal);
    shape_.steps.resize(begin);
    return true;
  }

  bool word(std::size_t length) {
    next_ += length;
    return true;
  }

  bool scalar(const Node* node) {
    if (*next_ == 'n') return word(4);
    const bool bound = node != nullptr && !node->columns.empty();
    const Type type = bound ? spec_.fields[node->columns[0]].type : Type(Type::string);
    const bool text = *next_ == '"';
    const Act act = scalar_act(*next_, bound, type);
    if (text) ++next_;
    if (!emit(act, bound ? node->columns[0] : 0)) return false;
    if (text) {
      --next_;
      skip_text();
      --next_;  // the next literal begins with the quote
    } else {
      skip_word();
    }
    literal_ = next_;
    if (text) ++next_;
    return !bound || bind(*node);
  }

  static Act scalar_act(char first, bool bound, Type type) {
    if (first == '"') return text_act(bound, type);
    return first == 't' || first == 'f' ? truth_act(bound, type) : number_act(bound, type);
  }

  static Act number_act(bool bound, Type type) {
    if (!bound) return Act::number_skip;
    if (type == Type::float64) return Act::number_real;
    if (type == Type::int64) return Act::number_whole;
    return type == Type::timestamp ? Act::number_time : Act::number_other;
  }

  static Act text_act(bool bound, Type type) {
    if (!bound) return Act::text_skip;
    if (type == Type::float64) return Act::text_real;
    if (type == Type::int64) return Act::text_whole;
    return type == Type::string ? Act::text_text : Act::text_other;
  }

  static Act truth_act(bool bound, Type type) {
    if (!bound) return Act::boolean_skip;
    return type == Type::boolean ? Act::boolean_flag : Act::boolean_other;
  }

  /// Gives the value that was just read to the other columns of its node.
  bool bind(const Node& node) {
    bound_[node.columns[0]] = 1;
    for (std::size_t i = 1; i < node.columns.size(); ++i) {
      bound_[node.columns[i]] = 1;
      // What stands in front of the value is compared once; the rest of it belongs to the next.
      const char* after = next_;
      next_ = literal_;
      if (!emit(Act::again, node.columns[i])) return false;
      next_ = after;
    }
    return true;
  }

  /// Skips a number, `true` or `false`.
  void skip_word() {
    while (next_ != end_ && !is_blank(*next_) && *next_ != ',' && *next_ != ']' && *next_ != '}')
      ++next_;
  }

  void skip_text() {
    for (++next_; *next_ != '"'; ++next_)
      if (*next_ == '\\') ++next_;
    ++next_;
  }

  const Plan& plan_;
  const DecoderSpec& spec_;
  Scalars& scalars_;
  const char* next_;
  const char* literal_;  ///< Where the text begins that no step has compared yet.
  const char* end_;
  std::vector<std::uint8_t> bound_;  ///< By column: has its value in the row at hand.
  int values_ = 0;
  int marks_ = 0;
  Shape shape_{};
};

}  // namespace

std::optional<Shape> learn_shape(std::string_view payload, const Plan& plan,
                                 const DecoderSpec& spec, Scalars& scalars) {
  if (payload.size() > text_max) return std::nullopt;
  return Learner(payload, plan, spec, scalars).run();
}

}  // namespace eventflux::mappers::json
