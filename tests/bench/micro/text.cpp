#include "tests/bench/micro/file_engine.hpp"
#include "tests/bench/micro/hand/text_loops.hpp"
#include "tests/bench/micro/suite.hpp"
#include "tests/bench/micro/text_engine.hpp"

namespace eventflux::bench {
namespace {

constexpr double in_ceiling = 1.6;
constexpr double out_ceiling = 1.5;
constexpr double text_ceiling = 1.8;
constexpr std::uint32_t message_count = 16'384;  // 2.3 MB
constexpr std::uint32_t file_rounds = 16;        // 36 MB
constexpr std::uint32_t symbols = 100;
constexpr std::uint32_t row_count = 262'144;
constexpr std::uint32_t keys = 10'000;

struct TextQuery {
  std::string name;
  std::string out;
  std::string select;
  SidePtr (*hand)(Messages&);
  SidePtr (*hand_of_files)(TradeFiles&);
};

const std::vector<TextQuery>& queries() {
  static const std::vector<TextQuery> all{
      {"filter", "symbol STRING, price DOUBLE, quantity DOUBLE, id BIGINT",
       "SELECT s AS symbol, p AS price, q AS quantity, t AS id FROM Trades WHERE p > 60000.0",
       hand::text_filter, hand::file_filter},
      {"TUMBLING(1 s) group by", "symbol STRING, total DOUBLE, mean DOUBLE, n BIGINT",
       "SELECT s AS symbol, sum(q) AS total, avg(p) AS mean, count(*) AS n "
       "FROM Trades WINDOW TUMBLING(1 SECOND) GROUP BY s",
       hand::text_tumbling, hand::file_tumbling},
      {"LENGTH(20) per row", "symbol STRING, mean DOUBLE, id BIGINT",
       "SELECT s AS symbol, avg(p) AS mean, t AS id FROM Trades WINDOW LENGTH(20) PER (s) "
       "GROUP BY s",
       hand::text_length, hand::file_length}};
  return all;
}

// Only the window of time needs the time of the rows: the others would pay for a watermark that
// nobody reads.
std::string program_of(const TextQuery& query, const std::string& in, const std::string& out) {
  const bool timed = query.name.starts_with("TUMBLING");
  return "@source(type='file', path='" + in + "', @map(type='json'))\nCREATE STREAM Trades (" +
         std::string(message_columns) + (timed ? ", WATERMARK FOR T AS T - 0 SECONDS" : "") +
         ");\n@sink(type='file', path='" + out + "', @map(type='json'))\nCREATE STREAM Out (" +
         query.out + ");\nINSERT INTO Out " + query.select + ";";
}

std::shared_ptr<Messages> make_messages(FieldOrder order = FieldOrder::fixed) {
  return std::make_shared<Messages>(message_count, symbols, order);
}

/// Keeps the messages as long as the side that reads them; each side has its own, with its own
/// times.
class OwningSide final : public Side {
 public:
  OwningSide(std::shared_ptr<Messages> messages, SidePtr side)
      : messages_(std::move(messages)), side_(std::move(side)) {}

  void prepare() override { side_->prepare(); }

  void run() override {
    side_->set_checksum(checksum());
    side_->run();
  }

 private:
  std::shared_ptr<Messages> messages_;
  SidePtr side_;
};

template <class Make>
std::function<SidePtr()> with_messages(Make make, FieldOrder order = FieldOrder::fixed) {
  return [make, order] {
    auto messages = make_messages(order);
    SidePtr side = make(*messages);
    return std::make_unique<OwningSide>(std::move(messages), std::move(side));
  };
}

Workload text_workload(const TextQuery& query, HandOver hand_over) {
  const bool whole = hand_over == HandOver::whole;
  Workload workload;
  workload.name = "json, " + query.name + ", json (graph, batch " + (whole ? "1024)" : "1)");
  workload.ceiling = whole ? text_ceiling : 0;
  workload.rows = message_count;
  workload.bytes = make_messages()->bytes();
  workload.hand = with_messages(query.hand);
  workload.engine =
      with_messages([program = program_of(query, "in", "out"), hand_over](Messages& messages) {
        return between_connectors(messages, program, hand_over);
      });
  return workload;
}

/// Engine and loop read one file and write one after the other. Judged is the processor time of all
/// threads: reading, the graph and writing are three in the engine.
Workload file_workload(const TextQuery& query) {
  // Written when the first side is made, because most calls of the program run other workloads.
  const auto files = [kept = std::make_shared<std::unique_ptr<TradeFiles>>()]() -> TradeFiles& {
    if (*kept == nullptr) *kept = std::make_unique<TradeFiles>(message_count, symbols, file_rounds);
    return **kept;
  };
  Workload workload;
  workload.name = "file, " + query.name + ", file (whole run)";
  workload.ceiling = text_ceiling;
  workload.rows = std::uint64_t{message_count} * file_rounds;
  workload.bytes = (make_messages()->bytes() + message_count) * file_rounds;
  workload.warm_up = 1;
  workload.scope = CpuScope::process;
  workload.count_allocations = false;  // Each pass starts the program.
  workload.hand = [files, hand = query.hand_of_files] { return hand(files()); };
  workload.engine = [files, query] {
    return whole_run(files(), program_of(query, files().input(), files().output()));
  };
  return workload;
}

}  // namespace

void add_json(Suite& suite) {
  Workload in;
  in.name = "json in, 7 of 9 fields (decoder)";
  in.ceiling = in_ceiling;
  in.rows = message_count;
  in.bytes = make_messages()->bytes();
  in.hand = with_messages(hand::json_in);
  in.engine = with_messages(decoder_side);
  suite.workloads.push_back(std::move(in));

  Workload mixed;
  mixed.name = "json in, 7 of 9 fields in any order (decoder)";
  mixed.ceiling = in_ceiling;
  mixed.rows = message_count;
  mixed.bytes = make_messages()->bytes();
  mixed.count_allocations = false;  // Now and then the decoder looks for shapes.
  mixed.hand = with_messages(hand::json_in_any_order, FieldOrder::any);
  mixed.engine = with_messages(decoder_side, FieldOrder::any);
  suite.workloads.push_back(std::move(mixed));

  const PassPlan plan{1024, 16};
  Workload out;
  out.name = "json out, 4 columns (encoder)";
  out.ceiling = out_ceiling;
  out.rows = plan.rows();
  out.bytes = std::uint64_t{plan.rows()} * 96;
  out.hand = [&suite, plan] { return hand::json_out(suite.rows.get(row_count, keys), plan); };
  out.engine = [&suite, plan] { return encoder_side(suite.rows.get(row_count, keys), plan); };
  suite.workloads.push_back(std::move(out));
}

void add_text(Suite& suite) {
  for (const TextQuery& query : queries()) {
    suite.workloads.push_back(text_workload(query, HandOver::whole));
    suite.workloads.push_back(text_workload(query, HandOver::each));
    suite.workloads.push_back(file_workload(query));
  }
}

}  // namespace eventflux::bench
