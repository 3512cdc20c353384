#include <algorithm>

#include "daemon/service/commands.h"
#include "daemon/service/form.h"
#include "daemon/service/queries.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

using projections::InquiryState;

Result<void> check_inquiry(const Core& core, const Call& call, api::InquiryReceive::Reader in, bool known) {
  if (!core.profile().inquiries.accepted)
    return Error(ErrorCode::invalid_argument, "this centre takes no inquiries beside the booking form: see 'form show'", "/text");
  TAUS_TRY(schema::check_text(schema::with_line_feeds(text_of(in.getText())), limits::text_bytes_max, "/text"));
  if (schema::blank(text_of(in.getText())))
    return Error(ErrorCode::invalid_argument, "an inquiry asks something: give its text", "/text");
  if (in.getName().size() > 0) TAUS_TRY(schema::check_name(text_of(in.getName()), limits::name_bytes_max, "/name"));
  if (in.getEmail().size() > 0) TAUS_TRY(check_email(text_of(in.getEmail()), "/email"));
  if (in.getPhone().size() > 0) TAUS_TRY(check_phone(text_of(in.getPhone()), "/phone"));
  if (known && (in.getName().size() > 0 || in.getEmail().size() > 0 || in.getPhone().size() > 0))
    return Error(ErrorCode::invalid_argument, "who is known already gives no contact again: leave name, email and phone out",
                 "/name");
  if (!known && in.getEmail().size() == 0 && in.getPhone().size() == 0)
    return Error(ErrorCode::invalid_argument, "an inquiry can be answered only by email or phone: give one of them", "/email");
  static_cast<void>(call);
  return {};
}

// Whom the inquiry is from: a client that is known, or somebody new.
Result<const Subject*> inquirer(const Core& core, const Call& call, api::InquiryReceive::Reader in) {
  const bool by_link = call.actor.kind == schema::ActorKind::CLIENT;
  if (!by_link && !in.hasSubject()) return static_cast<const Subject*>(nullptr);
  TAUS_TRY_ASSIGN(const Subject* subject,
                  core.client(in.hasSubject() ? std::string(text_of(in.getSubject())) : core.store->id_of(call.actor.client)));
  TAUS_TRY(require(relations(call, *subject), colleagues | portal | client,
                   "the client, by link, the portal and the centre's staff file inquiries"));
  TAUS_TRY(expect_named(*subject));
  return subject;
}

Result<const InquiryState*> open_inquiry(const Subject& subject, std::int64_t number) {
  std::vector<const InquiryState*> found;
  for (const InquiryState& one : subject.inquiries)
    if (!one.answered_at && (number < 0 || one.number == static_cast<std::uint32_t>(number))) found.push_back(&one);
  if (found.empty())
    return Error(ErrorCode::not_found, "there is no such inquiry that waits for an answer: see 'inquiry list'", "/number");
  if (found.size() > 1)
    return Error(ErrorCode::invalid_argument, "several inquiries wait for an answer: say which by its number", "/number");
  return found.front();
}

struct Listed {
  const Subject* subject;
  const InquiryState* inquiry;
};

Result<Mask> fill(const Core& core, const Call& call, const Listed& from, api::InquiryView::Builder out) {
  Mask seen = 0;
  out.setSubject(core.store->id_of(from.subject->ordinal));
  out.setNumber(from.inquiry->number);
  if (may_read(core, call, *from.subject, Category::ident) && !from.subject->name.empty()) {
    out.setName(from.subject->name);
    seen = static_cast<Mask>(seen | bit(Category::ident));
  }
  if (!may_read(core, call, *from.subject, Category::intake)) return seen;
  out.setReceivedAt(ms_of(from.inquiry->received_at));
  if (from.inquiry->answered_at) out.setAnsweredAt(ms_of(*from.inquiry->answered_at));
  out.setChannel(from.inquiry->channel);
  TAUS_TRY_ASSIGN(const schema::PartReader part, open_from_disk(core, from.inquiry->position, Category::intake));
  out.setText(part.event().getInquiryReceived().getIntake().getText());
  return static_cast<Mask>(seen | bit(Category::intake));
}

}  // namespace

Result<void> inquiry_receive(Core& core, const Call& call, api::InquiryReceive::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, inquirer(core, call, in));
  TAUS_TRY(require(subject == nullptr ? standing(call) : relations(call, *subject), colleagues | portal | client,
                   "the client, by link, the portal and the centre's staff file inquiries"));
  TAUS_TRY(check_inquiry(core, call, in, subject != nullptr));
  std::uint32_t number = 1;
  if (subject != nullptr) {
    const auto open =
        std::count_if(subject->inquiries.begin(), subject->inquiries.end(), [](const auto& one) { return !one.answered_at; });
    if (static_cast<std::size_t>(open) >= limits::open_inquiries_max)
      return Error(ErrorCode::too_large, "sixteen inquiries of this client wait for an answer: answer some first", "/subject");
    for (const InquiryState& one : subject->inquiries) number = std::max(number, one.number + 1);
    out.subject = subject->ordinal;
  } else {
    TAUS_TRY_ASSIGN(out.subject, core.store->new_subject());
  }
  out.number = number;
  const Mask only = subject == nullptr ? core.profile().collected : bit(Category::intake);
  auto event = out.event(out.subject, only, subject).initInquiryReceived();
  auto intake = event.initIntake();
  intake.setText(schema::with_line_feeds(text_of(in.getText())));
  intake.setChannel(in.getChannel() == schema::Channel::ABSENT ? schema::Channel::WEB : in.getChannel());
  intake.setNumber(number);
  if (in.getName().size() > 0) event.initIdent().setName(in.getName());
  if (in.getEmail().size() > 0) event.initEmail().setEmail(in.getEmail());
  if (in.getPhone().size() > 0) event.initPhone().setPhone(in.getPhone());
  return {};
}

Result<void> inquiry_answer(Core& core, const Call& call, api::InquiryAnswer::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), colleagues, "the centre's staff answer inquiries"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_consent_stands(*subject));
  TAUS_TRY_ASSIGN(const InquiryState* inquiry, open_inquiry(*subject, in.getNumber()));
  Instant at = call.now;
  if (in.getAt() != no_time_ms) {
    TAUS_TRY_ASSIGN(at, required_time(in.getAt(), "/at"));
    if (at > call.now) return Error(ErrorCode::invalid_argument, "an answer cannot lie in the future", "/at");
    if (at < inquiry->received_at)
      return Error(ErrorCode::invalid_argument, "an answer cannot come before what it answers", "/at");
  }
  out.subject = subject->ordinal;
  out.number = inquiry->number;
  auto to = out.event(out.subject, all_categories, subject).initInquiryAnswered().initIntake();
  to.setNumber(inquiry->number);
  to.setAt(ms_of(at));
  to.setChannel(in.getChannel());
  // Who only asked has a relationship that ends with the answer, where the profile says so.
  const bool only_asked = subject->appointments.empty() && !subject->consent.given_at && subject->phase() != schema::Phase::P2;
  const bool last =
      std::count_if(subject->inquiries.begin(), subject->inquiries.end(), [](const auto& one) { return !one.answered_at; }) == 1;
  if (core.profile().inquiries.answer_concludes && only_asked && last)
    conclude(core, *subject, call.now, call.now, schema::Conclusion::EXPLICIT, out);
  return {};
}

Result<void> inquiry_list(Core& core, const Call& call, api::InquiryList::Builder out) {
  TAUS_TRY(require(standing(call), colleagues, "the centre's staff answer inquiries"));
  out.setWantsPurpose(wants_purpose(core, call, Category::intake));
  std::vector<Listed> found;
  core.projections.each_subject([&](const Subject& one) {
    if (one.inquiries.empty() || core.shredding.contains(one.ordinal)) return;
    if (!may_read(core, call, one, Category::intake) && !may_read(core, call, one, Category::ident)) return;
    for (const InquiryState& inquiry : one.inquiries) found.push_back({.subject = &one, .inquiry = &inquiry});
  });
  std::sort(found.begin(), found.end(), [](const Listed& a, const Listed& b) {
    const auto key = [](const Listed& one) {
      return std::tuple(one.inquiry->answered_at.has_value(), one.inquiry->received_at, one.inquiry->position);
    };
    return key(a) < key(b);
  });
  if (found.size() > limits::inquiries_shown_max) {
    out.setLeft(static_cast<std::uint32_t>(found.size() - limits::inquiries_shown_max));
    found.resize(limits::inquiries_shown_max);
  }
  auto list = out.initInquiries(static_cast<unsigned>(found.size()));
  std::map<Ordinal, Mask> seen;
  for (unsigned i = 0; i < list.size(); ++i) {
    TAUS_TRY_ASSIGN(const Mask mask, fill(core, call, found[i], list[i]));
    Mask& all = seen[found[i].subject->ordinal];
    all = static_cast<Mask>(all | mask);
  }
  for (const auto& [who, mask] : seen) TAUS_TRY(journal_read(core, call, *core.projections.subject(who), mask));
  return {};
}

}  // namespace taus::service
