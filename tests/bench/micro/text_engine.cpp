#include "tests/bench/micro/text_engine.hpp"

#include <array>
#include <utility>

#include "base/log.hpp"
#include "engine/compile.hpp"
#include "engine/system_host.hpp"

namespace eventflux::bench {
namespace {

const std::vector<FieldSpec>& message_fields() {
  static const std::vector<FieldSpec> fields{
      {.name = "E", .type = Type::timestamp}, {.name = "s", .type = Type::string},
      {.name = "t", .type = Type::int64},     {.name = "p", .type = Type::float64},
      {.name = "q", .type = Type::float64},   {.name = "T", .type = Type::timestamp},
      {.name = "m", .type = Type::boolean}};
  return fields;
}

Schema message_schema() {
  Schema schema;
  for (const FieldSpec& field : message_fields())
    schema.fields.push_back({field.name, field.type});
  return schema;
}

class DecoderSide final : public Side {
 public:
  explicit DecoderSide(Messages& messages) : messages_(messages), rows_(message_schema()) {
    register_extensions(registry_);
    decoder_ = registry_.find_mapper("json")->decoder({}, {message_fields(), {}}).value();
  }

  void run() override {
    for (std::uint32_t i = 0; i < messages_.size(); ++i) {
      decoder_->decode(messages_[i], Timestamp{0}, rows_).value();
      if (rows_.rows() == batch_rows_target) finish();
    }
    finish();
  }

 private:
  void finish() {
    if (checksum() != nullptr && rows_.rows() != 0)
      checksum()->add(rows_.view(0, rows_.rows(), columns_));
    rows_.clear();
  }

  Messages& messages_;
  BatchBuilder rows_;
  Registry registry_;
  std::unique_ptr<Decoder> decoder_;
  std::vector<Column> columns_;
};

class EncoderSide final : public Side {
 public:
  EncoderSide(const Rows& rows, PassPlan plan) : rows_(rows), plan_(plan), cursor_(rows.size()) {
    register_extensions(registry_);
    const Schema schema{{{"symbol", Type::string},
                         {"id", Type::int64},
                         {"price", Type::float64},
                         {"quantity", Type::float64}}};
    encoder_ = registry_.find_mapper("json")->encoder({}, schema).value();
  }

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      encode(cursor_.next(plan_.batch));
      if (checksum() == nullptr) continue;
      checksum()->add(std::string_view(text_));
      checksum()->end_row();
    }
  }

 private:
  void encode(std::uint32_t first) {
    const std::array<Column, 4> columns{
        Column{Type::string, Shape::flat, rows_.symbol.data() + first, nullptr},
        Column{Type::int64, Shape::flat, rows_.id.data() + first, nullptr},
        Column{Type::float64, Shape::flat, rows_.price.data() + first, nullptr},
        Column{Type::float64, Shape::flat, rows_.quantity.data() + first, nullptr}};
    Batch batch;
    batch.columns = columns;
    batch.selection = {nullptr, plan_.batch};
    batch.rows = plan_.batch;
    text_.clear();
    for (std::uint32_t row = 0; row < plan_.batch; ++row) {
      encoder_->encode(batch, row, text_).value();
      text_ += encoder_->separator();
    }
  }

  const Rows& rows_;
  PassPlan plan_;
  RowCursor cursor_;
  Registry registry_;
  std::unique_ptr<Encoder> encoder_;
  std::string text_;
};

/// A source and a sink of the file connector as the engine builds them, without the connector.
class BetweenConnectors final : public Side,
                                private runtime::InputConsumer,
                                private runtime::OutputTarget {
 public:
  BetweenConnectors(Messages& messages, const std::string& query, HandOver push)
      : messages_(messages),
        each_(push == HandOver::each),
        system_host_(base::make_silent_log(), nullptr) {
    engine::Compiled compiled = engine::compile(query, system_host_.registry());
    if (!compiled.ok()) throw_error(compiled.first_error());
    dataflow_ = engine::Dataflow::make(std::move(compiled.plan), system_host_.host()).value();
    source_ = dataflow_->make_source(0, *this, nullptr).value();
    sink_ = dataflow_->add_sink(0, *this).value();
  }

  void prepare() override { messages_.restamp(); }

  void run() override {
    for (std::uint32_t i = 0; i < messages_.size(); ++i) {
      Envelope envelope;
      envelope.payload = messages_[i];
      source_->emit(envelope).value();
      if (each_) source_->idle().value();
    }
    source_->flush().value();
    sink_->close_batch();
    if (checksum() == nullptr) return;
    checksum()->add(std::string_view(lines_));
    checksum()->end_row();
    lines_.clear();
  }

 private:
  Result<std::unique_ptr<runtime::SourceBatch>> push(
      std::unique_ptr<runtime::SourceBatch> source_batch, const StopSignal& /*stop*/) override {
    dataflow_->process(*source_batch);
    source_batch->clear();
    return source_batch;
  }

  void push(runtime::SinkMessage message) override {
    auto* rows = std::get_if<runtime::SinkBatch>(&message);
    if (rows == nullptr) return;
    runtime::SinkBatch item = std::move(*rows);
    bytes_ += item.bytes.size();
    if (checksum() != nullptr) keep_lines(item);
    item.clear();
    written_ = std::move(item);
  }

  runtime::SinkBatch acquire() override { return std::exchange(written_, {}); }

  void keep_lines(const runtime::SinkBatch& item) {
    std::uint32_t begin = 0;
    for (const std::uint32_t end : item.ends) {
      lines_.append(item.bytes, begin, end - begin).append("\n");
      begin = end;
    }
  }

  Messages& messages_;
  bool each_;
  engine::SystemHost system_host_;
  std::unique_ptr<engine::Dataflow> dataflow_;
  std::unique_ptr<runtime::SourceEmitter> source_;
  runtime::SinkOperator* sink_ = nullptr;
  runtime::SinkBatch written_;
  std::uint64_t bytes_ = 0;
  std::string lines_;
};

}  // namespace

SidePtr decoder_side(Messages& messages) {
  return std::make_unique<DecoderSide>(messages);
}

SidePtr encoder_side(const Rows& rows, PassPlan plan) {
  return std::make_unique<EncoderSide>(rows, plan);
}

SidePtr between_connectors(Messages& messages, const std::string& query, HandOver push) {
  return std::make_unique<BetweenConnectors>(messages, query, push);
}

}  // namespace eventflux::bench
