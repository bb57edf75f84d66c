#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "eventflux/mapper.hpp"

#include "key_table.hpp"
#include "path.hpp"

namespace eventflux::mappers::json {

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = ~NodeId{0};

/// A place in the document that something is bound to, or that lies on the way to one.
struct Node {
  std::vector<std::pair<std::string, NodeId>> members{};
  std::vector<std::pair<std::size_t, NodeId>> elements{};
  NodeId every = no_node;  ///< `[*]`
  NodeId row = no_node;    ///< Every value here becomes a row, bound from that node on.
  std::vector<std::uint32_t> columns{};  ///< Columns that take the value itself.
  std::uint32_t sole = no_node;          ///< The column of a leaf that has just one.

  // What the decoder remembers between and within payloads.
  KeyTable keys{};  ///< Of members, and of fields that nobody takes.
  std::uint64_t visit = 0;
  std::uint32_t rows_before = 0;

  bool leaf() const {
    return members.empty() && elements.empty() && every == no_node && row == no_node;
  }
};

/// Which value goes into which column, as trees that are walked along with the document.
/// Shape: nodes[0] is the payload; the row tree begins at `row`, which is 0 without EACH.
struct Plan {
  std::vector<Node> nodes{};
  NodeId row = 0;
  std::vector<std::uint32_t> row_columns{};      ///< Bound in the row tree.
  std::vector<std::uint32_t> payload_columns{};  ///< One value for all rows of a payload.
  std::vector<std::uint32_t> whole_columns{};    ///< `$`: among payload_columns.
};

/// Makes the plan of a decoder; `mapping` holds paths by column.
/// Fails: EF0108 for a path, EF0203 for a mapping of no column.
Result<Plan> make_plan(const DecoderSpec& spec, const std::map<std::string, std::string>& mapping);

}  // namespace eventflux::mappers::json
