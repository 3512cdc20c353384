#include <algorithm>

#include "daemon/service/decision.h"
#include "daemon/service/queries.h"
#include "daemon/service/schedule.h"
#include "eventstore/base/limits.h"
#include "eventstore/base/search_key.h"

namespace taus::service {

Result<void> journal_read(Core& core, const Call& call, const Subject& subject, Mask categories) {
  Decision decision(call);
  auto seen = decision.event(subject.ordinal, all_categories, &subject).initRecordConsulted().initAudit();
  set_categories(categories, seen);
  if (call.request.hasPurpose()) seen.setPurpose(call.request.getPurpose());
  TAUS_TRY(
      append_event(core, subject.ordinal, decision.events.back().message->getRoot<schema::Event>().asReader(), all_categories));
  return {};
}

namespace {

std::string consulted(Ordinal subject) { return std::to_string(subject) + '/'; }

}  // namespace

Result<void> journal_read_today(Core& core, const Call& call, const Subject& subject, Mask categories) {
  const std::string today = core.zone->local_date(call.now);
  if (core.consulted_day != today) {
    core.consulted_today.clear();
    core.consulted_day = today;
  }
  const std::string key = consulted(subject.ordinal) + std::to_string(static_cast<int>(call.request.which())) + '/' +
                          std::to_string(static_cast<int>(call.actor.kind)) + '/' + std::to_string(call.actor.staff) + '/' +
                          std::string(text_of(call.request.getPurpose()));
  Mask& before = core.consulted_today[key];
  if ((categories & ~before) == 0) return {};
  before = static_cast<Mask>(before | categories);
  return journal_read(core, call, subject, categories);
}

void forget_consulted(Core& core, Ordinal subject) {
  const std::string of = consulted(subject);
  for (auto it = core.consulted_today.lower_bound(of); it != core.consulted_today.end() && it->first.starts_with(of);)
    it = core.consulted_today.erase(it);
}

Error deny(Core& core, const Call& call, const Subject& subject, Mask categories, const char* method) {
  Decision decision(call);
  auto denial = decision.event(subject.ordinal, all_categories, &subject).initAccessDenied().initAudit();
  set_categories(categories, denial);
  denial.setMethod(method);
  const auto appended =
      append_event(core, subject.ordinal, decision.events.back().message->getRoot<schema::Event>().asReader(), all_categories);
  if (!appended) return appended.error();
  if (subject.gone != 0 && (subject.live & ~bit(Category::audit)) == 0)
    return {ErrorCode::shredded, "everything held on this subject was shredded, all but the log of who read it"};
  return {ErrorCode::withheld,
          "your role, your relation to this client or the phase of the case does not allow this; the attempt was recorded"};
}

std::vector<schema::FieldLabel> labels_of(Mask shown) {
  std::vector<schema::FieldLabel> out;
  for (const schema::FieldLabel& one : schema::field_labels())
    if (has(shown, one.category)) out.push_back(one);
  return out;
}

void fill_labels(const std::vector<schema::FieldLabel>& from, capnp::List<api::FieldLabel>::Builder out) {
  const auto text = [](std::string_view words) { return capnp::Text::Reader(words.data(), words.size()); };
  for (unsigned i = 0; i < out.size(); ++i) {
    out[i].setCategory(static_cast<schema::Category>(from[i].category));
    out[i].setField(text(from[i].field));
    out[i].setNb(text(from[i].nb));
    out[i].setNn(text(from[i].nn));
    out[i].setEn(text(from[i].en));
  }
}

schema::State state_of(const Core& core, const Call& call, const Subject& subject, Category category) {
  if (has(told_shredded(call, subject), category)) return schema::State::SHREDDED;
  if (!may_read(core, call, subject, category) && !has(told_of(core, call, subject), category)) return schema::State::WITHHELD;
  if (subject.has(category)) return schema::State::PRESENT;
  return has(subject.gone, category) ? schema::State::SHREDDED : schema::State::EMPTY;
}

Mask told_shredded(const Call& call, const Subject& subject) {
  const bool mine = (relations(call, subject) & (assigned | client)) != 0;
  return mine ? static_cast<Mask>(subject.gone & ~subject.live) : Mask{0};
}

std::vector<Category> governed(const Core& core, const Subject& subject) {
  const Mask mask = static_cast<Mask>(policy::governed_categories(core.profile()) | subject.live | subject.gone);
  std::vector<Category> out;
  for (int i = 0; i < category_count; ++i)
    if ((mask >> i & 1) != 0) out.push_back(static_cast<Category>(i));
  return out;
}

void fill_categories(const Core& core, const Call& call, const Subject& subject, capnp::List<api::CategoryView>::Builder out) {
  const Schedule schedule = schedule_of(core, subject, call.now);
  const std::vector<Category> list = governed(core, subject);
  for (unsigned i = 0; i < list.size(); ++i) {
    const CategoryInfo& about = info(list[i]);
    auto to = out[i];
    to.setCategory(static_cast<schema::Category>(list[i]));
    to.setState(state_of(core, call, subject, list[i]));
    to.setNb(capnp_text(std::string(about.nb)));
    to.setNn(capnp_text(std::string(about.nn)));
    to.setEn(capnp_text(std::string(about.en)));
    const policy::Due& due = schedule.due[static_cast<std::size_t>(list[i])];
    // Whoever may not see a category does not learn either that something is held in it.
    if (!subject.has(list[i]) || !may_read(core, call, subject, list[i])) continue;
    if (due.at) to.setDue(ms_of(*due.at));
    if (!due.rule.empty()) to.setRule(due.rule);
    if (due.deferred != policy::Deferral::none) to.setDeferred(capnp_text(std::string(policy::deferral_name(due.deferred))));
  }
}

Result<void> subject_find(Core& core, const Call& call, api::Find::Reader in, api::FindResult::Builder out) {
  TAUS_TRY(require(standing(call), colleagues, "the centre's staff look clients up"));
  const std::string_view email = text_of(in.getEmail());
  const std::string_view phone = text_of(in.getPhone());
  const std::string_view name = text_of(in.getName());
  const int given = static_cast<int>(!email.empty()) + static_cast<int>(!phone.empty()) + static_cast<int>(!name.empty());
  if (given != 1) return Error(ErrorCode::invalid_argument, "look up by exactly one of email, phone and name");
  if (!name.empty() && count_letters(name) < limits::find_letters_min)
    return Error(ErrorCode::invalid_argument, "give at least two letters of the name", "/name");
  std::vector<Ordinal> found = !email.empty()   ? core.projections.by_email(email)
                               : !phone.empty() ? core.projections.by_phone(phone)
                                                : core.projections.by_name(name);
  const Category by = !email.empty() ? Category::email : !phone.empty() ? Category::phone : Category::ident;
  // Who may not see the contact may not learn from it either that there is such a client.
  std::erase_if(found, [&](Ordinal one) {
    return core.shredding.contains(one) || !may_read(core, call, *core.projections.subject(one), by);
  });
  if (found.size() > limits::find_results_max) found.resize(limits::find_results_max);
  out.setWantsPurpose(wants_purpose(core, call, by));
  auto list = out.initSubjects(static_cast<unsigned>(found.size()));
  for (unsigned i = 0; i < found.size(); ++i) {
    const Subject& subject = *core.projections.subject(found[i]);
    auto hit = list[i];
    hit.setSubject(core.store->id_of(subject.ordinal));
    Mask seen = 0;
    const auto show = [&](Category category, const std::string& text, auto set) {
      if (text.empty() || !may_read(core, call, subject, category)) return;
      set(text);
      seen = static_cast<Mask>(seen | bit(category));
    };
    show(Category::ident, subject.name, [&](const std::string& text) { hit.setName(text); });
    show(Category::email, subject.email, [&](const std::string& text) { hit.setEmail(text); });
    show(Category::phone, subject.phone, [&](const std::string& text) { hit.setPhone(text); });
    if (core.profile().phases) hit.setPhase(capnp_text(std::string(policy::phase_name(phase_of(subject.phase())))));
    TAUS_TRY(journal_read(core, call, subject, seen));
  }
  return {};
}

Result<void> subject_state(Core& core, const Call& call, api::SubjectRef::Reader in, api::SubjectStateView::Builder out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  const bool reads = (readable(core, call, *subject) & subject->live) != 0;
  if (!reads && (told_of(core, call, *subject) & subject->live) == 0) return deny(core, call, *subject, 0, "subjectState");
  out.setSubject(in.getSubject());
  if (reads) {
    const Schedule schedule = schedule_of(core, *subject, call.now);
    if (core.profile().phases) out.setPhase(capnp_text(std::string(policy::phase_name(phase_of(subject->phase())))));
    out.setActive(schedule.active);
    if (const Ordinal counsellor = subject->assigned(); counsellor != 0) out.setCounsellor(core.store->id_of(counsellor));
    if (schedule.concluded_at) out.setConcludedAt(ms_of(*schedule.concluded_at));
  }
  fill_categories(core, call, *subject, out.initCategories(static_cast<unsigned>(governed(core, *subject).size())));
  TAUS_TRY(journal_read(core, call, *subject, 0));
  out.setVersion(static_cast<std::int64_t>(core.store->version(subject->ordinal)));
  out.setPosition(static_cast<std::int64_t>(core.store->journal().next_position()) - 1);
  return {};
}

}  // namespace taus::service
