// Random lives of a few clients, whatever is refused on the way: what is true of every one of them, in both profiles.
//   - A restart changes no answer: what is rebuilt from the journal is what was there.
//   - Nothing is overdue: what the plan calls due lies ahead, or is deferred.
//   - Every category that lives has a due time, or something that defers it, or an open request.
//   - After a withdrawal nothing that the client gave comes to the record.
//   - Once holds, restrictions and requests are ended, time alone forgets everybody.
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "eventstore/schema/category.h"
#include "tests/support/centre.h"
#include "tests/support/requests.h"

namespace taus::test {
namespace {

using schema::Category;
using std::chrono::hours;

class Lives : public testing::TestWithParam<const char*> {
 protected:
  std::uint64_t below(std::uint64_t n) { return random() % n; }
  bool once_in(std::uint64_t n) { return below(n) == 0; }
  template <class Fill>
  Reply all(const char* what, const Fill& fill) {
    Reply reply = centre->ask(developer(), fill);
    done[what] += reply.good() ? 1 : 0;
    return reply;
  }

  void begin(std::uint64_t seed) {
    random.seed(seed);
    centre = std::make_unique<Centre>(seed, at("2026-03-02T08:00:00"), GetParam());
    centre->start().value();
    clients.clear();
    withdrawn.clear();
    counsellors.clear();
    for (const char* name : {"Kari", "Ola"})
      counsellors.push_back(
          all("staff", [&](Ask r) { fill_staff(r, name, {schema::Role::COUNSELLOR}); }).ack().getSubject().cStr());
  }

  void a_client() {
    const Reply made = centre->ask(booking_portal(), [&](Ask r) {
      if (once_in(4) && centre->profile.name == "mt") {
        auto in = r.initInquiryReceive();
        in.setText("Hva koster det?");
        in.setName("Spørrer");
        in.setEmail("s@example.no");
        return;
      }
      fill_form(r, "Kunde " + std::to_string(clients.size()), "k@example.no", "41234567");
      auto form = r.getBookingRequest();
      if (centre->profile.name == "mt") {
        form.setGender(schema::Gender::OTHER);
        form.setNationality("ER");
        form.setMotherTongue("ti");
        form.setAccommodationNeed("Trappefri adkomst");
        form.setCurrentSituation("På jakt etter jobb");
      }
      auto consent = form.getConsent();
      consent.setNotice(centre->profile.notice.id);
      consent.setAct(centre->profile.consent_act == policy::ConsentAct::checkbox ? schema::ConsentAct::CHECKBOX
                                                                                 : schema::ConsentAct::FORM_SUBMIT);
    });
    ASSERT_EQ(made.code(), "ok") << made.root().getError().getMessage().cStr();
    clients.emplace_back(made.ack().getSubject().cStr());
  }

  Category any_category() {
    constexpr Category some[] = {Category::IDENT,   Category::EMAIL,   Category::PHONE,  Category::DEMOG,
                                 Category::SPECIAL, Category::INTAKE,  Category::CASE,   Category::CORR,
                                 Category::APPT,    Category::CONSENT, Category::RIGHTS, Category::AUDIT};
    return some[below(std::size(some))];
  }
  template <class In>
  void some_categories(In in) {
    const unsigned n = once_in(3) ? 12 : 1 + static_cast<unsigned>(below(4));
    auto list = in.initCategories(n);
    for (unsigned i = 0; i < n; ++i) list.set(i, any_category());
  }
  Instant ahead() { return centre->clock.now() + hours(1 + below(once_in(4) ? 500 : 30)); }

  void step();
  void work(const std::string& who);
  void cover(const std::string& who);
  void rights(const std::string& who);
  void pass(Instant to);
  void check();
  std::map<std::string, std::string> answers();
  Mask live(const std::string& who) {
    return centre->service->store().vault().live_categories(centre->service->store().ordinal_of(who).value()).value();
  }
  bool asks(const std::string& who);
  void end_everything();

  std::mt19937_64 random;
  std::unique_ptr<Centre> centre;
  std::vector<std::string> counsellors, clients;
  std::map<std::string, Mask> withdrawn;  // what was left of whoever withdrew
  std::map<std::string, int> done;        // by what was asked for: how often it was not refused
};

void Lives::pass(Instant to) {
  for (;;) {
    const std::optional<Instant> due = centre->service->next_due();
    if (!due || *due > to) break;
    if (*due > centre->clock.now()) centre->clock.set(*due);
    centre->settle().value();
  }
  centre->clock.set(to);
  centre->settle().value();
}

void Lives::work(const std::string& who) {
  const std::int64_t number = once_in(2) ? -1 : 1 + static_cast<std::int64_t>(below(3));
  switch (below(16)) {
    case 0:
    case 1:
    case 2: all("book", [&](Ask r) { fill_book(r, who, counsellors[below(2)], ahead()); }); return;
    case 3: all("move", [&](Ask r) { fill_move(r, who, number, ahead()); }); return;
    case 4: all("cancel", [&](Ask r) { fill_cancel(r, who, number); }); return;
    case 5:
    case 6: all("held", [&](Ask r) { fill_held(r, who, number); }); return;
    case 7:
      all("noShow", [&](Ask r) {
        auto in = r.initBookingNoShow();
        in.setSubject(who);
        in.setNumber(number);
      });
      return;
    case 8:
      all("correct", [&](Ask r) {
        auto in = r.initBookingCorrect();
        in.setSubject(who);
        in.setNumber(number);
        in.setOutcome(static_cast<schema::Outcome>(1 + below(3)));
      });
      return;
    case 9: all("log", [&](Ask r) { fill_log(r, who, "logg"); }); return;
    case 10: all("record", [&](Ask r) { fill_record(r, who, schema::Gender::FEMALE); }); return;
    case 11: all("message", [&](Ask r) { fill_message(r, who, once_in(2) ? "in" : "out", "brev"); }); return;
    case 12: all("conclude", [&](Ask r) { fill_conclude(r, who); }); return;
    case 13: all("reopen", [&](Ask r) { fill_reopen(r, who); }); return;
    case 14:
      all("answer", [&](Ask r) {
        auto in = r.initInquiryAnswer();
        in.setSubject(who);
        in.setChannel(schema::Channel::EMAIL);
      });
      return;
    default:
      all("assign", [&](Ask r) {
        auto in = r.initSubjectAssign();
        in.setSubject(who);
        in.setCounsellor(counsellors[below(2)]);
      });
  }
}

void Lives::cover(const std::string& who) {
  switch (below(5)) {
    case 0:
      all("hold", [&](Ask r) {
        auto in = r.initHoldPlace();
        in.setSubject(who);
        in.setGround(schema::HoldGround::LEGAL_CLAIM);
        some_categories(in);
      });
      return;
    case 1: all("release", [&](Ask r) { r.initHoldRelease().setSubject(who); }); return;
    case 2:
      all("restrict", [&](Ask r) {
        auto in = r.initRestrictPlace();
        in.setSubject(who);
        in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
        some_categories(in);
      });
      return;
    case 3:
      all("lift", [&](Ask r) {
        auto in = r.initRestrictLift();
        in.setSubject(who);
        in.setInformedAt(ms_of(centre->clock.now()));
      });
      return;
    default:
      if (once_in(2) && all("withdraw", [&](Ask r) { fill_withdraw(r, who); }).good()) {
        withdrawn[who] = live(who);
        centre->clock.advance(std::chrono::milliseconds(1));  // or reads of the same instant go with the read log of before
      }
  }
}

void Lives::rights(const std::string& who) {
  if (once_in(4)) {
    all("open", [&](Ask r) {
      fill_rights(r, who, once_in(2) ? schema::RightsKind::ERASE : static_cast<schema::RightsKind>(1 + below(8)));
    });
    return;
  }
  const Reply list = all("list", [&](Ask r) { r.initRightsList().setSubject(who); });
  if (!list.good() || list.root().getRightsList().getRequests().size() == 0) return;
  const auto requests = list.root().getRightsList().getRequests();
  const auto one = requests[static_cast<unsigned>(below(requests.size()))];
  const std::string request = one.getRequest().cStr();
  const bool decided = one.getDecision() >= 0;
  switch (decided ? 2 : below(2)) {
    case 0: all("verify", [&](Ask r) { fill_verify(r, request); }); return;
    case 1:
      all("decide", [&](Ask r) {
        fill_decide(r, request, once_in(2) ? schema::RightsOutcome::FULFILLED : schema::RightsOutcome::REFUSED);
      });
      return;
    default: done["shred"] += centre->ask(operators(), [&](Ask r) { fill_shred(r, who, {}, one.getDecision()); }).good() ? 1 : 0;
  }
}

void Lives::step() {
  if (clients.size() < 3 || once_in(60)) a_client();
  const std::string& who = clients[clients.size() - 1 - below(std::min<std::size_t>(clients.size(), once_in(3) ? 20 : 3))];
  switch (below(8)) {
    case 0: pass(centre->clock.now() + hours(1 + below(30))); return;
    case 1:
      if (once_in(6)) pass(centre->clock.now() + hours(24 * (1 + below(60))));
      return;
    case 2: cover(who); return;
    case 3: rights(who); return;
    default: work(who); return;
  }
}

bool Lives::asks(const std::string& who) {
  const Reply list = centre->ask(developer(), [&](Ask r) {
    auto in = r.initRightsList();
    in.setSubject(who);
    in.setOpen(true);
  });
  return list.good() && list.root().getRightsList().getRequests().size() > 0;
}

std::map<std::string, std::string> Lives::answers() {
  std::map<std::string, std::string> out;
  out["plan"] =
      centre->ask(operators(), [](Ask r) { r.initRetentionPlan(); }).root().getRetentionPlan().toString().flatten().cStr();
  const Reply days = centre->ask(developer(), [&](Ask r) {
    auto in = r.initCalendarShow();
    in.setFrom(oslo().local_date(centre->clock.now() - hours(24 * 60)));
    in.setTo(oslo().local_date(centre->clock.now() + hours(24 * 60)));
  });
  for (const auto one : days.root().getCalendarShow().getEntries())
    out[std::string("calendar ") + one.getUid().cStr()] = one.toString().flatten().cStr();
  const Reply desk = centre->ask(developer(), [](Ask r) { r.initRightsList(); });
  for (const auto one : desk.root().getRightsList().getRequests())
    out[std::string("request ") + one.getRequest().cStr()] = one.toString().flatten().cStr();
  const Reply year = centre->ask(developer(), [](Ask r) { r.initStatsShow().setYear(2026); });
  out["statistics"] = year.good() ? year.root().getStatsShow().toString().flatten().cStr() : year.code();
  const Reply survey = centre->ask(developer(), [](Ask r) { r.initSurveyList(); });
  out["survey"] = survey.good() ? survey.root().getSurveyList().toString().flatten().cStr() : survey.code();
  for (const std::string& who : clients) {
    const Reply state = centre->ask(developer(), [&](Ask r) { r.initSubjectState().setSubject(who); });
    out[who] = state.code();
    if (!state.good()) continue;
    out[who] += state.root().getSubjectState().getPhase().cStr();
    for (const auto one : state.root().getSubjectState().getCategories())
      out[who + " " + std::to_string(static_cast<int>(one.getCategory()))] = one.toString().flatten().cStr();
  }
  return out;
}

void Lives::check() {
  const Reply plan = centre->ask(operators(), [](Ask r) { r.initRetentionPlan(); });
  std::map<std::string, Mask> planned;
  for (const auto one : plan.root().getRetentionPlan().getItems()) {
    const std::string where =
        std::string(one.getSubject().cStr()) + " category " + std::to_string(static_cast<int>(one.getCategory()));
    planned[one.getSubject().cStr()] =
        static_cast<Mask>(planned[one.getSubject().cStr()] | 1U << static_cast<unsigned>(one.getCategory()));
    if (one.hasDeferred()) continue;
    EXPECT_GT(one.getDue(), ms_of(centre->clock.now())) << where << " is overdue";
  }
  for (const std::string& who : clients) {
    const Mask now = live(who);
    if (const auto before = withdrawn.find(who); before != withdrawn.end()) {
      const auto came = static_cast<Mask>(now & client_categories & ~before->second);
      EXPECT_EQ(came, 0) << who << " withdrew";
      before->second = static_cast<Mask>(before->second & now);
    }
    const auto forgotten = static_cast<Mask>(now & ~planned[who]);
    if (forgotten != 0 && !asks(who)) ADD_FAILURE() << who << ": no end of " << forgotten;
  }
}

void Lives::end_everything() {
  for (const std::string& who : clients) {
    for (int n = 0; n < 40; ++n) {
      all("end", [&](Ask r) {
        auto in = r.initHoldRelease();
        in.setSubject(who);
        in.setNumber(n);
      });
    }
    for (int n = 0; n < 40; ++n) {
      all("end", [&](Ask r) {
        auto in = r.initRestrictLift();
        in.setSubject(who);
        in.setNumber(n);
        in.setInformedAt(ms_of(centre->clock.now()));
      });
    }
    const Reply list = centre->ask(developer(), [&](Ask r) { r.initRightsList().setSubject(who); });
    if (!list.good()) continue;
    for (const auto one : list.root().getRightsList().getRequests()) {
      all("end", [&](Ask r) { fill_verify(r, one.getRequest().cStr()); });
      all("end", [&](Ask r) { fill_decide(r, one.getRequest().cStr(), schema::RightsOutcome::REFUSED); });
    }
  }
}

TEST_P(Lives, AreForgottenInTime) {
  const std::uint64_t seeds = std::getenv("TAUS_LONG") != nullptr ? 100 : 12;
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    begin(seed);
    for (int i = 0; i < 700 && !HasFailure(); ++i) {
      step();
      if (i % 10 == 0) check();
      if (i % 50 != 49) continue;
      answers();  // is journalled: the read log is there from then on
      const auto before = answers();
      centre->restart().value();
      const auto after = answers();
      EXPECT_EQ(after.size(), before.size()) << "answers after a restart at step " << i;
      for (const auto& [what, answer] : before) {
        const auto again = after.find(what);
        EXPECT_EQ(answer, again == after.end() ? "nothing" : again->second) << what << " after a restart at step " << i;
      }
    }
    end_everything();
    pass(centre->clock.now() + hours(24 * 366 * 5));
    for (const std::string& who : clients) EXPECT_EQ(live(who), 0) << who << " is remembered for ever";
  }
  if (HasFailure()) return;
  for (const char* what :
       {"book",   "move", "cancel",  "held",     "noShow", "correct",  "log",  "record", "message", "conclude", "reopen",
        "assign", "hold", "release", "restrict", "lift",   "withdraw", "open", "verify", "decide",  "shred"})
    EXPECT_GT(done[what], 0) << what << ": these lives show nothing of it";
}

INSTANTIATE_TEST_SUITE_P(Profiles, Lives, testing::Values("vt", "mt"));

}  // namespace
}  // namespace taus::test
