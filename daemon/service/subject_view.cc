#include <algorithm>

#include "daemon/service/decision.h"
#include "daemon/service/notices.h"
#include "daemon/service/queries.h"
#include "eventstore/schema/part.h"

namespace taus::service {

Result<schema::PartReader> open_from_disk(const Core& core, Position position, Category category) {
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    TAUS_TRY_ASSIGN(const std::optional<int> found, core.store->vault().category_of(leaf.stream, leaf.parts[i].slot));
    if (!found || *found != number(category)) continue;
    TAUS_TRY_ASSIGN(const OpenedPart opened, core.store->open_part(leaf, i));
    return schema::PartReader::open(opened.plaintext, opened.category);
  }
  return Error(ErrorCode::corrupt, "an event lacks the part it was indexed by: run taus-verify");
}

namespace {

void fill_texts(const std::vector<std::string>& from, capnp::List<capnp::Text>::Builder to) {
  for (unsigned i = 0; i < from.size(); ++i) to.set(i, from[i]);
}

void fill_demographics(const projections::DemographicsState& from, api::SubjectView::Builder out) {
  const auto set = [](const std::string& text, auto setter) {
    if (!text.empty()) setter(text);
  };
  set(from.municipality_code, [&](const std::string& t) { out.setMunicipalityCode(t); });
  out.setAgeYears(from.age_years);
  set(from.age_as_of, [&](const std::string& t) { out.setAgeAsOf(t); });
  out.setGender(from.gender);
  set(from.nationality, [&](const std::string& t) { out.setNationality(t); });
  set(from.country_of_origin, [&](const std::string& t) { out.setCountryOfOrigin(t); });
  set(from.mother_tongue, [&](const std::string& t) { out.setMotherTongue(t); });
  set(from.education_level, [&](const std::string& t) { out.setEducationLevel(t); });
  fill_texts(from.labour_status, out.initLabourStatus(static_cast<unsigned>(from.labour_status.size())));
}

void fill_appointments(const Core& core, const Subject& subject, capnp::List<api::AppointmentView>::Builder out) {
  for (unsigned i = 0; i < subject.appointments.size(); ++i) {
    const auto& from = subject.appointments[i];
    auto to = out[i];
    to.setNumber(from.number);
    to.setStart(ms_of(from.start));
    to.setEnd(ms_of(from.end));
    to.setChannel(from.channel);
    if (!from.place.empty()) to.setPlace(from.place);
    if (from.counsellor != 0) to.setCounsellor(core.store->id_of(from.counsellor));
    to.setKind(from.kind);
    to.setOutcome(from.outcome);
    if (from.cancelled_at) to.setCancelledAt(ms_of(*from.cancelled_at));
  }
}

Result<void> fill_logs(const Core& core, const Subject& subject, api::SubjectView::Builder out) {
  auto list = out.initLogs(static_cast<unsigned>(subject.logs.size()));
  for (unsigned i = 0; i < subject.logs.size(); ++i) {
    TAUS_TRY_ASSIGN(const schema::PartReader part, open_from_disk(core, subject.logs[i], Category::case_));
    const auto event = part.event();
    const auto from =
        event.isSessionLogAmended() ? event.getSessionLogAmended().getCase() : event.getSessionLogWritten().getCase();
    auto to = list[i];
    to.setPosition(static_cast<std::int64_t>(subject.logs[i]));
    to.setAt(event.getHead().getAt());
    if (const Ordinal author = event.getHead().getActor(); author != 0) to.setAuthor(core.store->id_of(author));
    to.setOrder(from.getOrder());
    to.setFocus(from.getFocus());
    to.setIssuesNext(from.getIssuesNext());
    to.setTasksNext(from.getTasksNext());
    to.setOtherPrep(from.getOtherPrep());
    to.setAttestNoSpecial(from.getAttestNoSpecial());
    to.setSupersedes(from.getSupersedes());
  }
  return {};
}

Result<void> fill_messages(const Core& core, const std::vector<projections::MessageRef>& refs, api::SubjectView::Builder out) {
  auto list = out.initMessages(static_cast<unsigned>(refs.size()));
  for (unsigned i = 0; i < refs.size(); ++i) {
    TAUS_TRY_ASSIGN(const schema::PartReader part, open_from_disk(core, refs[i].position, Category::corr));
    const auto event = part.event();
    const auto from = refs[i].from_client ? event.getMessageReceived().getCorr() : event.getMessageSent().getCorr();
    auto to = list[i];
    to.setPosition(static_cast<std::int64_t>(refs[i].position));
    to.setDirection(refs[i].from_client ? "in" : "out");
    to.setChannel(from.getChannel());
    if (from.hasSubject()) to.setSubject(from.getSubject());
    to.setBody(from.getBody());
    to.setAt(from.getAt());
    if (from.getAuthor() != 0) to.setAuthor(core.store->id_of(from.getAuthor()));
  }
  return {};
}

void fill_consent(const Subject& subject, api::ConsentView::Builder out) {
  out.setNotice(subject.consent.notice);
  out.setAct(subject.consent.act);
  out.setLanguage(subject.consent.language);
  if (subject.consent.given_at) out.setGivenAt(ms_of(*subject.consent.given_at));
  if (subject.consent.withdrawn_at) out.setWithdrawnAt(ms_of(*subject.consent.withdrawn_at));
  if (subject.consent.asked_at) out.setAskedAt(ms_of(*subject.consent.asked_at));
  auto disclosures = out.initDisclosures(static_cast<unsigned>(subject.consent.disclosures.size()));
  for (unsigned i = 0; i < disclosures.size(); ++i) {
    const projections::DisclosureState& from = subject.consent.disclosures[i];
    auto to = disclosures[i];
    to.setNumber(from.number);
    to.setRecipient(from.recipient);
    set_categories(from.categories, to);
    to.setPurpose(from.purpose);
    to.setGivenAt(ms_of(from.given_at));
    if (from.withdrawn_at) to.setWithdrawnAt(ms_of(*from.withdrawn_at));
  }
}

void fill_covers(const Subject& subject, capnp::List<api::CoverView>::Builder out) {
  for (unsigned i = 0; i < subject.covers.size(); ++i) {
    const projections::CoverState& from = subject.covers[i];
    auto to = out[i];
    to.setNumber(from.number);
    to.setHold(from.hold);
    to.setWithdrawn(from.by_withdrawal);
    set_categories(from.categories, to);
    to.setFrom(ms_of(from.from));
    if (from.until) to.setUntil(ms_of(*from.until));
  }
}

// Everybody to whom data was passed on, each once.
void fill_recipients(const Subject& subject, api::SubjectView::Builder out) {
  std::vector<std::string> names;
  for (const projections::PassedOnState& one : subject.passed_on)
    if (std::find(names.begin(), names.end(), one.recipient) == names.end()) names.push_back(one.recipient);
  const std::vector<Notice> due = notices_due(subject);
  auto list = out.initRecipients(static_cast<unsigned>(names.size()));
  for (unsigned i = 0; i < names.size(); ++i) {
    Mask categories = 0;
    std::optional<Instant> since;
    for (const projections::PassedOnState& one : subject.passed_on) {
      if (one.recipient != names[i]) continue;
      categories = static_cast<Mask>(categories | one.categories);
      since = since ? std::min(*since, one.at) : one.at;
    }
    list[i].setRecipient(names[i]);
    set_categories(categories, list[i]);
    list[i].setSince(ms_of(*since));
    std::vector<schema::NoticeAction> left;
    for (const Notice& one : due)
      if (one.recipient == names[i]) left.push_back(one.action);
    auto notify = list[i].initNotify(static_cast<unsigned>(left.size()));
    for (unsigned n = 0; n < notify.size(); ++n) notify.set(n, left[n]);
    std::vector<const projections::NoticeState*> told;
    for (const projections::NoticeState& one : subject.notices)
      if (std::find(one.recipients.begin(), one.recipients.end(), names[i]) != one.recipients.end()) told.push_back(&one);
    auto notified = list[i].initNotified(static_cast<unsigned>(told.size()));
    for (unsigned n = 0; n < notified.size(); ++n) {
      notified[n].setAction(told[n]->action);
      notified[n].setAt(ms_of(told[n]->at));
    }
  }
}

// Fills what the caller may see; returns which categories that was.
Result<Mask> fill_contents(const Core& core, const Call& call, const Subject& subject, api::SubjectView::Builder out) {
  Mask seen = 0;
  const auto open = [&](Category category) {
    if (!subject.has(category) || !may_read(core, call, subject, category)) return false;
    seen = static_cast<Mask>(seen | bit(category));
    return true;
  };
  if (open(Category::ident) && !subject.name.empty()) out.setName(subject.name);
  if (open(Category::email) && !subject.email.empty()) out.setEmail(subject.email);
  if (open(Category::phone) && !subject.phone.empty()) out.setPhone(subject.phone);
  if (open(Category::demog) && subject.demographics) fill_demographics(*subject.demographics, out);
  if (open(Category::special) && !subject.accommodation_need.empty()) out.setAccommodationNeed(subject.accommodation_need);
  if (open(Category::intake)) {
    fill_texts(subject.focus_areas, out.initFocusAreas(static_cast<unsigned>(subject.focus_areas.size())));
    if (!subject.current_situation.empty()) out.setCurrentSituation(subject.current_situation);
  }
  if (open(Category::consent)) fill_consent(subject, out.initConsent());
  if (open(Category::appt))
    fill_appointments(core, subject, out.initAppointments(static_cast<unsigned>(subject.appointments.size())));
  if (open(Category::rights)) {
    fill_covers(subject, out.initCovers(static_cast<unsigned>(subject.covers.size())));
    fill_recipients(subject, out);
  }
  if (open(Category::case_)) TAUS_TRY(fill_logs(core, subject, out));
  std::vector<projections::MessageRef> messages = subject.messages;
  if (!open(Category::corr)) {
    const bool own =
        !has(subject.restricted(), Category::corr) && access_to(core, call, subject, Category::corr) == policy::Access::own_only;
    std::erase_if(messages, [&](const auto& one) { return !own || one.author == 0 || one.author != call.actor.staff; });
    if (!messages.empty()) seen = static_cast<Mask>(seen | bit(Category::corr));
  }
  TAUS_TRY(fill_messages(core, messages, out));
  return seen;
}

}  // namespace

Result<void> subject_show(Core& core, const Call& call, api::SubjectRef::Reader in, api::SubjectView::Builder out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  out.setSubject(in.getSubject());
  TAUS_TRY_ASSIGN(const Mask seen, fill_contents(core, call, *subject, out));
  if (seen == 0 && (told_of(core, call, *subject) & subject->live) == 0)
    return deny(core, call, *subject, subject->live, "subjectShow");
  if (seen != 0) {  // who is told yes or no learns nothing beside it
    if (core.profile().phases) out.setPhase(capnp_text(std::string(policy::phase_name(phase_of(subject->phase())))));
    if (const Ordinal counsellor = subject->assigned(); counsellor != 0) out.setCounsellor(core.store->id_of(counsellor));
  }
  fill_categories(core, call, *subject, out.initCategories(static_cast<unsigned>(governed(core, *subject).size())));
  const auto labels = labels_of(seen);
  fill_labels(labels, out.initLabels(static_cast<unsigned>(labels.size())));
  TAUS_TRY(journal_read(core, call, *subject, seen));
  out.setVersion(static_cast<std::int64_t>(core.store->version(subject->ordinal)));
  out.setPosition(static_cast<std::int64_t>(core.store->journal().next_position()) - 1);
  return {};
}

}  // namespace taus::service
