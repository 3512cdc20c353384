#include <algorithm>
#include <array>
#include <unordered_map>

#include "daemon/service/commands.h"
#include "daemon/service/queries.h"
#include "eventstore/base/limits.h"

namespace taus::service {

namespace {

using schema::MatchBasis;

constexpr std::size_t messages_moved_max = 32;  // with a booking: one event each, beside those of the match
static_assert(messages_moved_max + 4 <= limits::events_per_command_max);

// A booking that nothing has come of yet: what may be another record's. What it was told by mail and facts goes along; what the law
// wants remembered (requests, holds, to whom something was passed on) and what waits for an answer keeps it by itself.
bool fresh(const Subject& one) {
  return !one.is_staff() && one.has(Category::ident) && one.phase() == schema::Phase::P0 && !one.anchor() && one.logs.empty() &&
         one.consent.given_at && !one.consent.withdrawn_at && one.consent.disclosures.empty() && one.inquiries.empty() &&
         !one.has(Category::rights) && one.messages.size() <= messages_moved_max &&
         std::all_of(one.appointments.begin(), one.appointments.end(),
                     [](const auto& a) { return a.outcome == schema::Outcome::CANCELLED; });
}

// Who came in the same calendar year and is still known by name; later there is nobody to match (VT-18, VT-19).
bool came_before(const Core& core, const Subject& one, const Subject& booking, Instant now) {
  if (one.ordinal == booking.ordinal || one.is_staff() || !one.has(Category::ident) || one.withdrawn_at()) return false;
  const auto& since = one.first_seen[static_cast<std::size_t>(Category::ident)];
  const auto& booked = booking.first_seen[static_cast<std::size_t>(Category::ident)];
  if (!since || !booked || *since > *booked || (*since == *booked && one.ordinal > booking.ordinal)) return false;
  const std::optional<projections::Anchor> anchor = one.anchor();
  const int year = anchor && anchor->year >= 0 ? anchor->year : core.zone->year_of(*since);
  return year == core.zone->year_of(now);
}

// What a person is recognised by, in the forms that are compared; empty: not known.
struct Keys {
  explicit Keys(const Subject& one)
      : by{projections::email_key(one.email), projections::phone_key(one.phone), projections::email_key(one.name)} {}
  std::array<std::string, 3> by;
};
constexpr std::array<MatchBasis, 3> bases{MatchBasis::EMAIL, MatchBasis::PHONE, MatchBasis::NAME};

// The strongest that the two share.
MatchBasis basis_of(const Keys& booking, const Keys& earlier) {
  for (std::size_t i = 0; i < bases.size(); ++i)
    if (!booking.by[i].empty() && booking.by[i] == earlier.by[i]) return bases[i];
  return MatchBasis::ABSENT;
}

struct Pair {
  const Subject* booking;
  const Subject* earlier;
  MatchBasis basis;
};

// Bookings by what they are recognised by, so that each of many clients costs three questions, however many bookings there are.
class Bookings {
 public:
  void add(const Subject& one) {
    const auto& [kept, inserted] = keys_.emplace(&one, one);
    for (std::size_t i = 0; i < bases.size(); ++i)
      if (!kept->second.by[i].empty()) by_[i][kept->second.by[i]].push_back(&one);
  }
  // Those that share anything with this client, each once.
  template <class Visit>
  void each_like(const Subject& earlier, const Visit& visit) const {
    const Keys keys(earlier);
    for (std::size_t i = 0; i < bases.size(); ++i) {
      const auto found = by_[i].find(keys.by[i]);
      if (found == by_[i].end()) continue;
      for (const Subject* const booking : found->second)
        if (basis_of(keys_.at(booking), keys) == bases[i]) visit(*booking, bases[i]);
    }
  }
  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }

 private:
  std::unordered_map<const Subject*, Keys> keys_;
  std::array<std::unordered_map<std::string, std::vector<const Subject*>>, 3> by_;
};

std::vector<Pair> pairs(const Core& core, const Call& call) {
  Bookings bookings;
  std::vector<const Subject*> mine;
  core.projections.each_subject([&](const Subject& one) {
    const bool is_fresh = fresh(one);
    const bool is_mine = one.has(Category::ident) && (relations(call, one) & assigned) != 0;
    if ((!is_fresh && !is_mine) || core.shredding.contains(one.ordinal) || !may_read(core, call, one, Category::ident)) return;
    if (is_fresh) bookings.add(one);
    if (is_mine) mine.push_back(&one);
  });
  std::vector<Pair> out;
  if (bookings.empty()) return out;
  for (const Subject* const earlier : mine)
    bookings.each_like(*earlier, [&](const Subject& booking, MatchBasis basis) {
      if (came_before(core, *earlier, booking, call.now))
        out.push_back({.booking = &booking, .earlier = earlier, .basis = basis});
    });
  std::sort(out.begin(), out.end(), [](const Pair& a, const Pair& b) {
    return std::tuple(a.booking->ordinal, a.basis, a.earlier->ordinal) <
           std::tuple(b.booking->ordinal, b.basis, b.earlier->ordinal);
  });
  return out;
}

// What the booking told, told again in the earlier record. Its head says who did it and when.
void tell_again(const Core& core, const Call& call, const Subject& from, const Subject& to, Decision& out) {
  auto booking = out.event(to.ordinal, core.profile().collected, &to).initBookingRequested();
  if (!from.name.empty()) booking.initIdent().setName(from.name);
  if (!from.email.empty()) booking.initEmail().setEmail(from.email);
  if (!from.phone.empty()) booking.initPhone().setPhone(from.phone);
  if (from.demographics) {
    auto facts = booking.initDemog();
    const projections::DemographicsState& told = *from.demographics;
    if (!told.municipality_code.empty()) facts.setMunicipalityCode(told.municipality_code);
    facts.setAgeYears(told.age_years);
    if (!told.age_as_of.empty()) facts.setAgeAsOf(told.age_as_of);
    facts.setGender(told.gender);
    if (!told.nationality.empty()) facts.setNationality(told.nationality);
    if (!told.country_of_origin.empty()) facts.setCountryOfOrigin(told.country_of_origin);
    if (!told.mother_tongue.empty()) facts.setMotherTongue(told.mother_tongue);
    if (!told.education_level.empty()) facts.setEducationLevel(told.education_level);
    if (!told.labour_status.empty()) {
      auto to_status = facts.initLabourStatus(static_cast<unsigned>(told.labour_status.size()));
      for (unsigned i = 0; i < to_status.size(); ++i) to_status.set(i, told.labour_status[i]);
    }
    facts.setCollectedVia(schema::Collected::BOOKING);
  }
  auto intake = booking.initIntake();
  auto areas = intake.initFocusAreas(static_cast<unsigned>(from.focus_areas.size()));
  for (unsigned i = 0; i < areas.size(); ++i) areas.set(i, from.focus_areas[i]);
  if (!from.current_situation.empty()) intake.setCurrentSituation(from.current_situation);
  if (!from.accommodation_need.empty()) booking.initSpecial().setAccommodationNeed(from.accommodation_need);
  auto consent = out.event(to.ordinal, all_categories, &to).initConsentGiven().initConsent();
  const policy::Profile& profile = core.profile();
  consent.setNotice(from.consent.notice);
  consent.setNoticeHash(capnp::Data::Reader(profile.notice.hash.data(), profile.notice.hash.size()));
  consent.setAct(from.consent.act);
  consent.setLanguage(from.consent.language);
  auto purposes = consent.initPurposes(static_cast<unsigned>(profile.purposes.size()));
  for (unsigned i = 0; i < purposes.size(); ++i) purposes.set(i, profile.purposes[i]);
  consent.setIndicatedAt(ms_of(from.consent.given_at.value_or(call.now)));
}

// One message of the booking's record, as it was written, in the earlier one.
Result<void> move_message(const Core& core, const projections::MessageRef& from, const Subject& to, Decision& out) {
  TAUS_TRY_ASSIGN(const schema::PartReader part, open_from_disk(core, from.position, Category::corr));
  auto event = out.event(to.ordinal, all_categories, &to);
  if (from.from_client)
    event.initMessageReceived().setCorr(part.event().getMessageReceived().getCorr());
  else
    event.initMessageSent().setCorr(part.event().getMessageSent().getCorr());
  return {};
}

}  // namespace

Result<void> match_list(Core& core, const Call& call, api::MatchList::Builder out) {
  TAUS_TRY(require(standing(call), any_counsellor, "counsellors are shown who of their own clients may have come back"));
  out.setWantsPurpose(wants_purpose(core, call, Category::ident));
  std::vector<Pair> found = pairs(core, call);
  if (found.size() > limits::matches_shown_max) {
    out.setLeft(static_cast<std::uint32_t>(found.size() - limits::matches_shown_max));
    found.resize(limits::matches_shown_max);
  }
  auto list = out.initMatches(static_cast<unsigned>(found.size()));
  std::vector<Ordinal> seen;
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setSubject(core.store->id_of(found[i].booking->ordinal));
    list[i].setExisting(core.store->id_of(found[i].earlier->ordinal));
    list[i].setBasis(found[i].basis);
    list[i].setName(found[i].earlier->name);
    seen.insert(seen.end(), {found[i].booking->ordinal, found[i].earlier->ordinal});
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const Ordinal one : seen) TAUS_TRY(journal_read(core, call, *core.projections.subject(one), bit(Category::ident)));
  return {};
}

Result<void> match_confirm(Core& core, const Call& call, api::MatchConfirm::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* booking, core.client(text_of(in.getSubject())));
  TAUS_TRY_ASSIGN(const Subject* earlier, core.client(text_of(in.getExisting()), "/existing"));
  TAUS_TRY(require(relations(call, *earlier), assigned, "the counsellor who guided the client before says that it is the same"));
  TAUS_TRY(expect_version(*booking, in.getExpectedVersion()));
  if (!fresh(*booking))
    return Error(
        ErrorCode::version_conflict,
        "something has come of this booking: only one without appointments, logs, inquiries, disclosures, requests and holds "
        "joins another record",
        "/subject");
  const MatchBasis basis = basis_of(Keys(*booking), Keys(*earlier));
  if (!came_before(core, *earlier, *booking, call.now) || basis == MatchBasis::ABSENT)
    return Error(ErrorCode::invalid_argument, "the two share no contact and no name within this year: see 'match list'",
                 "/existing");
  out.subject = earlier->ordinal;
  out.with_link = true;
  if (earlier->phase() == schema::Phase::P2) reopen(core, *earlier, call.now, "", out);
  tell_again(core, call, *booking, *earlier, out);
  for (const projections::MessageRef& one : booking->messages) TAUS_TRY(move_message(core, one, *earlier, out));
  auto match = out.event(earlier->ordinal, all_categories, earlier).initReturningClientMatched().initIdent();
  match.setBasis(basis);
  match.setConfirmedBy(call.actor.staff);
  // Its own record says nothing that the other does not say now.
  out.shred(booking->ordinal, 0xffff, schema::ShredReason::MAINTENANCE);
  return {};
}

}  // namespace taus::service
