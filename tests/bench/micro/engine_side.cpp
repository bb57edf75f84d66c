#include "tests/bench/micro/engine_side.hpp"

#include <array>
#include <optional>

#include "eventflux/engine.hpp"

#include "base/log.hpp"
#include "engine/compile.hpp"
#include "engine/system_host.hpp"

namespace eventflux::bench {
namespace {

void fill(BatchBuilder& out, const Rows& rows, std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t row = first; row < first + count; ++row) {
    out.column(0).append(rows.symbol[row].view());
    out.column(1).append(rows.price[row]);
    out.column(2).append(rows.quantity[row]);
    out.column(3).append(rows.id[row]);
  }
}

/// An app, with what sends to it and what it sends to.
class HostedApp {
 public:
  HostedApp(const Query& query, RowsCallback callback)
      : engine_(Engine::open({.shards = query.shards, .clock = query.timed ? &clock_ : nullptr})
                    .value()),
        app_(engine_.load(query.text).value()),
        subscription_(app_.subscribe(query.output, std::move(callback)).value()),
        publisher_(app_.publisher("Trades").value()) {
    app_.start().value();
  }

  Publisher& publisher() { return publisher_; }

  App& app() { return app_; }

  VirtualClock& clock() { return clock_; }

 private:
  VirtualClock clock_{};
  Engine engine_;
  App app_;
  Subscription subscription_;
  Publisher publisher_;
};

class ApiSide : public Side {
 public:
  ApiSide(const Rows& rows, PassPlan plan, const Query& query)
      : rows_(rows),
        plan_(plan),
        timed_(query.timed),
        queued_(query.shards != 0),
        cursor_(rows.size()),
        app_(query, [this](const Batch& out) {
          seen_ += out.size();
          if (checksum() != nullptr) checksum()->add(out);
        }) {}

 protected:
  const Rows& rows_;
  PassPlan plan_;
  bool timed_;
  bool queued_;  // rows are processed on another thread
  RowCursor cursor_;
  std::uint64_t seen_ = 0;
  HostedApp app_;
};

class BatchApiSide final : public ApiSide {
 public:
  using ApiSide::ApiSide;

  void prepare() override {
    batches_.clear();
    batches_.reserve(plan_.batches);
    times_.clear();
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::int64_t time = cursor_.rows();
      BatchBuilder& batch = batches_.emplace_back(app_.publisher().schema());
      fill(batch, rows_, cursor_.next(plan_.batch), plan_.batch);
      for (std::uint32_t row = 0; row < plan_.batch; ++row)
        batch.end_row(Timestamp{timed_ ? time + row : 0});
      times_.push_back(time + plan_.batch - 1);
    }
  }

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      if (timed_) app_.clock().set(Timestamp{times_[i]});
      app_.publisher().send(std::move(batches_[i])).value();
    }
  }

 private:
  std::vector<BatchBuilder> batches_;
  std::vector<std::int64_t> times_;
};

class RowApiSide final : public ApiSide {
 public:
  using ApiSide::ApiSide;

  void run() override {
    const std::uint32_t first = cursor_.next(plan_.rows());
    for (std::uint32_t row = first; row < first + plan_.rows(); ++row) {
      app_.publisher()
          .send({rows_.symbol[row].view(), rows_.price[row], rows_.quantity[row], rows_.id[row]})
          .value();
    }
    if (queued_) app_.app().advance().value();  // returns when all of them are processed
  }
};

class GraphSide final : public Side {
 public:
  GraphSide(const Rows& rows, PassPlan plan, const Query& query)
      : rows_(rows),
        plan_(plan),
        timed_(query.timed),
        cursor_(rows.size()),
        system_host_(base::make_silent_log(), nullptr),
        time_(plan.batch) {
    engine::Compiled compiled = engine::compile(query.text, system_host_.registry());
    if (!compiled.ok()) throw_error(compiled.first_error());
    dataflow_ = engine::Dataflow::make(std::move(compiled.plan), system_host_.host()).value();
    entry_ = &dataflow_->entry(dataflow_->find_stream("Trades").value());
    dataflow_->add_subscriber(dataflow_->find_stream(query.output).value(),
                              [this](const Batch& out, Timestamp) {
                                seen_ += out.size();
                                if (checksum() != nullptr) checksum()->add(out);
                              });
  }

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::int64_t time = cursor_.rows();
      push(cursor_.next(plan_.batch), timed_ ? time : 0);
    }
  }

 private:
  void push(std::uint32_t first, std::int64_t time) {
    const std::array<Column, 4> columns{
        Column{Type::string, Shape::flat, rows_.symbol.data() + first, nullptr},
        Column{Type::float64, Shape::flat, rows_.price.data() + first, nullptr},
        Column{Type::float64, Shape::flat, rows_.quantity.data() + first, nullptr},
        Column{Type::int64, Shape::flat, rows_.id.data() + first, nullptr}};
    if (timed_) {
      for (std::uint32_t row = 0; row < plan_.batch; ++row)
        time_[row] = time + row;
    }
    Batch batch;
    batch.columns = columns;
    batch.selection = {nullptr, plan_.batch};
    batch.rows = plan_.batch;
    batch.time = time_.data();
    dataflow_->graph().push(*entry_, Batch(batch), 0, plan_.batch);
  }

  const Rows& rows_;
  PassPlan plan_;
  bool timed_;
  RowCursor cursor_;
  engine::SystemHost system_host_;
  std::unique_ptr<engine::Dataflow> dataflow_;
  runtime::Operator* entry_ = nullptr;
  std::vector<std::int64_t> time_;
  std::uint64_t seen_ = 0;
};

}  // namespace

SidePtr through_api(const Rows& rows, PassPlan plan, const Query& query) {
  return std::make_unique<BatchApiSide>(rows, plan, query);
}

SidePtr through_graph(const Rows& rows, PassPlan plan, const Query& query) {
  return std::make_unique<GraphSide>(rows, plan, query);
}

SidePtr through_row_api(const Rows& rows, PassPlan plan, const Query& query) {
  return std::make_unique<RowApiSide>(rows, plan, query);
}

}  // namespace eventflux::bench
