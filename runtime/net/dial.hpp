#pragma once

#include <memory>
#include <optional>

#include "eventflux/transport.hpp"

#include "model/url.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/event_loop.hpp"

namespace eventflux::net {

using model::Url;

/// How long one connection may take to come about, over all its steps.
struct ConnectDeadline {
  Timestamp deadline;  ///< On the steady clock.
  const StopSignal& stop;
};

/// Waits for one step. Returns the step's own error code. Fails: EF0506, EF0804; the step is then
/// still under way, and its line has to be aborted.
Result<ErrorCode> await(EventLoop& loop, const ConnectDeadline& patience, const std::string& what,
                        const std::function<void(Completion)>& start);

/// Reaches a URL's host, through a CONNECT proxy if there is one, and does TLS when the scheme
/// asks. Fails: EF0502, EF0503 (the proxy's answer), EF0504, EF0506, EF0804.
Result<std::unique_ptr<ByteStream>> dial(EventLoop& loop, const Url& url,
                                         const std::optional<Url>& proxy, const TlsOptions& tls,
                                         const ConnectDeadline& patience);

}  // namespace eventflux::net
