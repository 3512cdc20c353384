#include "daemon/net/session.h"

#include <cstring>
#include <utility>

#include "daemon/protocol/message.h"

namespace taus::net {
namespace {

constexpr std::size_t frames_per_write_max = 64;  // buffers of one writev

void wipe(ByteView bytes) {
  if (!bytes.empty()) explicit_bzero(const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

// true: nothing is left.
bool drop_front(std::vector<asio::const_buffer>& buffers, std::size_t bytes) {
  std::size_t whole = 0;
  while (whole < buffers.size() && buffers[whole].size() <= bytes) bytes -= buffers[whole++].size();
  buffers.erase(buffers.begin(), buffers.begin() + static_cast<std::ptrdiff_t>(whole));
  if (!buffers.empty()) buffers.front() += bytes;
  return buffers.empty();
}

}  // namespace

Session::Session(std::uint64_t id, StreamSocket socket, const service::Principal& who, SessionHost& host,
                 const SessionLimits& limits)
    : id_(id),
      socket_(std::move(socket)),
      who_(&who),
      host_(host),
      limits_(limits),
      frame_timer_(socket_.get_executor()),
      write_timer_(socket_.get_executor()),
      shred_timer_(socket_.get_executor()) {}

void Session::start() {
  SystemError failed;
  socket_.non_blocking(true, failed);  // else send() would wait for the peer
  if (failed) return close();
  read();
}

void Session::read() {
  if (reading_ || ending_ || closed_) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](const SystemError& error, std::size_t bytes) {
    self->reading_ = false;
    if (self->closed_) return;
    if (!error) return self->took(bytes);
    // Half-closed: what was asked is still answered.
    if (error == asio::error::eof) return self->half_closed();
    self->close();
  });
}

void Session::half_closed() {
  if (decoder_.in_frame())
    return malformed(Error(ErrorCode::malformed, "the connection ended in the middle of a frame; send it whole"));
  finish();
}

void Session::took(std::size_t bytes) {
  unread_ = ByteView(buffer_.data(), bytes);
  process();
  send();
}

// Takes frames until the buffer is empty or enough requests are under way. Behind one that reads everything nothing more is taken: two hundred
// of them in a row would keep everybody else waiting until the last is done.
void Session::process() {
  while (!unread_.empty() && !ending_ && in_flight_ < limits_.in_flight_max && !reading_everything_) {
    const ByteView before = unread_;
    Result<std::optional<Bytes>> frame = decoder_.feed(unread_);
    wipe(before.first(before.size() - unread_.size()));
    if (!frame) return malformed(frame.error());
    if (!frame->has_value()) break;
    ++taken_;
    if (frame_watched_) watch_frame();
    if (!request(std::move(**frame))) return;
  }
  if (ending_ || closed_) return;
  watch_frame();
  if (unread_.empty()) read();
}

bool Session::request(Bytes frame) {
  Result<protocol::CheckedRequest> checked = protocol::check_request(frame);
  if (!checked) {
    malformed(checked.error());
    return false;
  }
  if (!valid_seen_) {
    valid_seen_ = true;
    decoder_.set_limit(limits::frame_bytes_max);
  }
  ++in_flight_;
  if (checked->refusal) {
    refuse(checked->id, *checked->refusal);
    return true;
  }
  runtime::Request request{{id_, checked->id}, who_, std::move(frame)};
  switch (host_.submit(request)) {
    case runtime::Pushed::queued:
      if (checked->reads_everything) reading_everything_ = checked->id;
      return true;
    case runtime::Pushed::full: refuse(checked->id, Error(ErrorCode::busy, "too much to do; try again")); return true;
    case runtime::Pushed::closed:
      refuse(checked->id, Error(ErrorCode::shutting_down, "the daemon is stopping; try again"));
      return true;
  }
  return true;
}

void Session::refuse(std::uint64_t id, const Error& error) { queue(protocol::error_frame(id, error), true); }

void Session::malformed(const Error& error) {
  host_.malformed(id_);
  wipe(unread_);
  unread_ = {};
  queue(protocol::error_frame(0, error), false);
  finish();
}

bool Session::reply(runtime::Reply&& reply) {
  if (closed_) return false;
  if (reading_everything_ == reply.to.request_id) reading_everything_.reset();
  if (reply.error) {
    refuse(reply.to.request_id, *reply.error);
  } else if (reply.frame.size() > limits_.reply_bytes_max) {
    refuse(reply.to.request_id, Error(ErrorCode::too_large, "the answer is too long; ask for less"));
  } else {
    queue(std::move(reply.frame), true);
  }
  return !std::exchange(unsent_, true);
}

void Session::queue(Bytes frame, bool answers_request) {
  if (closed_) return;
  queued_bytes_ += frame.size();
  out_.push_back({std::move(frame), answers_request});
  if (queued_bytes_ <= limits_.reply_bytes_max) return;
  host_.slow(id_);
  close();
}

// What the peer has room for now goes at once; only the rest is waited for.
void Session::send() {
  unsent_ = false;
  while (!closed_ && writing_ == 0 && !out_.empty()) {
    std::vector<asio::const_buffer> buffers;
    for (const Queued& q : out_) {
      buffers.emplace_back(q.frame.data(), q.frame.size());
      if (buffers.size() == frames_per_write_max) break;
    }
    SystemError error;
    const std::size_t bytes = socket_.write_some(buffers, error);
    if (error && error != asio::error::would_block) return close();
    const std::size_t frames = buffers.size();
    if (drop_front(buffers, bytes)) {
      sent(frames);
      continue;
    }
    writing_ = frames;
    watch_writing();
    asio::async_write(socket_, buffers,
                      [self = shared_from_this()](const SystemError& failed, std::size_t) { self->wrote(failed); });
    return;
  }
  if (!closed_ && writing_ == 0) end_if_done();
}

void Session::wrote(const SystemError& error) {
  if (closed_) {
    out_.clear();
    return;
  }
  if (error) return close();
  write_timer_.cancel();
  sent(std::exchange(writing_, 0));
  send();
}

void Session::sent(std::size_t frames) {
  for (std::size_t i = 0; i < frames; ++i) {
    queued_bytes_ -= out_.front().frame.size();
    if (out_.front().answers_request) --in_flight_;
    out_.pop_front();
  }
  written_ += frames;
  if (!reading_ && !ending_) process();
}

void Session::finish() {
  ending_ = true;
  frame_timer_.cancel();
  send();
}

void Session::end_if_done() {
  if (ending_ && out_.empty() && in_flight_ == 0) close();
}

void Session::close() {
  if (closed_) return;
  closed_ = ending_ = true;
  SystemError ignored;
  socket_.close(ignored);
  frame_timer_.cancel();
  write_timer_.cancel();
  shred_timer_.cancel();
  wipe(unread_);
  unread_ = {};
  if (writing_ == 0) out_.clear();  // else the operation still points at it; wrote() clears
  host_.ended(id_);
}

// One deadline a frame, from when its first byte was taken; none while we are the ones who wait.
void Session::watch_frame() {
  if (!decoder_.in_frame() || !unread_.empty()) {
    if (frame_watched_) frame_timer_.cancel();
    frame_watched_ = false;
    return;
  }
  if (frame_watched_) return;
  frame_watched_ = true;
  frame_timer_.expires_after(limits_.frame_time);
  frame_timer_.async_wait([self = shared_from_this(), at = taken_](const SystemError& error) {
    if (error || self->closed_ || self->ending_ || self->taken_ != at || !self->frame_watched_) return;
    self->malformed(Error(ErrorCode::malformed, "the frame did not arrive in time"));
  });
}

void Session::watch_writing() {
  write_timer_.expires_after(limits_.stall_time);
  write_timer_.async_wait([self = shared_from_this(), at = written_](const SystemError& error) {
    if (error || self->closed_ || self->written_ != at || self->writing_ == 0) return;
    self->host_.slow(self->id_);
    self->close();
  });
}

void Session::shredded() {
  if (closed_ || out_.empty()) return;
  shred_timer_.expires_after(limits_.shred_time);
  shred_timer_.async_wait([self = shared_from_this(), until = written_ + out_.size()](const SystemError& error) {
    if (error || self->closed_ || self->written_ >= until) return;
    self->host_.slow(self->id_);
    self->close();
  });
}

}  // namespace taus::net
