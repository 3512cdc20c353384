// One connection: cuts bytes into requests, hands them on, writes replies. docs/PROTOCOL.md "Connections".
//
// Threads: io. Owned by the server's table; pending operations hold it too.
// Bounds:  requests_in_flight_max under way (then it stops reading), reply_bytes_max queued (then it closes: slow reader),
//          frame_seconds_max from a frame's first byte to its last, frame_bytes_first_max before the first valid request.
// Errors:  malformed bytes get one error reply with id 0, then the connection ends.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "daemon/net/asio.h"
#include "daemon/protocol/frame.h"
#include "daemon/runtime/bounded_queue.h"
#include "daemon/runtime/message.h"
#include "eventstore/base/limits.h"

namespace taus::net {

// What a session asks of its server.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual runtime::Pushed submit(runtime::Request& request) = 0;
  virtual void ended(std::uint64_t session) = 0;
  virtual void malformed(std::uint64_t session) = 0;
  virtual void slow(std::uint64_t session) = 0;
};

struct SessionLimits {
  std::size_t in_flight_max = limits::requests_in_flight_max;
  std::size_t reply_bytes_max = limits::reply_bytes_max;
  std::chrono::milliseconds frame_time{std::chrono::seconds(limits::frame_seconds_max)};
  std::chrono::milliseconds stall_time{30'000};  // without a byte taken, while replies wait
  std::chrono::milliseconds shred_time{500};     // for what was read before a shred to leave: out of memory within a second
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::uint64_t id, StreamSocket socket, const service::Principal& who, SessionHost& host, const SessionLimits& limits);

  void start();
  // Queues a reply to a request that was submitted; send() writes what is queued. true: the first since the last send().
  bool reply(runtime::Reply&& reply);
  void send();
  // Reads no more; ends when everything under way is answered and written.
  void finish();
  // Ends unless what is queued now leaves in time.
  void shredded();
  void close();
  [[nodiscard]] const service::Principal& who() const noexcept { return *who_; }

 private:
  void read();
  void half_closed();
  void took(std::size_t bytes);
  void process();
  bool request(Bytes frame);
  void refuse(std::uint64_t id, const Error& error);
  void malformed(const Error& error);
  void queue(Bytes frame, bool answers_request);
  void wrote(const SystemError& error);
  void sent(std::size_t frames);
  void watch_frame();
  void watch_writing();
  void end_if_done();

  struct Queued {
    Bytes frame;
    bool answers_request = false;
  };
  const std::uint64_t id_;
  StreamSocket socket_;
  const service::Principal* who_;
  SessionHost& host_;
  const SessionLimits limits_;
  protocol::FrameDecoder decoder_{limits::frame_bytes_first_max};
  std::array<std::uint8_t, 16 << 10> buffer_;
  ByteView unread_;  // of buffer_: received, not yet taken
  asio::steady_timer frame_timer_;
  asio::steady_timer write_timer_;
  asio::steady_timer shred_timer_;
  std::deque<Queued> out_;  // the first writing_ are being written
  std::size_t writing_ = 0;
  std::size_t queued_bytes_ = 0;
  std::size_t in_flight_ = 0;                        // submitted or refused, reply not yet written
  std::uint64_t written_ = 0;                        // frames, ever
  std::uint64_t taken_ = 0;                          // frames, ever
  std::optional<std::uint64_t> reading_everything_;  // id of the request under way that does; what is behind it waits
  bool frame_watched_ = false;
  bool reading_ = false;
  bool unsent_ = false;  // queued since the last send()
  bool ending_ = false;  // reads no more
  bool valid_seen_ = false;
  bool closed_ = false;
};

}  // namespace taus::net
