#include "runtime/state/page_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <sys/stat.h>

// The structures of mdb.c (LMDB 0.9.24) that the file consists of. Any number read from the file is
// taken as a claim: it is compared with the bounds of the page or the file before it is used.

namespace eventflux::runtime {
namespace {

using PageNumber = std::uint64_t;
constexpr PageNumber no_page = ~PageNumber{0};
constexpr std::uint32_t magic = 0xBEEFC0DE;
constexpr std::uint32_t data_version = 1;
constexpr std::size_t page_header = 16;
constexpr std::size_t node_header = 8;
constexpr std::size_t key_max = 511;
constexpr unsigned depth_max = 32;  // CURSOR_STACK of mdb.c

enum PageFlag : std::uint16_t {
  branch_page = 0x01,
  leaf_page = 0x02,
  overflow_page = 0x04,
  meta_page = 0x08,
};

enum NodeFlag : std::uint16_t {
  big_data = 0x01,  // the value stands on overflow pages
  sub_tree = 0x02,  // the value is the description of a tree
};

struct Tree {
  std::uint32_t pad;  // in the free list's: the size of a page
  std::uint16_t flags;
  std::uint16_t depth;
  PageNumber branch_pages;
  PageNumber leaf_pages;
  PageNumber overflow_pages;
  std::uint64_t entries;
  PageNumber root;
};

static_assert(sizeof(Tree) == 48);

struct Meta {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t address;
  std::uint64_t map_size;
  Tree free_list;
  Tree main;
  PageNumber last_page;
  std::uint64_t transaction;
};

static_assert(sizeof(Meta) == 136);

template <class T>
T read_at(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The bounds of the keys below a page; an empty `end` has none.
struct KeyRange {
  std::string begin;
  std::optional<std::string> end;
};

class PageWalk {
 public:
  PageWalk(int file, std::uint64_t file_size) : file_(file), file_size_(file_size) {}

  std::string run();

 private:
  struct Node {
    std::uint32_t low;  // of a branch: the low half of the page number; of a leaf: value size
    std::uint16_t flags;
    std::string_view key;
    std::size_t value_at;
  };

  bool read_metas();
  bool read_page(PageNumber number, std::string& bytes);
  bool use_page(PageNumber number);
  bool fail(std::string what);
  bool read_node(std::string_view page, std::size_t index, std::size_t lower, Node& node);
  bool walk_free_list(const Meta& meta);
  bool walk_tree(const Tree& tree, bool free_list);
  bool walk_page(PageNumber number, unsigned depth, const KeyRange& range);
  bool walk_branch(std::string_view page, std::size_t nodes, std::size_t lower, unsigned depth,
                   const KeyRange& range);
  bool walk_leaf(std::string_view page, std::size_t nodes, std::size_t lower,
                 const KeyRange& range);
  bool check_value(std::string_view page, const Node& node);
  bool check_overflow(PageNumber first, std::uint32_t size, std::string* value);
  bool check_free_list(std::string_view key, std::string_view ids);
  bool in_order(std::string_view before, std::string_view after) const;

  int file_;
  std::uint64_t file_size_;
  std::size_t page_size_ = 0;
  Meta newer_{};
  Meta older_{};
  Meta meta_{};  // the one whose pages are walked
  std::uint64_t newest_free_ = 0;
  std::vector<bool> used_;
  bool in_free_list_ = false;
  unsigned leaf_depth_ = 0;
  std::uint64_t entries_ = 0;
  std::vector<Tree> sub_trees_;
  bool in_main_ = false;
  std::string what_;
};

bool PageWalk::fail(std::string what) {
  if (what_.empty()) what_ = std::move(what);
  return false;
}

bool PageWalk::read_page(PageNumber number, std::string& bytes) {
  bytes.resize(page_size_);
  const auto at = static_cast<off_t>(number * page_size_);
  if (::pread(file_, bytes.data(), page_size_, at) != static_cast<ssize_t>(page_size_))
    return fail("page " + std::to_string(number) + " cannot be read");
  return true;
}

bool valid_page_size(std::uint64_t size) {
  return std::has_single_bit(size) && size >= 512 && size <= 65536;
}

/// Both meta pages have to be whole: LMDB itself refuses a file where one is not, and one that was
/// exchanged for the other would take the store back in time.
bool PageWalk::read_metas() {
  std::string first(page_header + sizeof(Meta), '\0');
  if (::pread(file_, first.data(), first.size(), 0) != static_cast<ssize_t>(first.size()))
    return fail("the first page is missing");
  page_size_ = read_at<Meta>(first, page_header).free_list.pad;
  if (!valid_page_size(page_size_) || file_size_ < 2 * page_size_)
    return fail("the size of a page is not valid");
  std::array<Meta, 2> metas{};
  std::string bytes;
  for (PageNumber number = 0; number < 2; ++number) {
    if (!read_page(number, bytes)) return false;
    const Meta& meta = metas[number] = read_at<Meta>(bytes, page_header);
    const bool whole = read_at<PageNumber>(bytes, 0) == number &&
                       read_at<std::uint16_t>(bytes, 10) == meta_page && meta.magic == magic &&
                       meta.version == data_version && meta.free_list.pad == page_size_;
    if (!whole) return fail("meta page " + std::to_string(number) + " is not valid");
  }
  const bool alike = metas[0].free_list.flags == metas[1].free_list.flags &&
                     metas[0].main.flags == 0 && metas[1].main.flags == 0;
  const std::uint64_t first_transaction = metas[0].transaction;
  const std::uint64_t second_transaction = metas[1].transaction;
  const bool new_file = first_transaction == 0 && second_transaction == 0;
  const bool follow =
      first_transaction + 1 == second_transaction || second_transaction + 1 == first_transaction;
  if (!alike || !(follow || new_file)) return fail("the meta pages contradict each other");
  newer_ = metas[second_transaction > first_transaction ? 1 : 0];
  older_ = metas[second_transaction > first_transaction ? 0 : 1];
  return true;
}

/// Walks the free list as of one meta page. A transaction frees the pages that it replaces, so its
/// own number is the highest in the list: a meta page whose number is damaged shows here, also when
/// it could be that of another transaction.
bool PageWalk::walk_free_list(const Meta& meta) {
  meta_ = meta;
  if (meta_.last_page < 1 || meta_.last_page >= file_size_ / page_size_)
    return fail("the file was cut short");
  used_.assign(meta_.last_page + 1, false);
  used_[0] = used_[1] = true;
  newest_free_ = 0;
  if (!walk_tree(meta_.free_list, true)) return false;
  // The first two make the tables and find nothing to replace.
  return meta_.transaction <= 2 || newest_free_ == meta_.transaction
             ? true
             : fail("the number of a transaction is not valid");
}

bool PageWalk::use_page(PageNumber number) {
  if (number > meta_.last_page) return fail("a page number lies outside the file");
  if (used_[number]) return fail("page " + std::to_string(number) + " is used twice");
  used_[number] = true;
  return true;
}

/// The order of the keys: page numbers in the free list, bytes in all other trees.
bool PageWalk::in_order(std::string_view before, std::string_view after) const {
  if (!in_free_list_) return before < after;
  return read_at<std::uint64_t>(before, 0) < read_at<std::uint64_t>(after, 0);
}

bool PageWalk::read_node(std::string_view page, std::size_t index, std::size_t lower, Node& node) {
  const std::size_t at = read_at<std::uint16_t>(page, page_header + 2 * index);
  if (at < lower || at + node_header > page.size() || at % 2 != 0)
    return fail("an entry lies outside its page");
  node.low = read_at<std::uint16_t>(page, at) |
             static_cast<std::uint32_t>(read_at<std::uint16_t>(page, at + 2)) << 16U;
  node.flags = read_at<std::uint16_t>(page, at + 4);
  const std::size_t key_size = read_at<std::uint16_t>(page, at + 6);
  if (key_size > key_max || at + node_header + key_size > page.size())
    return fail("a key lies outside its page");
  node.key = page.substr(at + node_header, key_size);
  node.value_at = at + node_header + key_size;
  return true;
}

bool PageWalk::walk_tree(const Tree& tree, bool free_list) {
  in_free_list_ = free_list;
  leaf_depth_ = tree.depth;
  entries_ = 0;
  if (tree.root == no_page)
    return tree.entries == 0 && tree.depth == 0 ? true : fail("a tree has no root");
  if (tree.depth == 0 || tree.depth > depth_max) return fail("the depth of a tree is not valid");
  if (!walk_page(tree.root, 1, {})) return false;
  return entries_ == tree.entries ? true : fail("a tree has lost entries");
}

bool PageWalk::walk_page(PageNumber number, unsigned depth, const KeyRange& range) {
  if (!use_page(number)) return false;
  std::string page;
  if (!read_page(number, page)) return false;
  const auto flags = read_at<std::uint16_t>(page, 10);
  const std::size_t lower = read_at<std::uint16_t>(page, 12);
  const std::size_t upper = read_at<std::uint16_t>(page, 14);
  const auto expected = depth == leaf_depth_ ? leaf_page : branch_page;
  if (read_at<PageNumber>(page, 0) != number || flags != expected)
    return fail("page " + std::to_string(number) + " is not the one that belongs there");
  if (lower < page_header || lower > upper || upper > page_size_ || lower % 2 != 0)
    return fail("the bounds of page " + std::to_string(number) + " are not valid");
  const std::size_t nodes = (lower - page_header) / 2;
  if (nodes == 0) return fail("page " + std::to_string(number) + " is empty");
  return expected == leaf_page ? walk_leaf(page, nodes, upper, range)
                               : walk_branch(page, nodes, upper, depth, range);
}

bool PageWalk::walk_branch(std::string_view page, std::size_t nodes, std::size_t lower,
                           unsigned depth, const KeyRange& range) {
  Node node{};
  KeyRange below{range.begin, {}};
  std::vector<std::pair<PageNumber, std::string>> children;
  for (std::size_t i = 0; i < nodes; ++i) {
    if (!read_node(page, i, lower, node)) return false;
    if (in_free_list_ && i != 0 && node.key.size() != sizeof(std::uint64_t))
      return fail("a key of the free list is not valid");
    const PageNumber child = node.low | static_cast<PageNumber>(node.flags) << 32U;
    // The first key of a branch is not used and may hold anything.
    children.emplace_back(child, i == 0 ? range.begin : std::string(node.key));
  }
  for (std::size_t i = 0; i < nodes; ++i) {
    below.begin = children[i].second;
    below.end = i + 1 < nodes ? std::optional(children[i + 1].second) : range.end;
    if (i != 0 && !children[i - 1].second.empty() && !in_order(children[i - 1].second, below.begin))
      return fail("the keys of a page are out of order");
    if (!walk_page(children[i].first, depth + 1, below)) return false;
  }
  return true;
}

bool PageWalk::walk_leaf(std::string_view page, std::size_t nodes, std::size_t lower,
                         const KeyRange& range) {
  Node node{};
  std::string before;
  for (std::size_t i = 0; i < nodes; ++i) {
    if (!read_node(page, i, lower, node)) return false;
    if (in_free_list_ && node.key.size() != sizeof(std::uint64_t))
      return fail("a key of the free list is not valid");
    const bool ordered = i == 0 || in_order(before, node.key);
    const bool inside = (range.begin.empty() || !in_order(node.key, range.begin)) &&
                        (!range.end || in_order(node.key, *range.end));
    if (node.key.empty() || !ordered || !inside) return fail("the keys of a page are out of order");
    before = node.key;
    ++entries_;
    if (!check_value(page, node)) return false;
  }
  return true;
}

bool PageWalk::check_value(std::string_view page, const Node& node) {
  std::string long_value;
  std::string_view value;
  if (node.flags == big_data) {
    if (node.value_at + sizeof(PageNumber) > page.size())
      return fail("a value lies outside its page");
    const auto first = read_at<PageNumber>(page, node.value_at);
    if (!check_overflow(first, node.low, in_free_list_ ? &long_value : nullptr)) return false;
    value = long_value;
  } else {
    const bool is_tree = node.flags == sub_tree;
    if (node.flags != 0 && !is_tree) return fail("an entry is of no kind that is written");
    if (is_tree != in_main_ || node.value_at + node.low > page.size())
      return fail("a value lies outside its page");
    value = page.substr(node.value_at, node.low);
  }
  if (in_free_list_) return check_free_list(node.key, value);
  if (!in_main_) return true;
  if (value.size() != sizeof(Tree)) return fail("the description of a tree is not valid");
  sub_trees_.push_back(read_at<Tree>(value, 0));
  return sub_trees_.back().flags == 0 ? true : fail("the kind of a tree is not valid");
}

bool PageWalk::check_overflow(PageNumber first, std::uint32_t size, std::string* value) {
  const std::uint64_t pages = (page_header - 1 + size) / page_size_ + 1;
  if (first > meta_.last_page || pages > meta_.last_page - first + 1)
    return fail("a long value lies outside the file");
  for (PageNumber number = first; number < first + pages; ++number)
    if (!use_page(number)) return false;
  std::string page;
  if (!read_page(first, page)) return false;
  const bool whole = read_at<PageNumber>(page, 0) == first &&
                     read_at<std::uint16_t>(page, 10) == overflow_page &&
                     read_at<std::uint32_t>(page, 12) == pages;
  if (!whole) return fail("page " + std::to_string(first) + " is not the one that belongs there");
  if (value == nullptr) return true;
  value->resize(size);
  const auto at = static_cast<off_t>(first * page_size_ + page_header);
  return ::pread(file_, value->data(), size, at) == static_cast<ssize_t>(size)
             ? true
             : fail("the free list cannot be read");
}

/// The value counts the page numbers that follow, the highest first.
bool PageWalk::check_free_list(std::string_view key, std::string_view ids) {
  newest_free_ = std::max(newest_free_, read_at<std::uint64_t>(key, 0));
  const bool dated = newest_free_ <= meta_.transaction;
  if (!dated || ids.size() < sizeof(PageNumber)) return fail("the free list is not valid");
  const auto count = read_at<PageNumber>(ids, 0);
  if (count > ids.size() / sizeof(PageNumber) - 1) return fail("the free list is not valid");
  for (std::size_t i = 1; i <= count; ++i)
    if (!use_page(read_at<PageNumber>(ids, i * sizeof(PageNumber)))) return false;
  return true;
}

std::string PageWalk::run() {
  if (!read_metas()) return what_;
  // The older one only tells whether it is what it says; nothing else of it is used.
  if (!walk_free_list(older_) || !walk_free_list(newer_)) return what_;
  in_main_ = true;
  const bool main = walk_tree(meta_.main, false);
  in_main_ = false;
  if (!main) return what_;
  for (std::size_t i = 0; i < sub_trees_.size(); ++i)
    if (!walk_tree(sub_trees_[i], false)) return what_;
  return {};
}

}  // namespace

Result<std::string> check_pages(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);

  struct stat status {};

  if (file < 0 || ::fstat(file, &status) != 0) {
    const int code = errno;
    if (file >= 0) ::close(file);
    return Error{Code::store_failed,
                 "cannot read " + path + ": " + std::generic_category().message(code)};
  }
  std::string found = PageWalk(file, static_cast<std::uint64_t>(status.st_size)).run();
  ::close(file);
  return found;
}

}  // namespace eventflux::runtime
