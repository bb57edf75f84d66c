#include <algorithm>
#include <atomic>
#include <charconv>

#include "eventflux/extension.hpp"

#include "options.hpp"
#include "writer.hpp"

namespace eventflux::connectors::nexmark {
namespace {

Result<void> can_be_mixed(const ParamValue& value) {
  EF_TRY(const std::int64_t places, parse_integer(value.text));
  if (places % static_cast<std::int64_t>(mixing) != 0) return {};
  return Error{Code::invalid_value, "'" + value.text + "' places cannot be mixed",
               "any number that is no multiple of " + std::to_string(mixing)};
}

ParamSpec<Options> params() {
  return {
      param("rate", &Options::rate, "Events per second of event time.").at_least(1),
      param("base", &Options::base, "Time of event 0."),
      param("events", &Options::events, "Events after which the source ends; 0: never.")
          .at_least(0),
      param("seed", &Options::seed, "Same seed, same events."),
      param("pace", &Options::pace, "As fast as rows are taken, or as fast as event time passes."),
      param("out_of_order", &Options::disorder,
            "Events among which the order is mixed; no multiple of 953.")
          .at_least(1)
          .valid(can_be_mixed),
      param("batch", &Options::batch, "Events handed on together; their order is the same.")
          .at_least(1)
          .at_most(batch_rows_target),
      param("compat", &Options::compat,
            "flink: bidders 1000 higher and a negative channel id, as in the reference."),
  };
}

Rules rules_of(const Options& options) {
  return {.seed = static_cast<std::uint64_t>(options.seed),
          .rate = static_cast<std::uint64_t>(options.rate),
          .base_ms = options.base.us / 1000,
          .disorder = static_cast<std::uint64_t>(options.disorder),
          .compat = options.compat};
}

/// Hands on events in the order of their places. Rows of several resources stay in the order of
/// their events: a run of rows ends where the next event is of another kind, and after every event
/// of which two resources take a row.
class NexmarkSource final : public Source {
 public:
  NexmarkSource(Options options, Context& context)
      : options_(options), clock_(context.clock), events_(rules_of(options)) {}

  Result<void> run(Emitter& out) override {
    EF_CHECK(find_start(out));
    make_writers(out);
    out.live();
    const std::uint64_t end = writers_.empty() ? next_ : end_place();
    const Timestamp began = clock_.steady() - elapsed(next_);
    while (!out.stopping() && !stopping_) {
      if (next_ >= end) return end_of_input();
      const auto batch = static_cast<std::uint64_t>(options_.batch);
      EF_CHECK(step(std::min(end, next_ + batch), clock_.steady() - began, out));
    }
    return {};
  }

  void stop() noexcept override { stopping_ = true; }

 private:
  Result<void> find_start(const Emitter& out) {
    const auto cursor = out.resume("");
    if (!cursor) return {};
    const std::string& text = cursor->position;
    const auto [last, code] = std::from_chars(text.data(), text.data() + text.size(), next_);
    if (code != std::errc() || last != text.data() + text.size())
      return Error{Code::position_lost, "the stored cursor cannot be read"};
    return {};
  }

  void make_writers(const Emitter& out) {
    writers_.clear();
    for (const TableProjection& wanted : out.wanted())
      writers_.emplace_back(events_, wanted, static_cast<std::size_t>(options_.batch));
    for (std::size_t kind = 0; kind < readers_.size(); ++kind) {
      readers_[kind] = static_cast<std::size_t>(std::count_if(
          writers_.begin(), writers_.end(),
          [&](const Writer& writer) { return writer.kind() == static_cast<Kind>(kind); }));
    }
  }

  Error end_of_input() const {
    return {Code::end_of_input, std::to_string(options_.events) + " events were made"};
  }

  std::uint64_t end_place() const {
    const auto events = static_cast<std::uint64_t>(options_.events);
    return events == 0 ? ~std::uint64_t{0} : events;
  }

  Duration elapsed(std::uint64_t place) const {
    return std::chrono::milliseconds(events_.elapsed_ms(place));
  }

  /// Returns the first place up to `last` whose time has not come yet.
  std::uint64_t first_not_due(std::uint64_t last, Duration now) const {
    if (options_.pace == Pace::max) return last;
    std::uint64_t place = next_;
    while (place < last && elapsed(place) <= now)
      ++place;
    return place;
  }

  /// Hands on what is due of the places up to `last`, or waits for the next one.
  Result<void> step(std::uint64_t last, Duration now, Emitter& out) {
    const std::uint64_t due = first_not_due(last, now);
    if (due > next_) return emit(due, out);
    EF_CHECK(out.idle());
    out.pause(elapsed(next_) - now);
    return {};
  }

  Result<void> emit(std::uint64_t end, Emitter& out) {
    const Timestamp now = clock_.now();
    Kind run = Kind::person;
    for (; next_ < end; ++next_) {
      const std::uint64_t n = events_.event_at(next_);
      const Kind kind = Events::kind(n);
      const std::size_t readers = readers_[static_cast<std::size_t>(kind)];
      if (readers == 0) continue;
      if (kind != run || readers > 1) end_run(run, now, out);
      run = kind;
      numbers_.push_back(n);
    }
    end_run(run, now, out);
    return out.emit_rows({{}, std::to_string(next_), next_});
  }

  void end_run(Kind kind, Timestamp now, Emitter& out) {
    if (numbers_.empty()) return;
    for (std::size_t i = 0; i < writers_.size(); ++i)
      if (writers_[i].kind() == kind) writers_[i].write(numbers_, now, out.rows_of(i));
    numbers_.clear();
  }

  Options options_;
  Clock& clock_;
  Events events_;
  std::vector<Writer> writers_{};  // parallel to Emitter::wanted()
  std::array<std::size_t, 3> readers_{};
  std::vector<std::uint64_t> numbers_{};  // of the run that is collected
  std::uint64_t next_ = 0;                // place; the cursor
  std::atomic<bool> stopping_{false};
};

}  // namespace

void register_extension(Registry& registry) {
  registry.source<NexmarkSource>(
      "nexmark", "Makes the persons, auctions and bids of the Nexmark benchmark.",
      {.delivery = SourceClass::r2_seekable, .rows = true, .tables = tables()}, params());
}

}  // namespace eventflux::connectors::nexmark
