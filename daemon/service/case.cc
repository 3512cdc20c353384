#include <algorithm>

#include "daemon/service/commands.h"
#include "daemon/service/schedule.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

void fill_anchor(schema::Anchor::Builder to, schema::Phase phase, const Schedule& schedule, std::size_t category,
                 Ordinal counsellor) {
  to.setPhase(phase);
  if (schedule.year) to.setYear(*schedule.year);
  if (schedule.due[category].at) to.setDue(ms_of(*schedule.due[category].at));
  to.setRule(schedule.due[category].rule);
  to.setCounsellor(counsellor);
}

// Anchors in every category that lives, the same way for conclusion and reopening.
template <class Body>
void fill_anchors(const Core& core, const Subject& subject, schema::Phase phase, const Schedule& schedule, Body body) {
  const Ordinal counsellor = subject.assigned();
  const auto fill = [&](Category category, auto init) {
    if (subject.has(category)) fill_anchor(init(), phase, schedule, static_cast<std::size_t>(category), counsellor);
  };
  fill(Category::ident, [&] {
    auto ident = body.initIdent();
    if (schedule.year) {
      ident.setSessions(statistics::sessions_of(*core.zone, subject, *schedule.year).value_or(-1));
      ident.setEarlier(statistics::earlier_sessions(*core.zone, subject, *schedule.year).value_or(-1));
    }
    return ident.initAnchor();
  });
  fill(Category::email, [&] {
    auto email = body.initEmail();
    email.setInvited(subject.survey_invited && phase == schema::Phase::P2);  // a case that goes on gets an invitation of its own
    if (schedule.survey_at && phase == schema::Phase::P2) email.setSurveyAt(ms_of(*schedule.survey_at));
    return email.initAnchor();
  });
  fill(Category::phone, [&] { return body.initPhone().initAnchor(); });
  fill(Category::demog, [&] {
    auto demog = body.initDemog();
    if (schedule.year) demog.setCounted(statistics::facts_in_force(*core.zone, subject, *schedule.year).value_or(-1));
    return demog.initAnchor();
  });
  fill(Category::special, [&] { return body.initSpecial().initAnchor(); });
  fill(Category::intake, [&] { return body.initIntake().initAnchor(); });
  fill(Category::corr, [&] { return body.initCorr().initAnchor(); });
  fill(Category::appt, [&] { return body.initAppt().initAnchor(); });
  fill(Category::consent, [&] { return body.initConsent().initAnchor(); });
  fill(Category::rights, [&] { return body.initRights().initAnchor(); });
  fill(Category::audit, [&] { return body.initAudit().initAnchor(); });
}

bool further_session_agreed(const Subject& subject, Instant now) {
  const auto sessions = std::count_if(subject.appointments.begin(), subject.appointments.end(), [](const auto& one) {
    return one.kind == schema::AppointmentKind::INDIVIDUAL && one.outcome == schema::Outcome::HELD;
  });
  const bool ahead = std::any_of(subject.appointments.begin(), subject.appointments.end(), [&](const auto& one) {
    return one.kind == schema::AppointmentKind::INDIVIDUAL && one.outcome == schema::Outcome::ABSENT && one.end > now;
  });
  return ahead || sessions > 1;
}

Result<void> check_log(api::LogWrite::Reader in) {
  const std::array<std::pair<capnp::Text::Reader, const char*>, 5> headings{{{in.getOrder(), "/order"},
                                                                             {in.getFocus(), "/focus"},
                                                                             {in.getIssuesNext(), "/issuesNext"},
                                                                             {in.getTasksNext(), "/tasksNext"},
                                                                             {in.getOtherPrep(), "/otherPrep"}}};
  bool any = false;
  for (const auto& [text, pointer] : headings) {
    TAUS_TRY(schema::check_text(text_of(text), limits::text_bytes_max, pointer));
    any = any || !schema::blank(text_of(text));
  }
  if (!any) return Error(ErrorCode::invalid_argument, "a log says something under at least one of its five headings", "/order");
  if (!in.getAttestNoSpecial())
    return Error(ErrorCode::invalid_argument,
                 "a log holds no sensitive personal data: attest it with attestNoSpecial = true, or take such data out",
                 "/attestNoSpecial");
  return {};
}

void fill_log(api::LogWrite::Reader in, bool amend, schema::SessionLog::Builder to) {
  to.setOrder(in.getOrder());
  to.setFocus(in.getFocus());
  to.setIssuesNext(in.getIssuesNext());
  to.setTasksNext(in.getTasksNext());
  to.setOtherPrep(in.getOtherPrep());
  to.setAttestNoSpecial(true);
  if (amend) to.setSupersedes(in.getSupersedes());
}

}  // namespace

Result<void> expect_version(const Subject& subject, std::int64_t expected) {
  if (expected == -1) return {};
  const auto wanted = static_cast<Version>(expected);
  if (expected < 0 || wanted < subject.changed || wanted > subject.version)
    return Error(ErrorCode::version_conflict, "the subject changed since you read it: read it again and decide anew",
                 "/expectedVersion");
  return {};
}

Result<void> expect_consent_stands(const Subject& subject) {
#ifndef TAUS_PLANT_WORK_AFTER_WITHDRAWAL
  if (subject.withdrawn_at())
    return Error(
        ErrorCode::restricted,
        "consent was withdrawn, and what is left is kept by a hold or an open request alone: nothing is added or changed; what "
        "comes now begins a new record ('booking request')",
        "/subject");
#else
  static_cast<void>(subject);
#endif
  return {};
}

Result<void> expect_open_case(const Subject& subject) {
  TAUS_TRY(expect_consent_stands(subject));
  if (subject.phase() != schema::Phase::P2) return {};
  return Error(ErrorCode::version_conflict, "the case is concluded: reopen it first ('subject reopen')", "/subject");
}

Result<void> expect_named(const Subject& subject) {
  TAUS_TRY(expect_consent_stands(subject));
  if (subject.has(Category::ident) || !has(subject.gone, Category::ident)) return {};
  return Error(ErrorCode::shredded,
               "the name of this client was shredded: what comes now begins a new record ('booking request')", "/subject");
}

Result<Instant> required_time(std::int64_t ms, const char* pointer) {
  constexpr std::int64_t year_1900 = -2'208'988'800'000;
  constexpr std::int64_t year_2200 = 7'258'118'400'000;
  if (ms == no_time_ms)
    return Error(ErrorCode::invalid_argument, "a time is needed (RFC 3339; without offset it is Norwegian time)", pointer);
  if (ms < year_1900 || ms >= year_2200)
    return Error(ErrorCode::invalid_argument, "the time lies outside 1900 to 2200: check the year", pointer);
  return instant_of_ms(ms);
}

Result<void> subject_assign(Core& core, const Call& call, api::Assign::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  const bool early = subject->phase() == schema::Phase::P0;
  TAUS_TRY(require(relations(call, *subject),
                   static_cast<std::uint16_t>(early ? static_cast<int>(colleagues) : (assigned | leader)),
                   early ? "the centre's staff assign a counsellor"
                         : "after the first session the assigned counsellor or the leader hands a case over"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_open_case(*subject));
  TAUS_TRY_ASSIGN(const Subject* counsellor, core.counsellor(text_of(in.getCounsellor())));
  TAUS_TRY(schema::check_text(text_of(in.getReason()), limits::text_bytes_max, "/reason"));
  out.subject = subject->ordinal;
  auto to = out.event(out.subject, all_categories, subject).initCounsellorAssigned().initAppt();
  to.setCounsellor(counsellor->ordinal);
  if (in.hasReason()) to.setReason(in.getReason());
  return {};
}

void conclude(Core& core, const Subject& subject, Instant now, Instant concluded_at, schema::Conclusion how, Decision& out) {
  Subject ended = subject;
  ended.concluded_at = concluded_at;
  // The shred order below is itself an entry of the read log, so that must know its end as well.
  ended.live = static_cast<Mask>(ended.live | bit(Category::case_) | bit(Category::audit));
  const Schedule schedule = schedule_of(core, ended, now);
  auto body = out.event(subject.ordinal, ended.live, &subject).initGuidanceConcluded();
  auto end = body.initCase();
  end.setConcludedAt(ms_of(concluded_at));
  end.setHow(how);
  fill_anchors(core, ended, schema::Phase::P2, schedule, body);
  fill_anchor(end.initAnchor(), schema::Phase::P2, schedule, static_cast<std::size_t>(Category::case_), subject.assigned());
  const Mask due = overdue(schedule, ended, now);
  if (due != 0) plan_shred(core, out, ended, due, schema::ShredReason::RETENTION);
}

void anchor_rights(const Core& core, const Subject& subject, Instant now, Decision& out) {
  const std::size_t rights = static_cast<std::size_t>(Category::rights);
  if (subject.phase() != schema::Phase::P2 || subject.anchors[rights]) return;
  Subject with = subject;
  with.live = static_cast<Mask>(with.live | bit(Category::rights));
  auto body = out.event(subject.ordinal, bit(Category::rights), &subject).initErasureScheduled();
  fill_anchor(body.initRights().initAnchor(), schema::Phase::P2, schedule_of(core, with, now), rights, subject.assigned());
}

Result<void> subject_conclude(Core& core, const Call& call, api::Conclude::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), assigned, "the assigned counsellor concludes the case"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_consent_stands(*subject));
  if (subject->phase() == schema::Phase::P2)
    return Error(ErrorCode::version_conflict, "the case is concluded already", "/subject");
  if (schedule_of(core, *subject, call.now).active)
    return Error(ErrorCode::version_conflict,
                 "the case is active: an appointment is ahead or lacks its outcome; record or cancel it first", "/subject");
  out.subject = subject->ordinal;
  conclude(core, *subject, call.now, call.now, schema::Conclusion::EXPLICIT, out);
  return {};
}

void reopen(Core& core, const Subject& subject, Instant now, capnp::Text::Reader reason, Decision& out) {
  const Schedule schedule = schedule_of(core, subject, now);
  auto body = out.event(subject.ordinal, static_cast<Mask>(subject.live | bit(Category::case_)), &subject).initGuidanceReopened();
  auto reopening = body.initCase();
  if (reason.size() > 0) reopening.setReason(reason);
  fill_anchors(core, subject, schema::Phase::P1, schedule, body);
}

namespace {

// Whoever guided the client has left, or is not known any more.
bool kept_by_nobody(const Core& core, const Subject& subject) {
  const Subject* const counsellor = subject.assigned() == 0 ? nullptr : core.projections.subject(subject.assigned());
  return counsellor == nullptr || !counsellor->is_staff() || counsellor->staff->revoked;
}

}  // namespace

Result<void> subject_reopen(Core& core, const Call& call, api::Reopen::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  const int may = assigned | (kept_by_nobody(core, *subject) ? static_cast<int>(leader) : 0);
  TAUS_TRY(require(relations(call, *subject), static_cast<std::uint16_t>(may),
                   "the assigned counsellor reopens the case, or the leader where that one has left"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_consent_stands(*subject));
  if (subject->phase() != schema::Phase::P2)
    return Error(ErrorCode::version_conflict, "the case is not concluded: there is nothing to reopen", "/subject");
  if (!subject->has(Category::ident))
    return Error(ErrorCode::version_conflict, "the name of this client is gone: a new booking starts a new record", "/subject");
  TAUS_TRY(schema::check_text(text_of(in.getReason()), limits::text_bytes_max, "/reason"));
  out.subject = subject->ordinal;
  reopen(core, *subject, call.now, in.getReason(), out);
  return {};
}

Result<void> log_write(Core& core, const Call& call, api::LogWrite::Reader in, bool amend, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), assigned, "only the client's own counsellor writes the log"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_open_case(*subject));
  TAUS_TRY(expect_consent(*subject));
  TAUS_TRY(check_log(in));
  out.subject = subject->ordinal;
  if (amend) {
    const auto& logs = subject->logs;
    if (in.getSupersedes() < 0 || std::find(logs.begin(), logs.end(), static_cast<Position>(in.getSupersedes())) == logs.end())
      return Error(ErrorCode::not_found, "say which log is amended, by its position (see 'subject show')", "/supersedes");
    fill_log(in, true, out.event(out.subject, all_categories, subject).initSessionLogAmended().initCase());
    return {};
  }
  if (core.profile().phases && subject->phase() == schema::Phase::P0)
    return Error(ErrorCode::version_conflict, "no session has been held yet: there is no log before the first one", "/subject");
  if (core.profile().log_only_with_further_session && !further_session_agreed(*subject, call.now))
    out.warn("no further session is agreed: the notice promises a log only for clients with several sessions (VT-R11)");
  fill_log(in, false, out.event(out.subject, all_categories, subject).initSessionLogWritten().initCase());
  return {};
}

Result<void> message_add(Core& core, const Call& call, api::MessageAdd::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  const std::uint16_t who = relations(call, *subject);
  const std::string_view direction = text_of(in.getDirection());
  if (direction != "in" && direction != "out")
    return Error(ErrorCode::invalid_argument, "a message's direction is 'in' or 'out'", "/direction");
  const bool received = direction == "in";
  // After the first guidance only the client's own counsellor keeps mail and SMS; earlier every colleague may.
  const bool concluded = subject->phase() == schema::Phase::P2;
  const std::uint16_t may = concluded ? static_cast<std::uint16_t>(assigned | portal | client)
                                      : static_cast<std::uint16_t>(colleagues | portal | client);
  TAUS_TRY(require(who, may, "the centre's staff, the mail gateway and the client add messages"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_named(*subject));
  if (!received) {
    TAUS_TRY(require(who, colleagues, "only staff send messages"));
    TAUS_TRY(expect_open_case(*subject));
  }
  if (in.getChannel() != schema::Channel::EMAIL && in.getChannel() != schema::Channel::SMS)
    return Error(ErrorCode::invalid_argument, "a message's channel is email or sms", "/channel");
  TAUS_TRY(schema::check_text(text_of(in.getTitle()), limits::text_bytes_max, "/title"));
  const std::string body = schema::with_line_feeds(text_of(in.getBody()));
  TAUS_TRY(schema::check_text(body, limits::text_bytes_max, "/body"));
  if (schema::blank(text_of(in.getTitle())) && schema::blank(body))
    return Error(ErrorCode::invalid_argument, "there is nothing in the message: give its body, or its title", "/body");
  Instant at = call.now;
  if (in.getAt() != no_time_ms) {
    TAUS_TRY_ASSIGN(at, required_time(in.getAt(), "/at"));
    if (at > call.now + std::chrono::minutes(5))
      return Error(ErrorCode::invalid_argument, "a message cannot lie in the future", "/at");
  }
  out.subject = subject->ordinal;
  auto event = out.event(out.subject, all_categories, subject);
  auto to = received ? event.initMessageReceived().initCorr() : event.initMessageSent().initCorr();
  to.setChannel(in.getChannel());
  if (in.hasTitle()) to.setSubject(in.getTitle());
  to.setBody(body);
  to.setAt(ms_of(at));
  if (!received) to.setAuthor(call.actor.staff);
  if (concluded)
    out.warn(
        "the case is concluded: the message is kept for four weeks and can be read once the case is reopened ('subject reopen')");
  return {};
}

}  // namespace taus::service
