#include "eventflux/extension.hpp"

#include "sink.hpp"
#include "source.hpp"

namespace eventflux {

template <>
struct ParamCodec<connectors::file::StartPosition>
    : ChoiceCodec<connectors::file::StartPosition, ParamCodec<connectors::file::StartPosition>> {
  static constexpr std::array<std::string_view, 2> choices{"beginning", "end"};
};

template <>
struct ParamCodec<connectors::file::Framing>
    : ChoiceCodec<connectors::file::Framing, ParamCodec<connectors::file::Framing>> {
  static constexpr std::array<std::string_view, 4> choices{"lines", "whole", "delimiter",
                                                           "length32"};
};

template <>
struct ParamCodec<FileCompression> : ChoiceCodec<FileCompression, ParamCodec<FileCompression>> {
  static constexpr std::array<std::string_view, 4> choices{"auto", "none", "gzip", "zstd"};
};

template <>
struct ParamCodec<connectors::file::LostPosition>
    : ChoiceCodec<connectors::file::LostPosition, ParamCodec<connectors::file::LostPosition>> {
  static constexpr std::array<std::string_view, 3> choices{"earliest", "latest", "fail"};
};

template <>
struct ParamCodec<connectors::file::WhenDone>
    : ChoiceCodec<connectors::file::WhenDone, ParamCodec<connectors::file::WhenDone>> {
  static constexpr std::array<std::string_view, 2> choices{"follow", "end"};
};

}  // namespace eventflux

namespace eventflux::connectors::file {
namespace {

ParamSpec<SourceOptions> source_params() {
  return {
      param("path", &SourceOptions::path, "File, or a pattern with * ? [] for several.")
          .required("trades.jsonl"),
      param("start.position", &SourceOptions::start_position,
            "Where a first start begins; later ones go on at the cursor."),
      param("poll.interval.ms", &SourceOptions::poll_interval,
            "Wait between two looks at the end, or for a file that does not exist yet.")
          .at_least(std::chrono::milliseconds(1)),
      param("skip.lines", &SourceOptions::skip_lines, "Lines left out at the start of each file.")
          .at_least(0)
          .needs("framing", "lines"),
      param("require.exists", &SourceOptions::require_exists,
            "Fails without a file instead of waiting for one."),
      param("framing", &SourceOptions::framing, "What one payload is.")
          .choice_needs("delimiter", "framing.delimiter"),
      param("framing.delimiter", &SourceOptions::framing_delimiter, "Bytes between payloads.")
          .example("||")
          .needs("framing", "delimiter"),
      param("line.max.bytes", &SourceOptions::line_bytes_max,
            "Longer payloads go to the error policy, and reading goes on behind them.")
          .at_least(1),
      param("compression", &SourceOptions::compression,
            "How files are compressed; auto looks at their first bytes. Such a file is whole when "
            "it appears, and positions count what it decompresses to."),
      param("rotate.wait.ms", &SourceOptions::rotate_wait,
            "How long a renamed file is read on without news before the new one begins: its writer "
            "may still have it open.")
          .at_least(0),
      param("on_lost_position", &SourceOptions::on_lost_position,
            "Where to go on when the position is gone, by truncation or removal: at the earliest "
            "byte that is left or behind the latest, with a gap (EF0552), or not at all."),
      param("when.done", &SourceOptions::when_done,
            "At the end: wait for more, or end as a bounded input does."),
  };
}

ParamSpec<SinkOptions> sink_params() {
  return {
      param("path", &SinkOptions::path, "File that rows are appended to.").required("bars.jsonl"),
      param(
          "append", &SinkOptions::append,
          "Keeps what the file holds; false empties it when the app starts without a checkpoint."),
      param("flush.interval.ms", &SinkOptions::flush_interval,
            "Time after which the next write syncs to disk before a checkpoint does; 0 never.")
          .at_least(0),
      param("rotate.size.bytes", &SinkOptions::rotate_size,
            "Size at which the file is renamed and a new one begins; 0 never."),
      param("rotate.interval.ms", &SinkOptions::rotate_interval,
            "Age at which the same happens; 0 never.")
          .at_least(0),
  };
}

}  // namespace

void register_extension(Registry& registry) {
  registry.source<FileSource>("file", "Reads files that grow and rotate, from any position.",
                              {.delivery = SourceClass::r2_seekable}, source_params());
  registry.sink<FileSink>("file", "Appends rows to a file, one per line.",
                          {.delivery = SinkClass::s1_acknowledged, .batch_rows = 1000},
                          sink_params());
}

}  // namespace eventflux::connectors::file
