#include <algorithm>

#include "daemon/service/queries.h"
#include "daemon/service/rights_desk.h"
#include "daemon/service/schedule.h"

namespace taus::service {

namespace {

struct PackagePart {
  Category category;
  Position position;
  schema::PartReader part;
};

// The snapshot that answers a request, put together again.
Result<std::vector<PackagePart>> snapshot_of(const Core& core, const Subject& subject, std::uint32_t request) {
  std::vector<PackagePart> out;
  for (const projections::SnapshotRef& ref : subject.snapshots) {
    if (ref.number != request) continue;
    TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(ref.position));
    for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
      TAUS_TRY_ASSIGN(const OpenedPart opened, core.store->open_part(leaf, i));
      TAUS_TRY_ASSIGN(const schema::PartReader piece, schema::PartReader::open(opened.plaintext, opened.category));
      for (const auto one : piece.event().getSnapshotTaken().getCopy().getParts()) {
        const auto category = static_cast<Category>(one.getCategory());
        const auto bytes = one.getPart();
        TAUS_TRY_ASSIGN(schema::PartReader part,
                        schema::PartReader::open(ByteView(bytes.begin(), bytes.size()), number(category)));
        out.push_back({.category = category, .position = one.getPosition(), .part = std::move(part)});
      }
    }
  }
  return out;
}

// What portability covers: what the person provided (art. 20). Staff's own messages are not.
bool portable(const PackagePart& one) { return info(one.category).portable && !one.part.event().isMessageSent(); }

struct Receiver {
  bool client;
  Mask readable;
  bool complaints;
};

bool handed_out(const Receiver& to, const PackagePart& one) {
  if (to.client) return true;
  return has(to.readable, one.category) && (to.complaints || !about_complaint(one.part.event()));
}

Result<void> fill_part(const Core& core, const PackagePart& from, api::PackagePart::Builder to) {
  const auto head = from.part.event().getHead();
  to.setCategory(static_cast<schema::Category>(from.category));
  to.setPosition(static_cast<std::int64_t>(from.position));
  to.setAt(head.getAt());
  to.setType(capnp_text(std::string(from.part.type().name)));
  to.setRole(head.getRole());  // who of the staff it was is not told (C-579/21): in which role is
  TAUS_TRY_ASSIGN(const std::string content, content_json(core, from.part));
  if (!content.empty()) to.setContent(content);
  return {};
}

void fill_withheld(Mask withheld, api::Package::Builder out) {
  std::vector<schema::Category> list;
  for (int i = 0; i < category_count; ++i)
    if ((withheld >> i & 1) != 0) list.push_back(static_cast<schema::Category>(i));
  auto to = out.initWithheld(static_cast<unsigned>(list.size()));
  for (unsigned i = 0; i < to.size(); ++i) {
    to[i].setCategory(list[i]);
    to[i].setReason("withheld from this receiver: the client gets it by the link, or from the counsellor");
  }
}

// Every category with its due time: what the client may know of her own data.
void fill_due(const Core& core, const Call& call, const Subject& subject, Mask told, api::Package::Builder out) {
  const Schedule schedule = schedule_of(core, subject, call.now);
  const std::vector<Category> list = governed(core, subject);
  auto categories = out.initCategories(static_cast<unsigned>(list.size()));
  for (unsigned i = 0; i < categories.size(); ++i) {
    const CategoryInfo& about = info(list[i]);
    auto to = categories[i];
    to.setCategory(static_cast<schema::Category>(list[i]));
    to.setNb(capnp_text(std::string(about.nb)));
    to.setNn(capnp_text(std::string(about.nn)));
    to.setEn(capnp_text(std::string(about.en)));
    if (!has(told, list[i])) {
      to.setState(schema::State::WITHHELD);
      continue;
    }
    const bool gone = has(subject.gone, list[i]);
    to.setState(subject.has(list[i]) ? schema::State::PRESENT : gone ? schema::State::SHREDDED : schema::State::EMPTY);
    const policy::Due& due = schedule.due[static_cast<std::size_t>(list[i])];
    if (!subject.has(list[i])) continue;
    if (due.at) to.setDue(ms_of(*due.at));
    if (!due.rule.empty()) to.setRule(due.rule);
    if (due.deferred != policy::Deferral::none) to.setDeferred(capnp_text(std::string(policy::deferral_name(due.deferred))));
  }
}

void fill_centre(const Core& core, std::string_view language, api::Package::Builder out) {
  const policy::Profile& profile = core.profile();
  out.setProfile(profile.name);
  out.setCentre(profile.centre);
  out.setController(profile.controller);
  if (!profile.contact.empty()) out.setContact(profile.contact);
  if (!profile.officer.empty()) out.setOfficer(profile.officer);
  if (!profile.notice.date.empty()) out.setNoticeDate(profile.notice.date);
  auto processors = out.initProcessors(static_cast<unsigned>(profile.processors.size()));
  for (unsigned i = 0; i < processors.size(); ++i) processors.set(i, profile.processors[i]);
  const policy::Words& words = profile.rights.complaint;
  out.setComplaintTo(language == "nn" ? words.nn : language == "en" ? words.en : words.nb);
  out.setNotice(profile.notice.id);
}

Result<RightsCase> packaged(const Core& core, const Call& call, api::RightsRef::Reader in) {
  TAUS_TRY_ASSIGN(const RightsCase found, request_named(core, text_of(in.getRequest())));
  TAUS_TRY(require(relations(call, *found.subject), assigned | leader | dpo | client,
                   "the client, by link, the assigned counsellor, the leader or the data protection officer takes the package"));
  if (!found.request->wants_copy())
    return Error(ErrorCode::invalid_argument, "this request is not for access or portability: it has no package", "/request");
  if (!found.request->open())
    return Error(ErrorCode::version_conflict, "this request is decided, and its copy shredded: open a new one", "/request");
  if (!found.request->verified)
    return Error(ErrorCode::version_conflict, "verify first who is asking ('rights verify-identity')", "/request");
  const std::string_view language = text_of(in.getLanguage());
  if (!language.empty() && language != "nb" && language != "nn" && language != "en")
    return Error(ErrorCode::invalid_argument, "the language is nb, nn or en", "/language");
  return found;
}

}  // namespace

Result<void> rights_package(Core& core, const Call& call, api::RightsRef::Reader in, api::Package::Builder out) {
  TAUS_TRY_ASSIGN(const RightsCase found, packaged(core, call, in));
  const Subject& subject = *found.subject;
  TAUS_TRY_ASSIGN(std::vector<PackagePart> all, snapshot_of(core, subject, found.request->number));
  if (found.request->kind == schema::RightsKind::PORTABILITY)
    std::erase_if(all, [](const PackagePart& one) { return !portable(one); });
  const Receiver to{.client = (relations(call, subject) & client) != 0,
                    .readable = readable(core, call, subject),
                    .complaints = policy::may_read(access_to(core, call, subject, Category::rights, true))};
  Mask given = 0, withheld = 0;
  for (const PackagePart& one : all) {
    Mask& mask = handed_out(to, one) ? given : withheld;
    mask = static_cast<Mask>(mask | bit(one.category));
  }
  if (given == 0 && withheld != 0) return deny(core, call, subject, withheld, "rightsPackage");
  std::erase_if(all, [&](const PackagePart& one) { return !handed_out(to, one); });
  out.setRequest(request_name(core, subject, found.request->number));
  out.setSubject(core.store->id_of(subject.ordinal));
  out.setKind(found.request->kind);
  out.setReceivedAt(ms_of(found.request->received_at));
  out.setMadeAt(ms_of(call.now));
  auto parts = out.initParts(static_cast<unsigned>(all.size()));
  for (unsigned i = 0; i < parts.size(); ++i) TAUS_TRY(fill_part(core, all[i], parts[i]));
  fill_withheld(withheld, out);
  fill_due(core, call, subject, to.client ? all_categories : to.readable, out);
  const auto labels = labels_of(given);
  fill_labels(labels, out.initLabels(static_cast<unsigned>(labels.size())));
  fill_centre(core, text_of(in.getLanguage()), out);
  return journal_read(core, call, subject, given);
}

}  // namespace taus::service
