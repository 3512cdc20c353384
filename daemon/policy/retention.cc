#include "daemon/policy/retention.h"

#include <algorithm>

namespace taus::policy {
namespace {

using Maybe = std::optional<Instant>;

Instants& of(Anchors& anchors, Anchor anchor) { return anchors[static_cast<std::size_t>(anchor)]; }

Maybe latest(const Instants& instants) {
  if (instants.empty()) return std::nullopt;
  return *std::max_element(instants.begin(), instants.end());
}

Instants one(Maybe t) { return t ? Instants{*t} : Instants{}; }

// When an appointment that did not become a session was over for sure.
Instant over(const Appointment& a) {
  if (a.outcome == Outcome::cancelled && a.cancelled_at) return std::min(*a.cancelled_at, a.end);
  return a.end;
}

// The session that ended last; of several that ended together, the one that began last.
const Session* last_session(const Facts& facts) {
  const auto last = std::max_element(facts.held.begin(), facts.held.end(), [](const Session& a, const Session& b) {
    return a.end != b.end ? a.end < b.end : a.start < b.start;
  });
  return last == facts.held.end() ? nullptr : &*last;
}

Maybe last_activity(const Facts& facts, const Session* last) {
  Instants signs = one(facts.kept.last_activity);
  if (last != nullptr) signs.push_back(last->end);
  for (const Appointment& a : facts.scheduled)
    if (a.outcome != Outcome::held && over(a) <= facts.now) signs.push_back(over(a));
  if (facts.last_message_at) signs.push_back(*facts.last_message_at);
  if (facts.first_collected_at) signs.push_back(*facts.first_collected_at);
  return latest(signs);
}

Anchors anchors_of(const Facts& facts) {
  Anchors anchors;
  const Session* const last = last_session(facts);
  const Kept& kept = facts.kept;
  Instants uncancelled = one(kept.last_appointment);
  if (last != nullptr) {
    of(anchors, Anchor::last_end) = {last->end};
    of(anchors, Anchor::last_start) = {last->start};
    uncancelled.push_back(last->end);
  }
  if (kept.last_end && (last == nullptr || last->end < *kept.last_end)) {
    of(anchors, Anchor::last_end) = one(kept.last_end);
    of(anchors, Anchor::last_start) = one(kept.last_start);
  }
  of(anchors, Anchor::open_end) = one(kept.open_end);
  of(anchors, Anchor::dropped) = one(kept.dropped);
  for (const Appointment& a : facts.scheduled) {
    if (a.outcome != Outcome::cancelled) uncancelled.push_back(a.end);
    if (a.outcome == Outcome::open) of(anchors, Anchor::open_end).push_back(a.end);
    if (a.outcome == Outcome::cancelled || a.outcome == Outcome::no_show) of(anchors, Anchor::dropped).push_back(over(a));
  }
  of(anchors, Anchor::last_uncancelled_end) = one(latest(uncancelled));
  of(anchors, Anchor::last_activity) = one(last_activity(facts, last));
  of(anchors, Anchor::first_collection) = one(facts.first_collected_at);
  of(anchors, Anchor::decided) = one(facts.rights_decided_at);
  return anchors;
}

bool covers(const Cover& cover, Instant now) { return cover.from <= now && (!cover.until || now < *cover.until); }

Mask covered(const std::vector<Cover>& covers_, Instant now) {
  Mask mask = 0;
  for (const Cover& cover : covers_)
    if (covers(cover, now)) mask = static_cast<Mask>(mask | cover.categories);
  return mask;
}

// Gives each category of `mask` the rule whose time comes first; of equals the first listed. A rule without a time only
// where no other has one.
void decide(const Profile& profile, const Zone& zone, Mask mask, const Anchors& anchors, Evaluation& e) {
  for (const RetentionRule& rule : profile.retention.rules) {
    const auto decided = static_cast<Mask>(rule.categories & mask);
    if (decided == 0 || (rule.when != Served::either && (rule.when == Served::served) != e.served)) continue;
    const Maybe at = rule.due.evaluate(anchors, zone);
    for (std::size_t c = 0; c < e.due.size(); ++c) {
      if (!has(decided, static_cast<Category>(c))) continue;
      Due& due = e.due[c];
      const bool sooner = at && (!due.at || *at < *due.at);
      if (due.rule.empty() || sooner) due = {at, rule.id, Deferral::none};
    }
  }
}

Maybe active_until(const Profile& profile, const Zone& zone, const Facts& facts) {
  Instants ends;
  for (const Appointment& a : facts.scheduled)
    if (a.outcome == Outcome::open) ends.push_back(zone.plus_days(a.end, profile.retention.active_days));
  return latest(ends);
}

Phase phase_of(const Profile& profile, const Facts& facts, const Evaluation& e) {
  if (!profile.phases) return Phase::none;
  if (e.concluded_at && *e.concluded_at <= facts.now && !e.active) return Phase::p2;
  return e.served || facts.reopened ? Phase::p1 : Phase::p0;
}

// Due times by the rules, as if nothing held them up.
void rule_times(const Profile& profile, const Zone& zone, const Facts& facts, Anchors& anchors, Evaluation& e) {
  const Mask governed = governed_categories(profile);
  if (facts.withdrawn_at) {
    for (int c = 0; c < category_count; ++c)
      if (has(governed, static_cast<Category>(c)))
        e.due[static_cast<std::size_t>(c)] = {facts.withdrawn_at, profile.retention.withdrawal_rule, Deferral::none};
    if (facts.rights_open) e.due[index_of(Category::rights)].at.reset();
    return;
  }
  decide(profile, zone, profile.collected, anchors, e);
  Instants client;
  for (int c = 0; c < category_count; ++c)
    if (profile.collects(static_cast<Category>(c)) && e.due[static_cast<std::size_t>(c)].at)
      client.push_back(*e.due[static_cast<std::size_t>(c)].at);
  of(anchors, Anchor::last_client) = one(latest(client));
  decide(profile, zone, static_cast<Mask>(governed & ~profile.collected), anchors, e);
  if (facts.rights_open) e.due[index_of(Category::rights)].at.reset();
}

// Hold, then withdrawal, then restriction, then activity.
void defer(const Profile& profile, const Facts& facts, Evaluation& e) {
  Mask held = covered(facts.holds, facts.now);
  if (std::any_of(facts.holds.begin(), facts.holds.end(), [&](const Cover& c) { return covers(c, facts.now); }))
    held = static_cast<Mask>(held | bit(Category::rights));
  const Mask restricted = covered(facts.restrictions, facts.now);
  const Mask governed = governed_categories(profile);
  for (int c = 0; c < category_count; ++c) {
    const auto category = static_cast<Category>(c);
    if (!has(governed, category)) continue;
    Due& due = e.due[index_of(category)];
    const bool waits = e.active && !facts.withdrawn_at;
    if (waits) due.at.reset();
    if (has(held, category)) {
      due.deferred = Deferral::hold;
    } else if (has(restricted, category) && !facts.withdrawn_at) {
      due.deferred = Deferral::restriction;
    } else if (waits) {
      due.deferred = Deferral::active;
    }
  }
}

void note_next_change(const Facts& facts, Maybe active_end, Evaluation& e) {
  const auto consider = [&](Maybe t) {
    if (t && *t > facts.now && (!e.next_change || *t < *e.next_change)) e.next_change = t;
  };
  for (const Due& due : e.due) consider(due.at);
  consider(active_end);
  consider(e.concluded_at);
  consider(e.survey_at);
  for (const Appointment& a : facts.scheduled)
    if (a.outcome != Outcome::held) consider(over(a));
  for (const auto* covers_ : {&facts.holds, &facts.restrictions})
    for (const Cover& cover : *covers_) {
      consider(cover.from);
      consider(cover.until);
    }
}

// A reopened case has at least the time of somebody who first came when it was reopened: the sessions of the case before may lie far back.
Maybe automatic_conclusion(const Profile& profile, const Zone& zone, const Facts& facts, const Anchors& anchors) {
  const Retention& rules = profile.retention;
  if (facts.held.empty() && !facts.kept.last_end) return rules.conclusion_never.evaluate(anchors, zone);
  Instants ends = one(rules.conclusion_served.evaluate(anchors, zone));
  if (facts.reopened && facts.first_collected_at) {
    Anchors anew;
    of(anew, Anchor::first_collection) = of(anew, Anchor::last_activity) = one(facts.first_collected_at);
    if (const Maybe end = rules.conclusion_never.evaluate(anew, zone)) ends.push_back(*end);
  }
  return latest(ends);
}

}  // namespace

std::string_view deferral_name(Deferral deferral) noexcept {
  switch (deferral) {
    case Deferral::none: return "";
    case Deferral::active: return "active";
    case Deferral::hold: return "hold";
    case Deferral::restriction: return "restriction";
  }
  TAUS_CHECK(!"a deferral");
}

Due evidence_due(const Profile& profile, const Zone& zone, Category category, bool served, std::optional<Instant> last_client,
                 std::optional<Instant> decided) {
  Evaluation e;
  e.served = served;
  Anchors anchors;
  of(anchors, Anchor::last_client) = one(last_client);
  of(anchors, Anchor::decided) = one(decided);
  decide(profile, zone, bit(category), anchors, e);
  return e.due[index_of(category)];
}

Kept kept_of(const Facts& facts) {
  Facts then = facts;
  then.first_collected_at.reset();
  for (Appointment& a : then.scheduled) {
    if (a.outcome != Outcome::open || a.end <= facts.now) continue;
    a.outcome = Outcome::cancelled;
    a.cancelled_at = facts.now;
  }
  Anchors anchors = anchors_of(then);
  return {.last_start = latest(of(anchors, Anchor::last_start)),
          .last_end = latest(of(anchors, Anchor::last_end)),
          .last_appointment = latest(of(anchors, Anchor::last_uncancelled_end)),
          .open_end = latest(of(anchors, Anchor::open_end)),
          .dropped = latest(of(anchors, Anchor::dropped)),
          .last_activity = latest(of(anchors, Anchor::last_activity))};
}

Evaluation evaluate(const Profile& profile, const Zone& zone, const Facts& facts) {
  Evaluation e;
  Anchors anchors = anchors_of(facts);
  e.served = !facts.held.empty() || facts.kept.last_end || facts.served_before;
  const Maybe active_end = active_until(profile, zone, facts);
  e.active = active_end && *active_end > facts.now;
  const Maybe concluded = facts.concluded_at ? facts.concluded_at : automatic_conclusion(profile, zone, facts, anchors);
  of(anchors, Anchor::conclusion) = one(concluded);
  if (!e.active) e.concluded_at = concluded;
  e.phase = phase_of(profile, facts, e);
  rule_times(profile, zone, facts, anchors, e);
  defer(profile, facts, e);
  if (!of(anchors, Anchor::last_end).empty() && !e.active && !facts.withdrawn_at)
    e.survey_at = zone.plus_days(of(anchors, Anchor::last_end).front(), profile.survey.days_after_last);
  note_next_change(facts, active_end, e);
  return e;
}

}  // namespace taus::policy
