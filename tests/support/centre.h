// A whole centre in memory: the real service over a store, root store and floor that can fail, driven by one thread as the
// runtime drives it (handle, commit, shreds, commit), with a clock that stands where the test puts it.
//
// Threads: one. restart() is a power cut: what was not made durable is gone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capnp/message.h>
#include <capnp/serialize.h>

#include "daemon/policy/profile.h"
#include "daemon/protocol/message.h"
#include "daemon/service/service.h"
#include "eventstore/base/zone.h"
#include "tests/support/faulty_store.h"
#include "tests/support/memory_floor.h"
#include "tests/support/memory_root_store.h"
#include "tests/support/seeded_random.h"

namespace taus::test {

class FakeClock final : public service::SettableClock {
 public:
  explicit FakeClock(Instant start) : now_(start) {}
  [[nodiscard]] Instant now() const override { return now_; }
  Result<void> move_to(Instant now) override {
    now_ = now;
    return {};
  }
  void set(Instant now) { now_ = now; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  Instant now_;
};

// A reply, kept with the memory its reader points into.
class Reply {
 public:
  explicit Reply(const Bytes& frame) : words_(kj::heapArray<capnp::word>(frame.size() / sizeof(capnp::word))) {
    TAUS_CHECK(frame.size() % sizeof(capnp::word) == 0);
    std::copy(frame.begin(), frame.end(), words_.asBytes().begin());
    reader_ = std::make_unique<capnp::FlatArrayMessageReader>(words_.asPtr());
  }
  [[nodiscard]] api::Response::Reader root() const { return reader_->getRoot<api::Response>(); }
  [[nodiscard]] bool good() const { return !root().isError(); }
  // snake_case code; "ok" where there is no error.
  [[nodiscard]] std::string code() const { return good() ? "ok" : std::string(root().getError().getCode().cStr()); }
  [[nodiscard]] std::string pointer() const { return good() ? "" : std::string(root().getError().getPointer().cStr()); }
  // The answer of a command, whichever it was.
  [[nodiscard]] api::Ack::Reader ack() const {
    switch (root().which()) {
      case api::Response::STAFF_ADD: return root().getStaffAdd();
      case api::Response::STAFF_REVOKE: return root().getStaffRevoke();
      case api::Response::BOOKING_REQUEST: return root().getBookingRequest();
      case api::Response::BOOKING_BOOK: return root().getBookingBook();
      case api::Response::BOOKING_RESCHEDULE: return root().getBookingReschedule();
      case api::Response::BOOKING_CANCEL: return root().getBookingCancel();
      case api::Response::BOOKING_HELD: return root().getBookingHeld();
      case api::Response::BOOKING_NO_SHOW: return root().getBookingNoShow();
      case api::Response::BOOKING_CORRECT: return root().getBookingCorrect();
      case api::Response::SUBJECT_RECORD: return root().getSubjectRecord();
      case api::Response::SUBJECT_ASSIGN: return root().getSubjectAssign();
      case api::Response::SUBJECT_CONCLUDE: return root().getSubjectConclude();
      case api::Response::SUBJECT_REOPEN: return root().getSubjectReopen();
      case api::Response::LOG_WRITE: return root().getLogWrite();
      case api::Response::LOG_AMEND: return root().getLogAmend();
      case api::Response::MESSAGE_ADD: return root().getMessageAdd();
      case api::Response::CONSENT_WITHDRAW: return root().getConsentWithdraw();
      case api::Response::SHRED: return root().getShred();
      case api::Response::CONSENT_GIVE: return root().getConsentGive();
      case api::Response::CONSENT_DISCLOSE: return root().getConsentDisclose();
      case api::Response::CONSENT_UNDISCLOSE: return root().getConsentUndisclose();
      case api::Response::CONSENT_DISCLOSED: return root().getConsentDisclosed();
      case api::Response::INQUIRY_RECEIVE: return root().getInquiryReceive();
      case api::Response::INQUIRY_ANSWER: return root().getInquiryAnswer();
      case api::Response::GROUP_RECORD: return root().getGroupRecord();
      case api::Response::GROUP_CORRECT: return root().getGroupCorrect();
      case api::Response::SLOTS_PUBLISH: return root().getSlotsPublish();
      case api::Response::SLOTS_WITHDRAW: return root().getSlotsWithdraw();
      case api::Response::MATCH_CONFIRM: return root().getMatchConfirm();
      case api::Response::HOLD_PLACE: return root().getHoldPlace();
      case api::Response::HOLD_RELEASE: return root().getHoldRelease();
      case api::Response::RESTRICT_PLACE: return root().getRestrictPlace();
      case api::Response::RESTRICT_LIFT: return root().getRestrictLift();
      case api::Response::RIGHTS_OPEN: return root().getRightsOpen();
      case api::Response::RIGHTS_VERIFY: return root().getRightsVerify();
      case api::Response::RIGHTS_EXTEND: return root().getRightsExtend();
      case api::Response::RIGHTS_DECIDE: return root().getRightsDecide();
      case api::Response::RIGHTS_NOTIFIED: return root().getRightsNotified();
      case api::Response::SURVEY_SENT: return root().getSurveySent();
      default: break;
    }
    TAUS_CHECK(!"the reply of a command");
  }

 private:
  kj::Array<capnp::word> words_;
  std::unique_ptr<capnp::FlatArrayMessageReader> reader_;
};

// A request as a frame; `fill` gets the builder.
template <class Fill>
Bytes request_frame(const Fill& fill) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<api::Request>());
  return protocol::encode(message);
}

class Centre {
 public:
  explicit Centre(std::uint64_t seed, Instant start, const std::string& profile_name = "vt")
      : clock(start),
        random(seed),
        log_key(crypto::Key::generate(random)),
        floor(log_key),
        profile(policy::built_in_profile(profile_name).value()) {
    store_options.profile = profile_name;
  }

  // Opens service and store; start() again is a restart.
  Result<void> start(storage::KvStore& kv) {
    service.reset();
    service::Service::Options options;
    options.profile = &profile;
    options.clock = &clock;
    options.dev_clock = &clock;
    options.root_store_kind = "memory";
    options.tier = "none";
    options.log_name = "taus/test";
    options.purge_days = 0;  // rewriting files is the daemon's
    options.log_key = &log_key;
    TAUS_TRY_ASSIGN(service, service::Service::open(kv, roots, floor, random, store_options, options));
    return {};
  }
  Result<void> start() { return start(store); }
  Result<void> restart() {
    service.reset();
    store.crash();
    floor.restart();
    return start();
  }

  // Everything staged becomes durable.
  Result<void> commit() { return service->store().commit(clock.now()); }
  // What the runtime does by itself: what is due, and accepted shreds. Replies that waited for them are kept in late_replies.
  Result<void> settle() {
    for (int round = 0; round < 64; ++round) {
      const std::optional<Instant> due = service->next_due();
      const bool work = due && *due <= clock.now();
      if (work) TAUS_TRY(service->run_due());
      TAUS_TRY(commit());
      if (!service->shreds_pending()) {
        if (!work) return {};
        continue;
      }
      TAUS_TRY_ASSIGN(std::vector<service::LateReply> replies, service->run_shreds());
      if (service->shreds_want_flush()) service->flushed();
      TAUS_TRY(commit());
      for (auto& one : replies) late_replies.push_back(std::move(one));
      if (service->shreds_stuck()) return {};  // a replica is down: it is tried again later
    }
    return Error(ErrorCode::unavailable, "the due list never comes to an end");
  }
  // What an auditor waits for is read.
  Result<void> read_history() {
    while (const auto job = service->history_job()) {
      (*job)([] { return false; });
      TAUS_TRY_ASSIGN(std::vector<service::LateReply> replies, service->history_read());
      for (auto& one : replies) late_replies.push_back(std::move(one));
    }
    return {};
  }
  // One request from its frame to its durable reply.
  Result<Reply> ask_frame(const service::Principal& who, const Bytes& frame) {
    const std::uint64_t ticket = ++tickets_;
    for (int drains = 0; drains < 4; ++drains) {
      Bytes reply;
      TAUS_TRY_ASSIGN(const service::Handled handled, service->handle(who, frame, ticket, reply));
      TAUS_TRY(commit());
      if (handled == service::Handled::replied) {
        TAUS_TRY(settle());
        return Reply(reply);
      }
      TAUS_TRY(settle());
      TAUS_TRY(read_history());
      for (const auto& one : late_replies)
        if (one.ticket == ticket) return Reply(one.reply);
    }
    return Error(ErrorCode::unavailable, "drained again and again");
  }
  template <class Fill>
  Reply ask(const service::Principal& who, const Fill& fill) {
    return ask_frame(who, request_frame(fill)).value();
  }

  FakeClock clock;
  SeededRandom random;
  crypto::SigningKey log_key;
  FaultyStore store;
  MemoryRootStore roots;
  MemoryFloor floor;
  policy::Profile profile;
  EventStore::Options store_options;
  std::unique_ptr<service::Service> service;
  std::vector<service::LateReply> late_replies;

 private:
  std::uint64_t tickets_ = 0;
};

inline service::Principal developer() { return {.name = "dev", .socket = service::SocketRole::frontend, .developer = true}; }
inline service::Principal desk_frontend() {
  return {.name = "desk-app", .socket = service::SocketRole::frontend, .speaks_for_staff = true};
}
inline service::Principal booking_portal() { return {.name = "portal", .socket = service::SocketRole::frontend, .books = true}; }
inline service::Principal operators() { return {.name = "ops", .socket = service::SocketRole::operators}; }
inline service::Principal auditors() { return {.name = "audit", .socket = service::SocketRole::auditor}; }

inline const Zone& oslo() {
  static const Zone zone = Zone::load().value();
  return zone;
}
inline Instant at(std::string_view text) { return oslo().parse_time(text).value(); }

}  // namespace taus::test
