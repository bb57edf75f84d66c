// Bids are 92 of 100 events: they are written column by column, straight into the batch. The others
// are written value by value. Text is copied only where it is made for one row.
#include "writer.hpp"

namespace eventflux::connectors::nexmark {
namespace {

SourceTable table(Kind kind, std::string each, std::vector<Field> fields) {
  return {std::move(each),
          {std::move(fields)},
          {{"$.event_type", Value(static_cast<std::int64_t>(kind))}}};
}

}  // namespace

std::vector<SourceTable> tables() {
  return {table(Kind::person, "$.person",
                {{"id", Type::int64},
                 {"name", Type::string},
                 {"emailAddress", Type::string},
                 {"creditCard", Type::string},
                 {"city", Type::string},
                 {"state", Type::string},
                 {"dateTime", Type::timestamp},
                 {"extra", Type::string}}),
          table(Kind::auction, "$.auction",
                {{"id", Type::int64},
                 {"itemName", Type::string},
                 {"description", Type::string},
                 {"initialBid", Type::int64},
                 {"reserve", Type::int64},
                 {"dateTime", Type::timestamp},
                 {"expires", Type::timestamp},
                 {"seller", Type::int64},
                 {"category", Type::int64},
                 {"extra", Type::string}}),
          table(Kind::bid, "$.bid",
                {{"auction", Type::int64},
                 {"bidder", Type::int64},
                 {"price", Type::int64},
                 {"channel", Type::string},
                 {"url", Type::string},
                 {"dateTime", Type::timestamp},
                 {"extra", Type::string}})};
}

Writer::Writer(Events& events, const TableProjection& wanted, std::size_t batch)
    : events_(events),
      kind_(static_cast<Kind>(wanted.table)),
      columns_(wanted.columns),
      unused_numbers_(batch),
      unused_texts_(batch) {}

void Writer::write(std::span<const std::uint64_t> numbers, Timestamp arrived, BatchBuilder& rows) {
  const auto count = static_cast<std::uint32_t>(numbers.size());
  rows.keep(events_.tables());
  if (kind_ == Kind::bid) events_.bids(numbers, places(count, rows));
  if (kind_ == Kind::person) {
    for (const std::uint64_t n : numbers)
      write(events_.person(n), rows);
  }
  if (kind_ == Kind::auction) {
    for (const std::uint64_t n : numbers)
      write(events_.auction(n), rows);
  }
  rows.end_rows(count, arrived);
}

void Writer::write(const Person& person, BatchBuilder& rows) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ColumnBuilder& column = rows.column(i);
    switch (columns_[i]) {
      case 0:
        column.append(person.id);
        break;
      case 1:
        column.append(person.name);
        break;
      case 2:
        column.append(person.email);
        break;
      case 3:
        column.append(person.credit_card);
        break;
      case 4:
        column.append_borrowed(Text(person.city));
        break;
      case 5:
        column.append_borrowed(Text(person.state));
        break;
      case 6:
        column.append(person.time_us);
        break;
      default:
        column.append_borrowed(Text(person.extra));
    }
  }
}

void Writer::write(const Auction& auction, BatchBuilder& rows) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ColumnBuilder& column = rows.column(i);
    switch (columns_[i]) {
      case 0:
        column.append(auction.id);
        break;
      case 1:
        column.append(auction.item_name);
        break;
      case 2:
        column.append(auction.description);
        break;
      case 3:
        column.append(auction.initial_bid);
        break;
      case 4:
        column.append(auction.reserve);
        break;
      case 5:
        column.append(auction.time_us);
        break;
      case 6:
        column.append(auction.expires_us);
        break;
      case 7:
        column.append(auction.seller);
        break;
      case 8:
        column.append(auction.category);
        break;
      default:
        column.append_borrowed(Text(auction.extra));
    }
  }
}

/// Makes room for `count` bids.
BidColumns Writer::places(std::uint32_t count, BatchBuilder& rows) {
  std::int64_t* number = unused_numbers_.data();
  Text* text = unused_texts_.data();
  BidColumns to{number, number, number, text, text, number, text};
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ColumnBuilder& column = rows.column(i);
    switch (columns_[i]) {
      case 0:
        to.auction = column.extend<std::int64_t>(count);
        break;
      case 1:
        to.bidder = column.extend<std::int64_t>(count);
        break;
      case 2:
        to.price = column.extend<std::int64_t>(count);
        break;
      case 3:
        to.channel = column.extend<Text>(count);
        break;
      case 4:
        to.url = column.extend<Text>(count);
        break;
      case 5:
        to.time_us = column.extend<std::int64_t>(count);
        break;
      default:
        to.extra = column.extend<Text>(count);
    }
  }
  return to;
}

}  // namespace eventflux::connectors::nexmark
