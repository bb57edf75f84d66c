#include <array>
#include <simdjson.h>

#include "tests/bench/micro/hand/line.hpp"
#include "tests/bench/micro/hand/text_loops.hpp"

namespace eventflux::bench::hand {
namespace {

namespace ondemand = simdjson::ondemand;

template <FieldOrder order>
class JsonIn final : public Side {
 public:
  explicit JsonIn(Messages& messages) : messages_(messages) {}

  void run() override {
    for (std::uint32_t i = 0; i < messages_.size(); ++i) {
      const std::uint32_t row = i % batch_rows_target;
      read(messages_[i], row);
      if (checksum() != nullptr) report(row);
    }
  }

 private:
  void read(std::span<char> payload, std::uint32_t row) {
    ondemand::document document;
    std::ignore =
        parser_.iterate(payload.data(), payload.size(), payload.size() + simdjson::SIMDJSON_PADDING)
            .get(document);
    ondemand::object object = document.get_object();
    if constexpr (order == FieldOrder::any) {
      for (ondemand::field field : object)
        take(field, row);
    } else {
      find(object, row);
    }
  }

  /// Keys of one letter need no more than that letter to tell them apart.
  void take(ondemand::field& field, std::uint32_t row) {
    switch (field.key().raw()[0]) {
      case 'E':
        event_[row] = field.value().get_int64().value_unsafe() * 1000;
        break;
      case 's':
        symbol_[row] = Text(field.value().get_string().value_unsafe());
        break;
      case 't':
        id_[row] = field.value().get_int64().value_unsafe();
        break;
      case 'p':
        price_[row] = field.value().get_double_in_string().value_unsafe();
        break;
      case 'q':
        quantity_[row] = field.value().get_double_in_string().value_unsafe();
        break;
      case 'T':
        time_[row] = field.value().get_int64().value_unsafe() * 1000;
        break;
      case 'm':
        maker_[row] = field.value().get_bool().value_unsafe() ? 1 : 0;
        break;
      default:
        break;
    }
  }

  void find(ondemand::object& object, std::uint32_t row) {
    event_[row] = object.find_field("E").get_int64().value_unsafe() * 1000;
    symbol_[row] = Text(object.find_field("s").get_string().value_unsafe());
    id_[row] = object.find_field("t").get_int64().value_unsafe();
    price_[row] = object.find_field("p").get_double_in_string().value_unsafe();
    quantity_[row] = object.find_field("q").get_double_in_string().value_unsafe();
    time_[row] = object.find_field("T").get_int64().value_unsafe() * 1000;
    maker_[row] = object.find_field("m").get_bool().value_unsafe() ? 1 : 0;
  }

  void report(std::uint32_t row) {
    checksum()->add(event_[row]);
    checksum()->add(symbol_[row].view());
    checksum()->add(id_[row]);
    checksum()->add(price_[row]);
    checksum()->add(quantity_[row]);
    checksum()->add(time_[row]);
    checksum()->add(std::int64_t{maker_[row]});
    checksum()->end_row();
  }

  Messages& messages_;
  ondemand::parser parser_;
  std::array<std::int64_t, batch_rows_target> event_{};
  std::array<Text, batch_rows_target> symbol_{};
  std::array<std::int64_t, batch_rows_target> id_{};
  std::array<double, batch_rows_target> price_{};
  std::array<double, batch_rows_target> quantity_{};
  std::array<std::int64_t, batch_rows_target> time_{};
  std::array<std::uint8_t, batch_rows_target> maker_{};
};

class JsonOut final : public Side {
 public:
  JsonOut(const Rows& rows, PassPlan plan)
      : rows_(rows), plan_(plan), cursor_(rows.size()), lines_(plan.batch * std::size_t{160}) {}

  void run() override {
    for (std::uint32_t i = 0; i < plan_.batches; ++i) {
      const std::uint32_t first = cursor_.next(plan_.batch);
      lines_.clear();
      for (std::uint32_t row = first; row < first + plan_.batch; ++row) {
        lines_.text(R"({"symbol":")")
            .text(rows_.symbol[row].view())
            .text(R"(","id":)")
            .number(rows_.id[row])
            .text(R"(,"price":)")
            .real(rows_.price[row])
            .text(R"(,"quantity":)")
            .real(rows_.quantity[row])
            .text("}\n");
      }
      if (checksum() == nullptr) continue;
      checksum()->add(lines_.view());
      checksum()->end_row();
    }
  }

 private:
  const Rows& rows_;
  PassPlan plan_;
  RowCursor cursor_;
  LineBuffer lines_;
};

}  // namespace

SidePtr json_in(Messages& messages) {
  return std::make_unique<JsonIn<FieldOrder::fixed>>(messages);
}

SidePtr json_in_any_order(Messages& messages) {
  return std::make_unique<JsonIn<FieldOrder::any>>(messages);
}

SidePtr json_out(const Rows& rows, PassPlan plan) {
  return std::make_unique<JsonOut>(rows, plan);
}

}  // namespace eventflux::bench::hand
