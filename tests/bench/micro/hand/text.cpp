#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <simdjson.h>
#include <vector>

#include "tests/bench/micro/hand/keys.hpp"
#include "tests/bench/micro/hand/line.hpp"
#include "tests/bench/micro/hand/text_loops.hpp"

namespace eventflux::bench::hand {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t line_max = 200;

/// What the queries use of a message.
struct Trade {
  Text symbol;
  std::int64_t id;
  double price;
  double quantity;
  std::int64_t time_ms;
};

/// Reads all seven fields, because the stream declares them.
class TradeReader {
 public:
  /// Shape: simdjson's padding may be read behind the payload.
  Trade read(std::span<char> payload) {
    ondemand::document document;
    std::ignore =
        parser_.iterate(payload.data(), payload.size(), payload.size() + simdjson::SIMDJSON_PADDING)
            .get(document);
    ondemand::object object = document.get_object();
    Trade trade;
    event_ms_ = object.find_field("E").get_int64().value_unsafe();
    trade.symbol = Text(object.find_field("s").get_string().value_unsafe());
    trade.id = object.find_field("t").get_int64().value_unsafe();
    trade.price = object.find_field("p").get_double_in_string().value_unsafe();
    trade.quantity = object.find_field("q").get_double_in_string().value_unsafe();
    trade.time_ms = object.find_field("T").get_int64().value_unsafe();
    maker_ = object.find_field("m").get_bool().value_unsafe();
    return trade;
  }

 private:
  ondemand::parser parser_;
  std::int64_t event_ms_ = 0;
  bool maker_ = false;
};

/// A query from lines to lines. `Query` has process(const Trade&, LineBuffer&).
template <class Query>
class Lines final : public Side {
 public:
  explicit Lines(Messages& messages)
      : messages_(messages), lines_(messages.size() * line_max + (1U << 20U)) {}

  void prepare() override { messages_.restamp(); }

  void run() override {
    lines_.clear();
    for (std::uint32_t i = 0; i < messages_.size(); ++i)
      query_.process(reader_.read(messages_[i]), lines_);
    if (checksum() == nullptr) return;
    checksum()->add(lines_.view());
    checksum()->end_row();
  }

 private:
  Messages& messages_;
  TradeReader reader_;
  LineBuffer lines_;
  Query query_;
};

/// The same from file to file, in blocks, on one thread. `Query` has finish(LineBuffer&) too.
template <class Query>
class FileLines final : public Side {
 public:
  explicit FileLines(TradeFiles& files) : files_(files), block_(block_size + spare_size) {}

  void prepare() override { files_.remove_output(); }

  void run() override {
    copy();
    if (checksum() != nullptr) files_.add_output(*checksum());
  }

 private:
  using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;
  static constexpr std::size_t block_size = 256 * 1024;
  static constexpr std::size_t spare_size = 64;
  static constexpr std::size_t line_least = 100;

  void copy() {
    Query query;
    TradeReader reader;
    LineBuffer lines(block_size / line_least * line_max);
    const File in(std::fopen(files_.input().c_str(), "rb"));
    const File out(std::fopen(files_.output().c_str(), "wb"));
    std::size_t held = 0;
    while (const std::size_t read =
               std::fread(block_.data() + held, 1, block_size - held, in.get())) {
      const std::size_t used = process({block_.data(), held + read}, query, reader, lines);
      held += read - used;
      std::memmove(block_.data(), block_.data() + used, held);
      write(lines, out);
    }
    query.finish(lines);
    write(lines, out);
  }

  /// Returns how many bytes whole lines took.
  static std::size_t process(std::span<char> block, Query& query, TradeReader& reader,
                             LineBuffer& lines) {
    std::size_t begin = 0;
    const auto* next = static_cast<char*>(std::memchr(block.data(), '\n', block.size()));
    while (next != nullptr) {
      const auto end = static_cast<std::size_t>(next - block.data());
      query.process(reader.read(block.subspan(begin, end - begin)), lines);
      begin = end + 1;
      next = static_cast<char*>(std::memchr(block.data() + begin, '\n', block.size() - begin));
    }
    return begin;
  }

  static void write(LineBuffer& lines, const File& out) {
    std::fwrite(lines.view().data(), 1, lines.view().size(), out.get());
    lines.clear();
  }

  TradeFiles& files_;
  std::vector<char> block_;
};

struct FilterQuery {
  static void process(const Trade& trade, LineBuffer& out) {
    if (!(trade.price > 60'000.0)) return;
    out.text(R"({"symbol":")")
        .text(trade.symbol.view())
        .text(R"(","price":)")
        .real(trade.price)
        .text(R"(,"quantity":)")
        .real(trade.quantity)
        .text(R"(,"id":)")
        .number(trade.id)
        .text("}\n");
  }

  static void finish(LineBuffer&) {}
};

class TumblingQuery {
 public:
  void finish(LineBuffer& out) { close(end_ms_, out); }

  void process(const Trade& trade, LineBuffer& out) {
    if (trade.time_ms >= end_ms_) close(trade.time_ms, out);
    const auto [place, added] =
        index_.try_emplace(TextKey(trade.symbol), static_cast<std::uint32_t>(groups_.size()));
    if (added) groups_.push_back({trade.symbol});
    Group& group = groups_[place->second];
    group.total += trade.quantity;
    group.price += trade.price;
    ++group.rows;
  }

 private:
  struct Group {
    Text symbol;
    double total = 0;
    double price = 0;
    std::int64_t rows = 0;
  };

  void close(std::int64_t time_ms, LineBuffer& out) {
    for (const Group& group : groups_) {
      out.text(R"({"symbol":")")
          .text(group.symbol.view())
          .text(R"(","total":)")
          .real(group.total)
          .text(R"(,"mean":)")
          .real(group.price / static_cast<double>(group.rows))
          .text(R"(,"n":)")
          .number(group.rows)
          .text("}\n");
    }
    index_.clear();
    groups_.clear();
    end_ms_ = time_ms / 1000 * 1000 + 1000;
  }

  std::int64_t end_ms_ = 0;
  Map<ByText, std::uint32_t> index_;
  std::vector<Group> groups_;
};

class LengthQuery {
 public:
  static void finish(LineBuffer&) {}

  void process(const Trade& trade, LineBuffer& out) {
    out.text(R"({"symbol":")")
        .text(trade.symbol.view())
        .text(R"(","mean":)")
        .real(rings_[TextKey(trade.symbol)].push(trade.price))
        .text(R"(,"id":)")
        .number(trade.id)
        .text("}\n");
  }

 private:
  static constexpr std::uint32_t window = 20;

  struct Ring {
    std::array<double, window> sum;
    double back = 0;
    std::uint32_t at = 0;
    std::uint32_t rows = 0;
    std::uint32_t front = 0;

    double push(double value) {
      if (rows == window) {
        if (front == 0) flip();
        --front;
      } else {
        ++rows;
      }
      sum[at] = value;
      at = at + 1 == window ? 0 : at + 1;
      back += value;
      return ((front == 0 ? 0.0 : sum[at]) + back) / static_cast<double>(rows);
    }

    void flip() {
      double all = 0;
      std::uint32_t slot = at;
      for (std::uint32_t k = 0; k < window; ++k) {
        slot = slot == 0 ? window - 1 : slot - 1;
        all += sum[slot];
        sum[slot] = all;
      }
      front = window;
      back = 0;
    }
  };

  Map<ByText, Ring> rings_;
};

}  // namespace

SidePtr file_filter(TradeFiles& files) {
  return std::make_unique<FileLines<FilterQuery>>(files);
}

SidePtr file_tumbling(TradeFiles& files) {
  return std::make_unique<FileLines<TumblingQuery>>(files);
}

SidePtr file_length(TradeFiles& files) {
  return std::make_unique<FileLines<LengthQuery>>(files);
}

SidePtr text_filter(Messages& messages) {
  return std::make_unique<Lines<FilterQuery>>(messages);
}

SidePtr text_tumbling(Messages& messages) {
  return std::make_unique<Lines<TumblingQuery>>(messages);
}

SidePtr text_length(Messages& messages) {
  return std::make_unique<Lines<LengthQuery>>(messages);
}

}  // namespace eventflux::bench::hand
