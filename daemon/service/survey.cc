#include <algorithm>

#include "daemon/service/commands.h"
#include "daemon/service/queries.h"
#include "daemon/service/schedule.h"

namespace taus::service {

namespace {

// When the invitation was due; nothing: none is due now.
std::optional<Instant> due_since(const Core& core, const Subject& subject, Instant now) {
  if (subject.is_staff() || !subject.has(Category::email) || subject.survey_invited || core.shredding.contains(subject.ordinal))
    return std::nullopt;
  const std::optional<Instant> at = schedule_of(core, subject, now).survey_at;
  return at && *at <= now ? at : std::nullopt;
}

}  // namespace

Result<void> survey_list(Core& core, const Call& call, api::SurveyList::Builder out) {
  TAUS_TRY(require(standing(call), colleagues, "the centre's staff invite to the survey"));
  out.setWantsPurpose(wants_purpose(core, call, Category::email));
  std::vector<std::pair<Instant, Ordinal>> found;
  core.projections.each_subject([&](const Subject& one) {
    const std::optional<Instant> since = due_since(core, one, call.now);
    if (since && may_read(core, call, one, Category::email)) found.emplace_back(*since, one.ordinal);
  });
  std::sort(found.begin(), found.end());
  auto list = out.initDue(static_cast<unsigned>(found.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const Subject& subject = *core.projections.subject(found[i].second);
    list[i].setSubject(core.store->id_of(subject.ordinal));
    list[i].setEmail(subject.email);
    list[i].setSince(ms_of(found[i].first));
    TAUS_TRY(journal_read(core, call, subject, bit(Category::email)));
  }
  return {};
}

Result<void> survey_sent(Core& core, const Call& call, api::SubjectRef::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), colleagues, "the centre's staff invite to the survey"));
  if (!may_read(core, call, *subject, Category::email)) return deny(core, call, *subject, bit(Category::email), "surveySent");
  if (!due_since(core, *subject, call.now))
    return Error(ErrorCode::version_conflict, "no invitation to the survey is due for this client: see 'survey list'",
                 "/subject");
  out.subject = subject->ordinal;
  out.event(out.subject, all_categories, subject).initSurveyInvitationSent().initEmail().setSentAt(ms_of(call.now));
  return {};
}

}  // namespace taus::service
