#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/policy_support.h"

namespace taus::policy {
namespace {

Instant later(Instant t, int minutes) { return t + std::chrono::minutes(minutes); }

// Any facts, in one long year that has both clock changes, a New Year and a leap day in it.
Facts any_facts() {
  const auto moment = [] { return later(at("2027-10-01T00:00:00"), *rc::gen::inRange(0, 400 * 24 * 60)); };
  Facts facts;
  facts.now = moment();
  facts.first_collected_at = moment();
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    const Instant start = moment();
    facts.held.push_back({start, later(start, 60)});
  }
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    const Instant start = moment();
    Appointment a{start, later(start, 60), *rc::gen::element(Outcome::open, Outcome::no_show, Outcome::cancelled), std::nullopt};
    if (a.outcome == Outcome::cancelled) a.cancelled_at = moment();
    facts.scheduled.push_back(a);
  }
  if (*rc::gen::arbitrary<bool>()) facts.concluded_at = moment();
  if (*rc::gen::arbitrary<bool>()) facts.last_message_at = moment();
  return facts;
}

Cover any_cover() {
  return {static_cast<Mask>(*rc::gen::inRange(0, 1 << 13)), later(at("2027-10-01T00:00:00"), *rc::gen::inRange(0, 400 * 24 * 60)),
          std::nullopt};
}

const Profile& any_profile() { return **rc::gen::element(&built_in("vt"), &built_in("mt"), &third()); }

template <class Check>
void for_each_governed(const Profile& profile, Check check) {
  for (int c = 0; c < category_count; ++c)
    if (has(governed_categories(profile), static_cast<Category>(c))) check(static_cast<Category>(c));
}

RC_GTEST_PROP(RetentionInvariant, NothingIsForgotten, ()) {
  const Profile& profile = any_profile();
  const Evaluation e = evaluate(profile, oslo(), any_facts());
  for_each_governed(profile, [&](Category c) {
    const Due& due = e.due[index_of(c)];
    RC_ASSERT(!due.rule.empty());
    RC_ASSERT(due.at.has_value() == !e.active);
  });
}

RC_GTEST_PROP(RetentionInvariant, MtNeverExceedsTheCap, ()) {
  const Facts facts = any_facts();
  const Evaluation e = evaluate(built_in("mt"), oslo(), facts);
  Instant activity = *facts.first_collected_at;
  for (const Session& s : facts.held) activity = std::max(activity, s.end);
  if (facts.last_message_at) activity = std::max(activity, *facts.last_message_at);
  for (const Appointment& a : facts.scheduled) {
    const Instant over = a.cancelled_at ? std::min(*a.cancelled_at, a.end) : a.end;
    if (over <= facts.now) activity = std::max(activity, over);
  }
  for (int c = 0; c < category_count; ++c)
    if (has(client_categories, static_cast<Category>(c)) && e.due[static_cast<std::size_t>(c)].at)
      RC_ASSERT(*e.due[static_cast<std::size_t>(c)].at <= oslo().plus_years(activity, 1));
}

RC_GTEST_PROP(RetentionInvariant, WithdrawalIsImmediateAndOnlyAHoldStopsIt, ()) {
  const Profile& profile = any_profile();
  Facts facts = any_facts();
  facts.withdrawn_at = facts.now;
  if (*rc::gen::arbitrary<bool>()) facts.restrictions.push_back(any_cover());
  if (*rc::gen::arbitrary<bool>()) facts.holds.push_back(any_cover());
  const Evaluation e = evaluate(profile, oslo(), facts);
  for_each_governed(profile, [&](Category c) {
    const Due& due = e.due[index_of(c)];
    RC_ASSERT(due.at == facts.withdrawn_at);
    RC_ASSERT(due.deferred == Deferral::none || due.deferred == Deferral::hold);
    RC_ASSERT(due.overdue(facts.now) == (due.deferred == Deferral::none));
  });
}

// Holds and restrictions add reasons to wait; they never move a time and never make anything due sooner.
RC_GTEST_PROP(RetentionInvariant, MoreHoldsNeverHasten, ()) {
  const Profile& profile = any_profile();
  Facts facts = any_facts();
  const Evaluation before = evaluate(profile, oslo(), facts);
  facts.holds.push_back(any_cover());
  facts.restrictions.push_back(any_cover());
  const Evaluation after = evaluate(profile, oslo(), facts);
  for_each_governed(profile, [&](Category c) {
    RC_ASSERT(after.due[index_of(c)].at == before.due[index_of(c)].at);
    RC_ASSERT(after.due[index_of(c)].rule == before.due[index_of(c)].rule);
    if (after.due[index_of(c)].overdue(facts.now)) RC_ASSERT(before.due[index_of(c)].overdue(facts.now));
  });
}

// Between now and next_change nothing changes by itself: a timer that sleeps until then misses nothing.
RC_GTEST_PROP(RetentionInvariant, NothingChangesBeforeNextChange, ()) {
  const Profile& profile = any_profile();
  Facts facts = any_facts();
  facts.holds.push_back(any_cover());
  const Evaluation now = evaluate(profile, oslo(), facts);
  const Instant until = now.next_change.value_or(later(facts.now, 1000));
  facts.now = std::max(facts.now, until - std::chrono::milliseconds(1));
  const Evaluation then = evaluate(profile, oslo(), facts);
  RC_ASSERT(then.phase == now.phase);
  RC_ASSERT(then.active == now.active);
  for_each_governed(profile, [&](Category c) {
    RC_ASSERT(then.due[index_of(c)].at == now.due[index_of(c)].at);
    RC_ASSERT(then.due[index_of(c)].deferred == now.due[index_of(c)].deferred);
  });
}

}  // namespace
}  // namespace taus::policy
