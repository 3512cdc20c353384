#include "daemon/service/schedule.h"

#include <algorithm>

namespace taus::service {

namespace {

using projections::AppointmentState;

policy::Outcome outcome_of(const AppointmentState& one) {
  switch (one.outcome) {
    case schema::Outcome::ABSENT: return policy::Outcome::open;
    case schema::Outcome::CANCELLED: return policy::Outcome::cancelled;
    case schema::Outcome::NO_SHOW: return policy::Outcome::no_show;
    case schema::Outcome::HELD:
      // A pre-call or group session that took place is activity, not a held session (VT-07).
      return one.kind == schema::AppointmentKind::INDIVIDUAL ? policy::Outcome::held : policy::Outcome::no_show;
  }
  return policy::Outcome::open;
}

void keep_earliest(std::optional<Instant>& to, std::optional<Instant> at) {
  if (at && (!to || *at < *to)) to = at;
}

// The last of what a conclusion promised of the client categories; consent goes with it, and remembers it.
std::optional<Instant> last_client_of(const Subject& subject) {
  const auto& consent = subject.anchors[static_cast<std::size_t>(Category::consent)];
  if (consent && consent->due) return consent->due;
  std::optional<Instant> out;
  for (std::size_t i = 0; i < category_count; ++i)
    if (const auto& one = subject.anchors[i]; has(client_categories, static_cast<Category>(i)) && one && one->due)
      out = out ? std::max(*out, *one->due) : one->due;
  return out;
}

// While a restriction lasts, what tells of it does: else the data would be taken for unrestricted, and shredded.
void keep_restriction(const Subject& subject, Instant now, Schedule& out) {
  policy::Due& due = out.due[static_cast<std::size_t>(Category::rights)];
  if (subject.restricted() != 0 && due.overdue(now)) due.deferred = policy::Deferral::restriction;
}

std::optional<Instant> last_decision(const Subject& subject) {
  std::optional<Instant> out;
  for (const projections::RightsState& one : subject.requests)
    if (one.decided_at && (!out || *out < *one.decided_at)) out = one.decided_at;
  return out;
}

// A request that is open keeps what it is about; one that was decided after a conclusion moves the time it promised. `by_rules`: when the
// record goes by what is still known of a reopened case: not before what the conclusion promised to keep, whatever it is a record of.
void renew_rights(const Core& core, const Subject& subject, bool served, std::optional<Instant> by_rules, policy::Due& due) {
  if (subject.requests.empty() && !by_rules) return;
  const policy::Due now =
      policy::evidence_due(core.profile(), *core.zone, Category::rights, served, last_client_of(subject), last_decision(subject));
  const auto& promised = subject.anchors[static_cast<std::size_t>(Category::rights)];
  due.at = by_rules;
  for (const std::optional<Instant>& one : {now.at, promised ? promised->due : std::nullopt})
    if (one && (!due.at || *due.at < *one)) due.at = one;
  if (has(subject.kept_for_requests(), Category::rights)) due.at.reset();
  due.rule = now.rule;
}

// Evidence that came after the conclusion goes with the last of what it is evidence of. Where that time was over when it came (a hold keeps the
// data, or nothing else is left), it is kept as long from then on: a read log that went with the read would tell of nobody.
policy::Due late_evidence(const Core& core, const Subject& subject, bool served, std::size_t category, Instant now) {
  const auto of = static_cast<Category>(category);
  const Instant came = subject.first_seen[category].value_or(now);
  const std::optional<Instant> last = last_client_of(subject);
  policy::Due due = policy::evidence_due(core.profile(), *core.zone, of, served, last.value_or(came), std::nullopt);
  if (last && due.at && *due.at <= came) due = policy::evidence_due(core.profile(), *core.zone, of, served, came, std::nullopt);
  return due;
}

// After a conclusion: what the anchors say. A category that came to life later has its own clock, and may be all that is left.
void from_anchors(const Core& core, const Subject& subject, const projections::Anchor& anchor, Instant now, Schedule& out) {
  out.phase = schema::Phase::P2;
  out.served = anchor.year >= 0;
  if (anchor.year >= 0) out.year = anchor.year;
  out.concluded_at = subject.concluded_at;
  out.survey_at = subject.survey_at;
  for (std::size_t i = 0; i < category_count; ++i) {
    if ((subject.live >> i & 1) == 0) continue;
    if (subject.anchors[i]) {
      out.due[i].at = subject.anchors[i]->due;
      out.due[i].rule = subject.anchors[i]->rule;
    } else if (static_cast<Category>(i) == Category::case_ && subject.concluded_at) {
      // A journal of before it had an anchor: it holds the conclusion itself. A session told of later changes nothing for the others either.
      policy::Facts facts = facts_of(subject, now);
      if (!out.served) facts.held.clear();
      out.due[i] = policy::evaluate(core.profile(), *core.zone, facts).due[i];
    } else if (has(client_categories, static_cast<Category>(i)) && subject.first_seen[i]) {
      // Came after the conclusion (a message to a closed case): kept as long as for somebody never served.
      const policy::Evaluation alone = policy::evaluate(core.profile(), *core.zone,
                                                        {.now = now,
                                                         .held = {},
                                                         .scheduled = {},
                                                         .concluded_at = {},
                                                         .last_message_at = {},
                                                         .first_collected_at = subject.first_seen[i],
                                                         .withdrawn_at = {},
                                                         .rights_decided_at = {},
                                                         .holds = {},
                                                         .restrictions = {}});
      out.due[i] = alone.due[i];
    } else if (!has(client_categories, static_cast<Category>(i))) {
      out.due[i] = late_evidence(core, subject, out.served, i, now);
    }
    if (static_cast<Category>(i) == Category::rights) renew_rights(core, subject, out.served, {}, out.due[i]);
    if (has(subject.held(), static_cast<Category>(i)))
      out.due[i].deferred = policy::Deferral::hold;
    else if (has(subject.restricted(), static_cast<Category>(i)))
      out.due[i].deferred = policy::Deferral::restriction;
    if (static_cast<Category>(i) == Category::rights) keep_restriction(subject, now, out);
    if (out.due[i].at && out.due[i].deferred == policy::Deferral::none) keep_earliest(out.next, std::max(*out.due[i].at, now));
  }
}

}  // namespace

Evidence::Evidence(const Subject* subject) {
  if (subject == nullptr) return;
  live_ = subject->live;
  first_seen_ = subject->first_seen;
}

bool Evidence::unmoved_by(schema::Event::Which event, const Subject* after) const {
  using schema::Event;
  const bool says_nothing = event == Event::MESSAGE_SENT || event == Event::RECORD_CONSULTED || event == Event::ACCESS_DENIED;
  return says_nothing && after != nullptr && after->live == live_ && after->first_seen == first_seen_;
}

policy::Facts facts_of(const Subject& subject, Instant now) {
  policy::Facts facts{.now = now,
                      .held = {},
                      .scheduled = {},
                      .concluded_at = subject.concluded_at,
                      .last_message_at = {},
                      .first_collected_at = subject.first_collected(),
                      .withdrawn_at = subject.withdrawn_at(),
                      .rights_decided_at = {},
                      .holds = {},
                      .restrictions = {}};
  const std::optional<projections::Anchor> anchor = subject.anchor();
  facts.reopened = anchor.has_value();
  facts.served_before = anchor && anchor->year >= 0;
  if (const projections::Kept* kept = subject.kept()) {
    facts.kept = {.last_start = kept->last_start,
                  .last_end = kept->last_end,
                  .last_appointment = kept->last_appointment,
                  .open_end = kept->open_end,
                  .dropped = kept->dropped,
                  .last_activity = kept->last_activity};
    keep_earliest(facts.first_collected_at, kept->since);
  }
  facts.rights_decided_at = last_decision(subject);
  facts.rights_open = has(subject.kept_for_requests(), Category::rights);
  // A reopened case begins with its reopening, or it would be concluded again at once. Once that is concluded too, with its log.
  const auto begun =
      subject.reopened_at() ? subject.reopened_at() : subject.first_seen[static_cast<std::size_t>(Category::case_)];
  if (facts.reopened && begun) facts.first_collected_at = begun;
  for (const projections::CoverState& one : subject.covers)
    (one.hold ? facts.holds : facts.restrictions).push_back({.categories = one.categories, .from = one.from, .until = one.until});
  for (const AppointmentState& one : subject.appointments) {
    const policy::Outcome outcome = outcome_of(one);
    if (outcome == policy::Outcome::held) facts.held.push_back({.start = one.start, .end = one.end});
    facts.scheduled.push_back({.start = one.start, .end = one.end, .outcome = outcome, .cancelled_at = one.cancelled_at});
  }
  for (const projections::MessageRef& one : subject.messages)
    if (one.from_client && (!facts.last_message_at || *facts.last_message_at < one.at)) facts.last_message_at = one.at;
  for (const projections::InquiryState& one : subject.inquiries)
    if (!facts.last_message_at || *facts.last_message_at < one.received_at) facts.last_message_at = one.received_at;
  return facts;
}

Schedule schedule_of(const Core& core, const Subject& subject, Instant now) {
  Schedule out;
  if (subject.is_staff()) return out;
  const std::optional<projections::Anchor> anchor = subject.anchor();
  if (subject.phase() == schema::Phase::P2 && !subject.withdrawn_at()) {
    from_anchors(core, subject, anchor.value_or(projections::Anchor{}), now, out);
    return out;
  }
  const policy::Facts facts = facts_of(subject, now);
  const policy::Evaluation rules = policy::evaluate(core.profile(), *core.zone, facts);
  out.due = rules.due;
  out.active = rules.active;
  out.served = rules.served;
  out.phase = subject.phase();
  out.survey_at = rules.survey_at;
  out.next = rules.next_change;
  if (subject.withdrawn_at()) {
    // Whoever reads what a hold or an open request keeps after the withdrawal is remembered as long as that is kept.
    const auto audit = static_cast<std::size_t>(Category::audit);
    if (subject.first_seen[audit] && *subject.first_seen[audit] > *subject.withdrawn_at()) {
      if (subject.held() != 0)
        out.due[audit].deferred = policy::Deferral::hold;
      else if (subject.kept_for_requests() != 0)
        out.due[audit].at.reset();
    }
    // Nothing is left to conclude: what no hold covers is overdue.
    if (overdue(out, subject, now) != 0) out.next = now;
    return out;
  }
  if (rules.concluded_at && *rules.concluded_at > now) keep_earliest(out.next, rules.concluded_at);
  const auto last =
      std::max_element(facts.held.begin(), facts.held.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  std::optional<Instant> last_start = facts.kept.last_start;
  if (last != facts.held.end() && (!last_start || *last_start < last->start)) last_start = last->start;
  if (last_start) out.year = static_cast<std::int16_t>(core.zone->year_of(*last_start));
  if (anchor) {
    // A reopened case keeps what its earlier guidance was promised to keep.
    if (!out.year && anchor->year >= 0) out.year = anchor->year;
    for (std::size_t i = 0; i < category_count; ++i) {
      if (!subject.anchors[i] || !subject.anchors[i]->due || rules.active) continue;  // a hold may name itself as what defers
      if (out.due[i].at && *out.due[i].at >= *subject.anchors[i]->due) continue;
      out.due[i].at = subject.anchors[i]->due;
      out.due[i].rule = subject.anchors[i]->rule;
    }
  }
  if (policy::Due& rights = out.due[static_cast<std::size_t>(Category::rights)]; anchor && !rules.active)
    renew_rights(core, subject, out.served, rights.at, rights);
  keep_restriction(subject, now, out);
  // What fell due while nobody looked, or by a session told of late, is due now.
  if (overdue(out, subject, now) != 0) out.next = now;
  for (const policy::Due& due : out.due)
    if (due.at && *due.at > now) keep_earliest(out.next, due.at);
  if (rules.concluded_at && *rules.concluded_at <= now && !rules.active && subject.live != 0) {
    out.concluded_at = rules.concluded_at;
    out.conclude_now = true;
    out.next = now;
  }
  return out;
}

Mask overdue(const Schedule& schedule, const Subject& subject, Instant now) {
  Mask out = 0;
  for (std::size_t i = 0; i < category_count; ++i)
    if ((subject.live >> i & 1) != 0 && schedule.due[i].overdue(now)) out = static_cast<Mask>(out | 1U << i);
  return out;
}

void reschedule(Core& core, Ordinal ordinal) {
  const Subject* subject = core.projections.subject(ordinal);
  if (subject == nullptr || ordinal == centre_stream || subject->is_staff() || core.shredding.contains(ordinal)) {
    core.due.set(ordinal, std::nullopt);
    return;
  }
  core.due.set(ordinal, schedule_of(core, *subject, core.options.clock->now()).next);
}

void reschedule_after(Core& core, Ordinal ordinal, Instant now) {
  const Subject* subject = core.projections.subject(ordinal);
  std::optional<Instant> next = subject == nullptr ? std::nullopt : schedule_of(core, *subject, now).next;
  // Nothing was done about it at `now`, so looking again at the same instant would spin.
  if (next && *next <= now) next = now + std::chrono::hours(1);
  core.due.set(ordinal, next);
}

}  // namespace taus::service
