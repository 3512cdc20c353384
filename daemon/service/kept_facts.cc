#include "daemon/service/kept_facts.h"

#include "daemon/service/schedule.h"

namespace taus::service {

namespace {

std::int64_t ms_or_none(std::optional<Instant> at) { return at ? ms_of(*at) : no_time_ms; }

struct Rest {
  policy::Kept facts;
  std::optional<Instant> since;
};

// Only of what goes: what stays may still be corrected.
policy::Kept lost_with(const Subject& subject, Mask going, Instant now) {
  Subject lost;
  lost.kept_facts = subject.kept_facts;
  if (has(going, Category::appt)) lost.appointments = subject.appointments;
  if (has(going, Category::corr)) lost.messages = subject.messages;
  if (has(going, Category::intake)) lost.inquiries = subject.inquiries;
  return policy::kept_of(facts_of(lost, now));
}

bool differs(const Rest& rest, const projections::Kept& than) {
  const policy::Kept& facts = rest.facts;
  return facts.last_start != than.last_start || facts.last_end != than.last_end ||
         facts.last_appointment != than.last_appointment || facts.open_end != than.open_end || facts.dropped != than.dropped ||
         facts.last_activity != than.last_activity || rest.since != than.since;
}

void fill(const Rest& from, schema::Kept::Builder to) {
  to.setSince(ms_or_none(from.since));
  to.setLastStart(ms_or_none(from.facts.last_start));
  to.setLastEnd(ms_or_none(from.facts.last_end));
  to.setLastAppointment(ms_or_none(from.facts.last_appointment));
  to.setOpenEnd(ms_or_none(from.facts.open_end));
  to.setDropped(ms_or_none(from.facts.dropped));
  to.setLastActivity(ms_or_none(from.facts.last_activity));
}

std::int32_t facts_counted(const Core& core, const Subject& subject, const policy::Kept& facts) {
  if (!facts.last_start) return -1;
  return statistics::facts_in_force(*core.zone, subject, core.zone->year_of(*facts.last_start)).value_or(-1);
}

// Also what came since the facts were kept must know them, or they go with what they were kept in.
bool known(const Subject& subject, Mask staying, const Rest& rest) {
  for (std::size_t i = 0; i < category_count; ++i)
    if ((staying >> i & 1) != 0 && !subject.kept_facts[i]) return false;
  return !differs(rest, *subject.kept());
}

// Whoever wanted the appointments gone did not want them counted first.
void fill_sessions(const Core& core, const Subject& subject, Mask going, schema::ShredReason reason,
                   schema::IdentAnchor::Builder to) {
  const std::optional<std::int16_t> year = schedule_of(core, subject, core.options.clock->now()).year;
  if (!year) return;
  const auto all = statistics::sessions_of(*core.zone, subject, *year);
  const auto earlier = statistics::earlier_sessions(*core.zone, subject, *year);
  const bool wanted_gone = has(going, Category::appt) && reason != schema::ShredReason::RETENTION && all != earlier;
  if (!all || wanted_gone) return;
  to.setSessions(*all);
  to.setEarlier(has(going, Category::appt) ? *all : *earlier);
}

}  // namespace

void keep_facts(const Core& core, const Subject& subject, Mask going, schema::ShredReason reason, Instant now, Decision& out) {
#ifdef TAUS_PLANT_FACTS_FORGOTTEN
  return;
#endif
  const Mask staying = static_cast<Mask>(subject.live & ~going & (client_categories | bit(Category::consent)));
  if (staying == 0 || subject.phase() == schema::Phase::P2 || subject.withdrawn_at()) return;
  Rest rest{.facts = lost_with(subject, going, now), .since = {}};
  std::optional<Instant> first;
  for (std::size_t i = 0; i < category_count; ++i)
    if ((going >> i & 1) == 0 && subject.first_seen[i] && (!first || *subject.first_seen[i] < *first))
      first = subject.first_seen[i];
  const std::optional<Instant> since = facts_of(subject, now).first_collected_at;
  const projections::Kept* const before = subject.kept();
  if (before != nullptr && before->since)
    rest.since = before->since;
  else if (!subject.reopened_at() && since && (!first || *since < *first))
    rest.since = since;
  if (!differs(rest, {}) || known(subject, staying, rest)) return;
  auto body = out.event(subject.ordinal, staying, &subject).initErasureScheduled();
  const auto keep = [&](Category category, auto init) {
    if (has(staying, category)) fill(rest, init().initKept());
  };
  keep(Category::ident, [&] {
    auto ident = body.initIdent();
    fill_sessions(core, subject, going, reason, ident);
    return ident.initAnchor();
  });
  keep(Category::email, [&] {
    auto email = body.initEmail();
    email.setInvited(subject.survey_invited);
    return email.initAnchor();
  });
  keep(Category::phone, [&] { return body.initPhone().initAnchor(); });
  keep(Category::demog, [&] {
    auto demog = body.initDemog();
    demog.setCounted(facts_counted(core, subject, rest.facts));
    return demog.initAnchor();
  });
  keep(Category::special, [&] { return body.initSpecial().initAnchor(); });
  keep(Category::intake, [&] { return body.initIntake().initAnchor(); });
  keep(Category::case_, [&] { return body.initCase().initAnchor(); });
  keep(Category::corr, [&] { return body.initCorr().initAnchor(); });
  keep(Category::appt, [&] { return body.initAppt().initAnchor(); });
  keep(Category::consent, [&] { return body.initConsent().initAnchor(); });
}

}  // namespace taus::service
