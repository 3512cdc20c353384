#include "daemon/service/dispatch.h"

#include <algorithm>

#include "daemon/protocol/message.h"
#include "daemon/service/answer.h"
#include "daemon/service/commands.h"
#include "daemon/service/form.h"
#include "daemon/service/keys.h"
#include "daemon/service/methods.h"
#include "daemon/service/restoring.h"
#include "daemon/service/retry.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

using Request = api::Request;
using Response = api::Response;
constexpr unsigned ack_words = 64;  // of an answer to a command, most of the time

// Which sockets carry a method, beside what roles() decides: operators' and auditors' sockets have no access to clients' records.
bool socket_carries(const Principal& who, Request::Which which) {
  if (who.developer || who.socket == SocketRole::frontend) return true;
  const bool common = which == Request::STATUS || which == Request::RECEIPT_SHOW || which == Request::EVENTS_FOLLOW;
  const bool audits = which == Request::AUDIT_VERIFY || which == Request::AUDIT_CHECKPOINT || which == Request::AUDIT_PROVE ||
                      which == Request::AUDIT_REPLAY || which == Request::AUDIT_READS;
  if (who.socket == SocketRole::auditor) return common || audits;
  return common || (audits && which != Request::AUDIT_READS) || which == Request::SHRED || which == Request::KEYS_STATUS ||
         which == Request::KEYS_EVICT || which == Request::KEYS_ADMIT || which == Request::KEYS_ROTATE_ROOT ||
         which == Request::KEYS_ESCROW || which == Request::BACKUP_READ || which == Request::RETENTION_PURGE ||
         which == Request::RETENTION_PLAN || which == Request::RETENTION_RUN || which == Request::STAFF_ADD ||
         which == Request::STAFF_REVOKE || which == Request::STAFF_LIST || which == Request::FORM_SHOW;
}

std::int64_t last_position(const Core& core) { return static_cast<std::int64_t>(core.store->journal().next_position()) - 1; }

Bytes finish(capnp::MallocMessageBuilder& message, const Core& core, std::uint64_t id) {
  auto root = message.getRoot<Response>();
  root.setId(id);
  root.setPosition(last_position(core));
  return protocol::encode(message);
}

class Dispatcher {
 public:
  Dispatcher(Service& service, Service::State& state, const Principal& who, Request::Reader request, std::uint64_t ticket,
             Bytes& reply)
      : service_(service),
        state_(state),
        core_(state.core),
        call_{.who = who,
              .request = request,
              .now = state.core.options.clock->now(),
              .actor = {},
              .ticket = ticket,
              .request_hash = {},
              .request_key = {}},
        reply_(reply) {}

  Result<Handled> run() {
    const Result<Handled> done = attempt();
    if (done) return *done;
    const Error& error = done.error();
    if (error.code == ErrorCode::io || error.code == ErrorCode::corrupt) {
      // A fault of the store: it must not be served on.
      if (error.code == ErrorCode::io) return error;
    }
    if (error.code == ErrorCode::busy && state_.drained_ticket != call_.ticket) {
      state_.drained_ticket = call_.ticket;
      return Handled::drain;
    }
    reply_ = protocol::error_frame(call_.request.getId(), error);
    return Handled::replied;
  }

 private:
  Result<Handled> attempt() {
    TAUS_TRY(check_envelope());
    TAUS_TRY_ASSIGN(call_.actor, resolve_actor(core_, call_.who, call_.request));
    if (const Command* const one = command_of(call_.request.which())) return command(*one);
    if (const Query* const one = query_of(call_.request.which())) return query(*one);
    switch (call_.request.which()) {
      case Request::AUDIT_VERIFY: return ask_history(audit_verify(core_, call_), true);
      case Request::AUDIT_PROVE: return ask_history(audit_prove(core_, call_, call_.request.getAuditProve()), false);
      case Request::RETENTION_RUN: return retention_run();
      case Request::RETENTION_PURGE: return purge();
      case Request::KEYS_EVICT:
      case Request::KEYS_ADMIT: return replica_set();
      case Request::KEYS_ROTATE_ROOT:
      case Request::KEYS_ESCROW: return root_turn();
      case Request::DEV_CLOCK_SET:
      case Request::DEV_CLOCK_ADVANCE: return clock();
      default: return Error(ErrorCode::invalid_argument, "no such method: see docs/PROTOCOL.md");
    }
  }

  Result<void> check_envelope() {
    const auto& request = call_.request;
    if (request.getRequestId().size() > limits::request_id_bytes_max)
      return Error(ErrorCode::too_large, "a request id has at most 64 bytes", "/requestId");
    if (request.getPurpose().size() > limits::purpose_bytes_max)
      return Error(ErrorCode::too_large, "a purpose has at most 500 bytes: say it shorter", "/purpose");
    TAUS_TRY(schema::check_text(text_of(request.getRequestId()), limits::request_id_bytes_max, "/requestId"));
    TAUS_TRY(schema::check_text(text_of(request.getPurpose()), limits::purpose_bytes_max, "/purpose"));
    if (request.hasPurpose() && request.getPurpose().size() > 0 && schema::blank(text_of(request.getPurpose())))
      return Error(ErrorCode::invalid_argument, "a purpose says what the data is for: say so in words, or leave it out",
                   "/purpose");
    if (!socket_carries(call_.who, request.which()))
      return Error(ErrorCode::unauthorized, "this socket does not carry that method: use the one for its role");
    if (request.getAtLeast() > last_position(core_))
      return Error(ErrorCode::unavailable, "that position is not reached yet: ask again later", "/atLeast");
    return {};
  }

  Result<Handled> query(const Query& one) {
    capnp::MallocMessageBuilder message;
    TAUS_TRY(one.ask(core_, call_, call_.request, message.initRoot<Response>()));
    reply_ = finish(message, core_, call_.request.getId());
    return Handled::replied;
  }

  Result<Handled> command(const Command& one) {
    if (call_.request.getRequestId().size() > 0) {
      call_.request_key = core_.store->request_key(call_.who.name, text_of(call_.request.getRequestId()));
      call_.request_hash = hash_of(call_.request);  // meanwhile what recall() looks at is fetched
      TAUS_TRY_ASSIGN(const std::optional<DedupeHit> hit, core_.store->recall(call_.request_key, call_.now));
      if (hit) {
        capnp::MallocMessageBuilder message;
        TAUS_TRY(
            fill_ack_again(core_, call_, *hit, state_.drained_ticket == call_.ticket, one.ack(message.initRoot<Response>())));
        reply_ = finish(message, core_, call_.request.getId());
        return Handled::replied;
      }
    }
    Decision decision(call_);
    const Result<void> decided = one.decide(core_, call_, call_.request, decision);
    if (!decided) {
      if (one.which == Request::SHRED && decided.error().code == ErrorCode::shredded) return shredded_before();
      return decided.error();
    }
    TAUS_TRY_ASSIGN(const Carried carried, carry_out(core_, call_, decision));
    TAUS_TRY(fold_noted(core_));
    return acknowledge(one, decision, carried);
  }

  Result<Handled> acknowledge(const Command& one, const Decision& decision, const Carried& carried) {
    const std::uint64_t id = call_.request.getId();
    if (!carried.shreds || decision.no_wait) {
      capnp::word room[ack_words] = {};
      capnp::MallocMessageBuilder message(kj::ArrayPtr<capnp::word>(room, ack_words));
      auto ack = one.ack(message.initRoot<Response>());
      TAUS_TRY(fill_ack(core_, decision, carried, ack));
      ack.setPending(carried.shreds);
      reply_ = finish(message, core_, id);
      return Handled::replied;
    }
    auto message = std::make_shared<capnp::MallocMessageBuilder>();
    TAUS_TRY(fill_ack(core_, decision, carried, one.ack(message->initRoot<Response>())));
    state_.waiting.push_back(
        {.ticket = call_.ticket, .finish = [this_core = &core_, message, id, init = one.ack](const ShredOutcome& outcome) {
           set_outcome(message->getRoot<Response>(), outcome);
           static_cast<void>(init);
           return finish(*message, *this_core, id);
         }});
    return Handled::waits;
  }

  // The union member is set already; its builder is found again without clearing it.
  static void set_outcome(Response::Builder root, const ShredOutcome& outcome) {
    switch (root.which()) {
      case Response::SUBJECT_CONCLUDE: set_outcome(root.getSubjectConclude(), outcome); break;
      case Response::CONSENT_WITHDRAW: set_outcome(root.getConsentWithdraw(), outcome); break;
      case Response::SHRED: set_outcome(root.getShred(), outcome); break;
      case Response::RIGHTS_DECIDE: set_outcome(root.getRightsDecide(), outcome); break;
      case Response::MATCH_CONFIRM: set_outcome(root.getMatchConfirm(), outcome); break;
      case Response::INQUIRY_ANSWER: set_outcome(root.getInquiryAnswer(), outcome); break;
      default: break;
    }
  }
  static void set_outcome(api::Ack::Builder ack, const ShredOutcome& outcome) {
    if (outcome.receipt) ack.setReceipt(static_cast<std::int64_t>(*outcome.receipt));
    if (outcome.receipt && !outcome.fully_erased_by.empty()) ack.setFullyErasedBy(outcome.fully_erased_by);
    if (outcome.waits_for.empty()) return;
    ack.setPending(true);
    std::vector<std::string> all;
    for (const auto one : ack.getWarnings()) all.emplace_back(one.cStr());
    all.push_back("accepted, and carried out as soon as every copy of the keys has it: " + outcome.waits_for);
    auto warnings = ack.initWarnings(static_cast<unsigned>(all.size()));
    for (unsigned i = 0; i < warnings.size(); ++i) warnings.set(i, all[i]);
  }

  // A second shred of the same subject is no error: the receipt is the first one's.
  Result<Handled> shredded_before() {
    const std::string_view id = text_of(call_.request.getShred().getSubject());
    const std::optional<Ordinal> ordinal = core_.store->ordinal_of(id);
    if (!ordinal || !core_.projections.wholly_shredded(*ordinal))
      return Error(ErrorCode::shredded, "these categories were shredded before", "/categories");
    capnp::MallocMessageBuilder message;
    auto ack = message.initRoot<Response>().initShred();
    ack.setSubject(call_.request.getShred().getSubject());
    if (const auto receipt = core_.projections.receipt_of(*ordinal)) {
      TAUS_TRY(fill_receipt(core_, *receipt, ack));
      ack.setPosition(static_cast<std::int64_t>(*receipt));
    }
    reply_ = finish(message, core_, call_.request.getId());
    return Handled::replied;
  }

  // Runs what is due; the answer waits for the shreds. Of many it is the first few: the rest is looked at between other requests.
  Result<Handled> due_then(std::function<Bytes(Core&, const ShredOutcome&)> answer) {
    TAUS_TRY(service_.run_due());
    const bool more = more_due(core_);
    if (!more && !core_.store->shreds_pending()) {
      reply_ = answer(core_, ShredOutcome{});
      return Handled::replied;
    }
    (more ? state_.sweeping : state_.waiting)
        .push_back({.ticket = call_.ticket,
                    .finish = [core = &core_, answer](const ShredOutcome& outcome) { return answer(*core, outcome); }});
    return Handled::waits;
  }

  Result<Handled> ask_history(Result<HistoryQuestion::Read> read, bool shared) {
    if (!read) return std::move(read).error();
    TAUS_TRY(state_.history.ask({.ticket = call_.ticket,
                                 .id = call_.request.getId(),
                                 .position = last_position(core_),
                                 .shared = shared,
                                 .read = std::move(*read)}));
    return Handled::waits;
  }

  Result<Handled> retention_run() {
    TAUS_TRY(require(standing(call_), op, "operators run the retention"));
    const std::uint64_t concluded = core_.automatic_conclusions;
    const std::uint64_t shredded = core_.shreds_done;
    const std::uint64_t late = core_.late;
    const std::uint64_t gone = core_.projections.gone_count();
    return due_then([=, id = call_.request.getId()](Core& core, const ShredOutcome& outcome) {
      capnp::MallocMessageBuilder message;
      auto run = message.initRoot<Response>().initRetentionRun();
      run.setConcluded(core.automatic_conclusions - concluded);
      run.setShredded(core.shreds_done - shredded);
      run.setSubjects(core.projections.gone_count() - gone);
      run.setLate(core.late - late);
      if (outcome.receipt) run.setReceipt(static_cast<std::int64_t>(*outcome.receipt));
      run.setPending(!outcome.waits_for.empty());
      if (!outcome.waits_for.empty()) run.setWaitsFor(outcome.waits_for);
      return finish(message, core, id);
    });
  }

  // Done by and by; the answer says what was done before.
  Result<Handled> purge() {
    TAUS_TRY(require(standing(call_), op, "operators run the retention"));
    core_.store->want_purge(call_.now);
    capnp::MallocMessageBuilder message;
    auto done = message.initRoot<Response>().initRetentionPurge();
    done.setErased(core_.store->purged());
    if (const auto due = core_.store->purge_due()) done.setDue(ms_of(*due));
    reply_ = finish(message, core_, call_.request.getId());
    return Handled::replied;
  }

  Result<Handled> replica_set() {
    capnp::MallocMessageBuilder message;
    auto root = message.initRoot<Response>();
    const bool evicts = call_.request.isKeysEvict();
    TAUS_TRY(change_replicas(core_, call_, evicts ? call_.request.getKeysEvict() : call_.request.getKeysAdmit(), !evicts));
    TAUS_TRY(keys_status(core_, call_, evicts ? root.initKeysEvict() : root.initKeysAdmit()));
    reply_ = finish(message, core_, call_.request.getId());
    return Handled::replied;
  }

  Result<Handled> root_turn() {
    capnp::MallocMessageBuilder message;
    auto root = message.initRoot<Response>();
    if (call_.request.isKeysEscrow())
      TAUS_TRY(keys_escrow(core_, call_, call_.request.getKeysEscrow(), root.initKeysEscrow()));
    else
      TAUS_TRY(keys_rotate_root(core_, call_, root.initKeysRotateRoot()));
    reply_ = finish(message, core_, call_.request.getId());
    return Handled::replied;
  }

  Result<Handled> clock() {
    SettableClock* clock = core_.options.dev_clock;
    if (clock == nullptr || !call_.who.developer) return Error(ErrorCode::unauthorized, "the clock can be set with --dev only");
    const bool sets = call_.request.isDevClockSet();
    Instant to = call_.now;
    if (sets) {
      TAUS_TRY_ASSIGN(to, required_time(call_.request.getDevClockSet().getAt(), "/at"));
    } else {
      const auto by = call_.request.getDevClockAdvance();
      if (by.getDays() < 0 || by.getMilliseconds() < 0)
        return Error(ErrorCode::invalid_argument, "advance goes forward: use 'dev clock set' to go back", "/days");
      TAUS_TRY_ASSIGN(to, required_time(ms_of(core_.zone->plus_days(call_.now, by.getDays())) + by.getMilliseconds(), "/days"));
    }
    // Not the store's fault: it is served on.
    if (const auto moved = clock->move_to(to); !moved) return Error(ErrorCode::unavailable, moved.error().message);
    core_.jumped_from = std::min(core_.jumped_from.value_or(call_.now), call_.now);
    const std::uint64_t concluded = core_.automatic_conclusions;
    const std::uint64_t shredded = core_.shreds_done;
    return due_then([=, id = call_.request.getId()](Core& core, const ShredOutcome&) {
      capnp::MallocMessageBuilder message;
      auto root = message.initRoot<Response>();
      auto state = sets ? root.initDevClockSet() : root.initDevClockAdvance();
      state.setNow(ms_of(core.options.clock->now()));
      state.setConcluded(core.automatic_conclusions - concluded);
      state.setShredded(core.shreds_done - shredded);
      return finish(message, core, id);
    });
  }

  Service& service_;
  Service::State& state_;
  Core& core_;
  Call call_;
  Bytes& reply_;
};

}  // namespace

Result<Handled> dispatch(Service& service, Service::State& state, const Principal& who, Request::Reader request,
                         std::uint64_t ticket, Bytes& reply) {
  return Dispatcher(service, state, who, request, ticket, reply).run();
}

}  // namespace taus::service
