#include <algorithm>

#include "daemon/service/commands.h"
#include "daemon/service/form.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

using projections::DisclosureState;

constexpr std::uint16_t who_tells = colleagues | client;
constexpr const char* who_may_tell = "the client, by link, or the centre's staff on the client's behalf";

// By link the client need not name herself.
Result<const Subject*> subject_of(const Core& core, const Call& call, bool named, capnp::Text::Reader id) {
  if (call.actor.kind != schema::ActorKind::CLIENT || named) return core.client(text_of(id));
  return core.client(core.store->id_of(call.actor.client));
}

std::uint32_t next_number(const Subject& subject) {
  std::uint32_t number = 1;
  for (const DisclosureState& one : subject.consent.disclosures) number = std::max(number, one.number + 1);
  return number;
}

// The live consent that is meant: the one named, or the only one.
Result<const DisclosureState*> live_consent(const Subject& subject, std::int64_t number) {
  std::vector<const DisclosureState*> found;
  for (const DisclosureState& one : subject.consent.disclosures)
    if (!one.withdrawn_at && (number < 0 || one.number == static_cast<std::uint64_t>(number))) found.push_back(&one);
  if (found.empty())
    return Error(ErrorCode::not_found,
                 "the client has not agreed to this, or no longer does: record that first ('consent disclose')", "/number");
  if (found.size() > 1)
    return Error(ErrorCode::invalid_argument, "the client agreed to several disclosures: say which by its number", "/number");
  return found.front();
}

Result<Mask> disclosed(capnp::List<schema::Category>::Reader categories) {
  Mask out = 0;
  for (const auto one : categories) {
    if (!has(client_categories, static_cast<Category>(one)))
      return Error(ErrorCode::invalid_argument, "this category is not passed on by consent: name the client's own",
                   "/categories");
    out = static_cast<Mask>(out | bit(static_cast<Category>(one)));
  }
  return out;
}

Result<void> check_words(std::string_view text, const char* what, const char* pointer) {
  TAUS_TRY(schema::check_text(text, limits::name_bytes_max, pointer));
  if (schema::blank(text)) return Error(ErrorCode::invalid_argument, what, pointer);
  return {};
}

}  // namespace

void give_consent(const Core& core, const Call& call, const ConsentAsTold& told, Ordinal subject, const Subject* about,
                  Decision& out) {
  const policy::Profile& profile = core.profile();
  auto to = out.event(subject, all_categories, about).initConsentGiven().initConsent();
  to.setNotice(capnp::Text::Reader(told.notice.data(), told.notice.size()));
  to.setNoticeHash(capnp::Data::Reader(profile.notice.hash.data(), profile.notice.hash.size()));
  to.setAct(told.act);
  to.setLanguage(capnp::Text::Reader(told.language.data(), told.language.size()));
  auto purposes = to.initPurposes(static_cast<unsigned>(profile.purposes.size()));
  for (unsigned i = 0; i < purposes.size(); ++i) purposes.set(i, profile.purposes[i]);
  to.setIndicatedAt(ms_of(call.now));
}

void ask_consent(const Core& core, const Call& call, Decision& out) {
  auto to = out.event(out.subject).initConsentAsked().initConsent();
  to.setNotice(core.profile().notice.id);
  to.setAskedAt(ms_of(call.now));
  out.warn("the booking waits for the client's own consent: send the link, where it is given ('consent give')");
}

Result<void> expect_consent(const Subject& subject) {
  if (!subject.consent.waits()) return {};
  return Error(ErrorCode::version_conflict,
               "the client has not consented yet: send the link that the booking answered, and go on once consent is given "
               "('consent give')",
               "/subject");
}

Result<void> consent_give(Core& core, const Call& call, api::ConsentGive::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, subject_of(core, call, in.hasSubject(), in.getSubject()));
  TAUS_TRY(require(relations(call, *subject), client, "the client, by link, and nobody else gives this consent"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_named(*subject));
  TAUS_TRY(expect_open_case(*subject));
  if (!subject->consent.waits())
    return Error(ErrorCode::version_conflict, "consent is given already, or was never asked for: see 'subject show'", "/subject");
  const ConsentAsTold told{.notice = text_of(in.getNotice()), .act = in.getAct(), .language = text_of(in.getLanguage())};
  TAUS_TRY(check_consent(core.profile(), told, ""));
  out.subject = subject->ordinal;
  give_consent(core, call, told, subject->ordinal, subject, out);
  return {};
}

Result<void> consent_disclose(Core& core, const Call& call, api::DisclosureAllow::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, subject_of(core, call, in.hasSubject(), in.getSubject()));
  TAUS_TRY(require(relations(call, *subject), who_tells, std::string(who_may_tell) + " agree to a disclosure"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_named(*subject));
  TAUS_TRY(expect_open_case(*subject));
  TAUS_TRY(expect_consent(*subject));
  TAUS_TRY(check_words(text_of(in.getRecipient()), "say to whom: a person or an office outside the centre", "/recipient"));
  TAUS_TRY(check_words(text_of(in.getPurpose()), "say what for: consent is to a purpose", "/purpose"));
  TAUS_TRY_ASSIGN(const Mask categories, disclosed(in.getCategories()));
  if (categories == 0) return Error(ErrorCode::invalid_argument, "name the categories that may be passed on", "/categories");
  if (subject->consent.disclosures.size() >= limits::disclosures_max)
    return Error(ErrorCode::too_large, "64 disclosures of this client were agreed to: that is as many as are kept", "/subject");
  out.subject = subject->ordinal;
  out.number = next_number(*subject);
  auto to = out.event(out.subject, all_categories, subject).initDisclosureConsentGiven().initConsent();
  to.setNumber(*out.number);
  to.setRecipient(in.getRecipient());
  set_categories(categories, to);
  to.setPurpose(in.getPurpose());
  to.setChannel(in.getChannel());
  to.setIndicatedAt(ms_of(call.now));
  return {};
}

Result<void> consent_undisclose(Core& core, const Call& call, api::DisclosureEnd::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, subject_of(core, call, in.hasSubject(), in.getSubject()));
  TAUS_TRY(require(relations(call, *subject), who_tells, std::string(who_may_tell) + " take it back"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY_ASSIGN(const DisclosureState* consent, live_consent(*subject, in.getNumber()));
  out.subject = subject->ordinal;
  out.number = consent->number;
  auto to = out.event(out.subject, all_categories, subject).initDisclosureConsentWithdrawn().initConsent();
  to.setNumber(consent->number);
  to.setChannel(in.getChannel());
  to.setIndicatedAt(ms_of(call.now));
  return {};
}

Result<void> consent_disclosed(Core& core, const Call& call, api::DisclosureMade::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), assigned | leader, "the assigned counsellor or the leader passes data on"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY_ASSIGN(const DisclosureState* consent, live_consent(*subject, in.getNumber()));
  TAUS_TRY_ASSIGN(Mask categories, disclosed(in.getCategories()));
  if (categories == 0) categories = consent->categories;
  if ((categories & ~consent->categories) != 0)
    return Error(ErrorCode::invalid_argument, "the client agreed to other categories: pass on only those", "/categories");
  if ((categories & subject->restricted()) != 0)
    return Error(ErrorCode::restricted, "some of it is restricted (art. 18): it is passed on to nobody until that is lifted",
                 "/categories");
  Instant at = call.now;
  if (in.getAt() != no_time_ms) {
    TAUS_TRY_ASSIGN(at, required_time(in.getAt(), "/at"));
    if (at > call.now) return Error(ErrorCode::invalid_argument, "what was passed on lies in the past: check the time", "/at");
    if (at < consent->given_at)
      return Error(ErrorCode::invalid_argument, "nothing is passed on before the client agrees to it", "/at");
  }
  out.subject = subject->ordinal;
  out.number = consent->number;
  anchor_rights(core, *subject, call.now, out);
  auto to = out.event(out.subject, all_categories, subject).initDataDisclosed().initRights();
  to.setConsent(consent->number);
  to.setRecipient(consent->recipient);
  set_categories(categories, to);
  to.setAt(ms_of(at));
  return {};
}

}  // namespace taus::service
