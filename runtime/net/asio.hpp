#pragma once

// Asio and Beast are compiled once, in libraries.cpp. The build sets the two macros for every file,
// as a file that lacked them would compile all of it again.
#if !defined(BOOST_ASIO_SEPARATE_COMPILATION) || !defined(BOOST_BEAST_SEPARATE_COMPILATION)
#error "Asio and Beast are to be compiled once, in libraries.cpp"
#endif

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace eventflux::net {

namespace asio = boost::asio;

using ErrorCode = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Endpoint = asio::ip::tcp::endpoint;

}  // namespace eventflux::net
