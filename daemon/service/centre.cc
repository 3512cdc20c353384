#include <algorithm>

#include "daemon/service/keys.h"
#include "daemon/service/queries.h"
#include "daemon/service/schedule.h"
#include "daemon/service/version.h"

namespace taus::service {

namespace {

schema::ConsentAct act_of(policy::ConsentAct act) {
  switch (act) {
    case policy::ConsentAct::checkbox: return schema::ConsentAct::CHECKBOX;
    case policy::ConsentAct::form_submit: return schema::ConsentAct::FORM_SUBMIT;
    case policy::ConsentAct::oral: return schema::ConsentAct::ORAL;
    case policy::ConsentAct::paper: return schema::ConsentAct::PAPER;
  }
  return schema::ConsentAct::ABSENT;
}

void count_subjects(const Core& core, api::SubjectCounts::Builder out) {
  std::array<std::uint64_t, 4> phases{};
  std::uint64_t staff = 0;
  core.projections.each_subject([&](const Subject& one) {
    if (one.is_staff() || has(one.gone, Category::staff))
      ++staff;
    else
      ++phases[static_cast<std::size_t>(one.phase())];
  });
  out.setP0(phases[1]);
  out.setP1(phases[2]);
  out.setP2(phases[3]);
  out.setShredded(core.projections.gone_count());
  out.setStaff(staff);
}

}  // namespace

Result<void> status(Core& core, const Call& call, api::Status::Builder out) {
  const journal::Journal& journal = core.store->journal();
  TAUS_TRY_ASSIGN(const journal::MerkleTree* tree, core.store->settled());
  out.setVersion(version_text);
  out.setProfile(core.profile().name);
  out.setStoreId(to_hex(journal.options().store_id));
  out.setIncarnation(journal.options().incarnation);
  const std::uint64_t size = tree->size();
  if (size > 0) out.setPosition(static_cast<std::int64_t>(size) - 1);
  out.setSize(size);
  out.setRootHash(to_hex(tree->root()));
  out.setLag(0);  // projections are folded with the append; the answer leaves once it is durable
  out.setRootStore(core.options.root_store_kind);
  out.setTier(core.options.tier);
  out.setGeneration(core.store->vault().generation());
  fill_replicas(core, out);
  out.setPending(core.store->vault().pending_count());
  count_subjects(core, out.initSubjects());
  std::vector<std::string> warnings = core.options.warnings;
  for (std::string& one : key_warnings(core)) warnings.push_back(std::move(one));
  if (core.late > 0) warnings.push_back(std::to_string(core.late) + " shreds were late: the daemon was down when they fell due");
  auto list = out.initWarnings(static_cast<unsigned>(warnings.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, warnings[i]);
  out.setNow(ms_of(call.now));
  return {};
}

Result<void> staff_list(Core& core, const Call& call, api::StaffList::Builder out) {
  TAUS_TRY(require(standing(call), staff_readers, "the centre's staff and operators see the staff list"));
  const std::vector<Ordinal> ordinals = core.projections.staff();
  auto list = out.initStaff(static_cast<unsigned>(ordinals.size()));
  // Operators see ids and roles; names are for the centre.
  const bool names = (standing(call) & (colleagues | dpo | hr | portal)) != 0;
  for (unsigned i = 0; i < ordinals.size(); ++i) {
    const projections::StaffState& from = *core.projections.subject(ordinals[i])->staff;
    auto to = list[i];
    to.setId(core.store->id_of(ordinals[i]));
    if (names) to.setName(from.name);
    auto roles = to.initRoles(static_cast<unsigned>(from.roles.size()));
    for (unsigned r = 0; r < roles.size(); ++r) roles.set(r, from.roles[r]);
    to.setConfidentialitySigned(from.confidentiality_signed);
    to.setRevoked(from.revoked);
  }
  return {};
}

Result<void> form_show(Core& core, const Call&, api::Form::Builder out) {
  const policy::Profile& profile = core.profile();
  out.setProfile(profile.name);
  auto fields = out.initFields(static_cast<unsigned>(profile.form.size()));
  for (unsigned i = 0; i < fields.size(); ++i) {
    const policy::Field& from = profile.form[i];
    auto to = fields[i];
    to.setName(from.name);
    to.setRequired(from.required);
    to.setType(capnp_text(std::string(policy::field_type_name(from.type))));
    to.setCategory(static_cast<schema::Category>(from.category));
    to.setNb(from.label.nb);
    to.setNn(from.label.nn);
    to.setEn(from.label.en);
  }
  out.setNotice(profile.notice.id);
  out.setNoticeText(profile.notice.text.nb);
  out.setNoticeHash(to_hex(profile.notice.hash));
  out.setAct(act_of(profile.consent_act));
  auto languages = out.initLanguages(static_cast<unsigned>(profile.languages.size()));
  for (unsigned i = 0; i < languages.size(); ++i) languages.set(i, profile.languages[i]);
  return {};
}

Result<void> retention_plan(Core& core, const Call& call, api::PlanQuery::Reader in, api::Plan::Builder out) {
  TAUS_TRY(require(standing(call), static_cast<std::uint16_t>(leader | dpo | op),
                   "the leader, the data protection officer and operators see the retention plan"));
  struct Item {
    Ordinal subject;
    Category category;
    policy::Due due;
  };
  std::vector<Item> items;
  core.projections.each_subject([&](const Subject& subject) {
    const Schedule schedule = schedule_of(core, subject, call.now);
    for (int i = 0; i < category_count; ++i) {
      const policy::Due& due = schedule.due[static_cast<std::size_t>(i)];
      if ((subject.live >> i & 1) == 0 || (!due.at && due.deferred == policy::Deferral::none)) continue;
      if (in.getAt() != no_time_ms && (!due.at || ms_of(*due.at) > in.getAt())) continue;
      items.push_back({.subject = subject.ordinal, .category = static_cast<Category>(i), .due = due});
    }
  });
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    const Instant x = a.due.at.value_or(Instant::max());
    const Instant y = b.due.at.value_or(Instant::max());
    return std::tie(x, a.subject, a.category) < std::tie(y, b.subject, b.category);
  });
  out.setAt(in.getAt() != no_time_ms ? in.getAt() : ms_of(call.now));
  auto list = out.initItems(static_cast<unsigned>(items.size()));
  for (unsigned i = 0; i < items.size(); ++i) {
    auto to = list[i];
    to.setSubject(core.store->id_of(items[i].subject));
    to.setCategory(static_cast<schema::Category>(items[i].category));
    if (items[i].due.at) to.setDue(ms_of(*items[i].due.at));
    to.setRule(items[i].due.rule);
    if (items[i].due.deferred != policy::Deferral::none)
      to.setDeferred(capnp_text(std::string(policy::deferral_name(items[i].due.deferred))));
  }
  return {};
}

}  // namespace taus::service
