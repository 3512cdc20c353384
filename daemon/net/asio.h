// Asio, compiled once (asio.cc): the only way net/ and main include it.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace taus::net {
namespace asio = boost::asio;
using StreamSocket = asio::local::stream_protocol::socket;
using Acceptor = asio::local::stream_protocol::acceptor;
using SystemError = boost::system::error_code;
}  // namespace taus::net
