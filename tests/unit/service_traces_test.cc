// What is left of a read log that a withdrawal or an erasure takes: under the member of staff, without the client, for a year.
#include <string>

#include "daemon/service/traces.h"
#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using service::ReadTrace;
using service::ReadTraces;

struct Traces : testing::Test {
  Traces() { pia = vt.staff("Pia Ombud", {schema::Role::DPO}); }

  Reply reads(const std::string& who, const std::string& of, const char* purpose = "kontroll") {
    return vt.as(who, [&](Ask r) {
      if (purpose != nullptr) r.setPurpose(purpose);
      r.initAuditReads().setSubject(of);
    });
  }
  static std::string lines(const Reply& reply) {
    if (!reply.good()) return reply.code();
    std::string out;
    for (const auto one : reply.root().getAuditReads().getTraces()) {
      out +=
          (out.empty() ? "" : "; ") + std::string(one.getMonth().cStr()) + " " + std::to_string(static_cast<int>(one.getRole()));
      for (const auto category : one.getCategories()) out += " " + std::string(name(static_cast<Category>(category)));
      out += (one.getDenied() ? " denied" : "") + std::string(" x") + std::to_string(one.getTimes());
    }
    return out;
  }
  std::string of(const std::string& staff) { return lines(reads(pia, staff)); }
  void withdraw(const std::string& subject) {
    EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { r.initConsentWithdraw().setSubject(subject); }).code(), "ok");
  }
  // Everything in the journal that the store still opens, one part after the other.
  std::string readable() {
    const EventStore& store = vt.centre.service->store();
    std::string out;
    for (Position p = 0; p < store.durable_size(); ++p) {
      const journal::Leaf leaf = store.leaf(p).value();
      for (std::size_t i = 0; i < leaf.parts.size(); ++i)
        if (const auto opened = store.open_part(leaf, i)) out.append(opened->plaintext.begin(), opened->plaintext.end());
    }
    return out;
  }
  int tallies() {
    const EventStore& store = vt.centre.service->store();
    int out = 0;
    for (Position p = 1; p < store.durable_size(); ++p) {
      const journal::Leaf leaf = store.leaf(p).value();
      if (leaf.stream == centre_stream && leaf.parts[0].slot != public_slot && store.open_part(leaf, 0)) ++out;
    }
    return out;
  }

  Vt vt{71};
  std::string pia;
};

// A time as it lies in an event: little-endian, what is absent being the least number.
std::string bytes_of(Instant at) {
  const std::int64_t value = ms_of(at) ^ no_time_ms;
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

TEST_F(Traces, AWithdrawalLeavesWhoReadWhatInWhichMonth) {
  const std::string anna = vt.guided("Anna Myr");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(vt.show(vt.kari, anna).code(), "ok");
  EXPECT_EQ(vt.show(pia, anna).code(), "ok");  // consent and rights
  vt.clock("2026-04-01T00:00:00");
  EXPECT_EQ(lines(reads(vt.dina, anna)), "withheld");
  EXPECT_EQ(of(vt.kari), "") << "her log lives, and tells it";
  withdraw(anna);
  vt.restart();
  EXPECT_EQ(of(vt.kari), "2026-03 1 ident email phone demog intake appt consent x2");
  EXPECT_EQ(of(pia), "2026-03 4 consent x1");
  EXPECT_EQ(of(vt.dina), "2026-04 3 audit denied x1");
  EXPECT_EQ(of(vt.ola), "");
  const Reply shown = reads(pia, vt.kari);
  EXPECT_STREQ(shown.root().getAuditReads().getTraces()[0].getKeptUntil().cStr(), "2027-04-01");
}

TEST_F(Traces, ByRoleAsAClientsOwnLog) {
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(vt.show(vt.kari, anna).code(), "ok");
  withdraw(anna);
  EXPECT_EQ(lines(reads(pia, vt.kari, nullptr)), "withheld") << "for a stated purpose";
  const Reply leader = reads(vt.liv, vt.kari);
  EXPECT_EQ(lines(leader), "");
  EXPECT_EQ(leader.root().getAuditReads().getCount(), 1U);
  for (const std::string& who : {vt.kari, vt.ola, vt.dina}) EXPECT_EQ(lines(reads(who, vt.kari)), "withheld");
  const Reply auditor = vt.centre.ask(auditors(), [&](Ask r) { r.initAuditReads().setSubject(vt.kari); });
  EXPECT_EQ(lines(auditor), "2026-03 1 x1") << "no content";
  const Reply again = reads(pia, vt.kari);
  const auto about_it = again.root().getAuditReads().getReads();
  EXPECT_GE(about_it.size(), 5U) << "whoever looked, or tried to";
}

// Of all clients together, to the month: neither the order nor the day of a read says whose it was.
TEST_F(Traces, NoDayAndNoClientAreInThem) {
  const std::string anna = vt.guided("Anna Myr");
  const std::string berit = vt.client("Berit Li");
  vt.booked(berit, vt.kari, "2026-03-05T10:00:00");
  std::vector<std::string> times;
  for (const char* when : {"2026-03-04T09:10:00", "2026-03-09T14:00:00"}) {
    vt.clock(when);
    times.push_back(bytes_of(vt.centre.clock.now()));
    EXPECT_EQ(vt.show(pia, anna).code(), "ok");
  }
  vt.clock("2026-03-09T15:00:00");
  EXPECT_EQ(vt.show(pia, berit).code(), "ok");
  const std::string before = readable();
  for (const std::string& one : times) EXPECT_NE(before.find(one), std::string::npos) << "the search is blind";
  vt.clock("2026-03-10T09:00:00");
  withdraw(anna);
  vt.clock("2026-03-11T09:00:00");
  withdraw(berit);
  EXPECT_EQ(of(pia), "2026-03 4 consent x3");
  const std::string after = readable();
  for (const std::string& one : times) EXPECT_EQ(after.find(one), std::string::npos);
  for (const std::string& gone : {anna, berit}) EXPECT_EQ(after.find(gone), std::string::npos);
  EXPECT_EQ(tallies(), 1) << "an older one would tell what the last withdrawal added";
}

TEST_F(Traces, DieWithinAYear) {
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(vt.show(vt.kari, anna).code(), "ok");
  vt.clock("2026-03-31T23:30:00");
  withdraw(anna);
  vt.clock("2026-05-02T09:00:00");
  const std::string berit = vt.client("Berit Li");
  EXPECT_EQ(vt.show(vt.kari, berit).code(), "ok");
  withdraw(berit);
  vt.clock("2027-02-28T23:59:59");
  EXPECT_THAT(of(vt.kari), testing::StartsWith("2026-03"));
  vt.restart();
  vt.clock("2027-03-01T00:00:00");
  EXPECT_THAT(of(vt.kari), testing::StartsWith("2026-05"));
  EXPECT_EQ(tallies(), 1) << "the one that knew more is gone";
  vt.centre.clock.set(at("2027-09-01T08:00:00"));  // and where nobody was there when it fell due
  vt.restart();
  vt.centre.settle().value();
  EXPECT_EQ(of(vt.kari), "");
  EXPECT_EQ(tallies(), 1);
}

TEST_F(Traces, OfAGrantedErasureAndOfWhatAHoldKept) {
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(vt.show(pia, anna).code(), "ok");
  const std::int64_t decision = vt.erasure_granted(anna);
  EXPECT_EQ(vt.centre.ask(operators(), [&](Ask r) { fill_shred(r, anna, {schema::Category::DEMOG}, decision); }).code(), "ok");
  EXPECT_EQ(of(pia), "") << "the log itself lives";
  EXPECT_EQ(vt.centre.ask(operators(), [&](Ask r) { fill_shred(r, anna, {}, decision); }).code(), "ok");
  EXPECT_EQ(of(pia), "2026-03 4 consent x1");
  const std::string berit = vt.client("Berit Li");
  EXPECT_EQ(vt.as(vt.liv,
                  [&](Ask r) {
                    auto in = r.initHoldPlace();
                    in.setSubject(berit);
                    in.setGround(schema::HoldGround::LEGAL_CLAIM);
                    in.initCategories(1).set(0, schema::Category::IDENT);
                  })
                .code(),
            "ok");
  withdraw(berit);
  vt.clock("2026-03-03T11:31:00");
  EXPECT_EQ(vt.show(pia, berit).code(), "ok");
  EXPECT_EQ(of(pia), "2026-03 4 consent x1");
  EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { r.initHoldRelease().setSubject(berit); }).code(), "ok");
  EXPECT_EQ(vt.live(berit), "");
  EXPECT_THAT(of(pia), testing::HasSubstr("2026-03 4 rights x1"));
}

TEST_F(Traces, NoneOfWhatDiesInItsOwnTimeNorOfReadsThatAreNoStaffs) {
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(vt.show(vt.kari, anna).code(), "ok");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { r.initSubjectConclude().setSubject(anna); }).code(), "ok");
  vt.clock("2028-01-02T00:00:00");
  EXPECT_EQ(vt.live(anna), "");
  EXPECT_EQ(of(vt.kari), "");
  const std::string berit = vt.client("Berit Li");
  const std::string link = vt.link;
  EXPECT_EQ(vt.dev([&](Ask r) { fill_show(r, berit); }).code(), "ok");
  EXPECT_EQ(vt.centre
                .ask(booking_portal(),
                     [&](Ask r) {
                       r.setLink(link);
                       fill_show(r, berit);
                     })
                .code(),
            "ok");
  withdraw(berit);
  for (const std::string& who : {vt.kari, vt.liv, pia}) EXPECT_EQ(of(who), "");
}

TEST_F(Traces, AReadThatIsNotDurableYetIsAmongThem) {
  const std::string anna = vt.client("Anna Myr");
  const Bytes frame = request_frame([&](Ask r) {
    by(r, vt.dina);
    fill_show(r, anna);
  });
  Bytes reply;
  ASSERT_EQ(vt.centre.service->handle(desk_frontend(), frame, 1'000'000, reply).value(), service::Handled::replied);
  withdraw(anna);
  EXPECT_THAT(of(vt.dina), testing::EndsWith("x1"));
}

TEST(ReadTraces, AreAtMostTwoThousandLinesAndGrowCoarserBefore) {
  ReadTraces traces;
  const auto line = [](std::size_t n, std::int32_t erased) {
    return ReadTrace{.erased = erased,
                     .staff = 1 + n / 1000,
                     .role = schema::Role::COUNSELLOR,
                     .month = 24'000 + static_cast<std::int32_t>(n / 100 % 10),
                     .categories = static_cast<std::uint16_t>(1 + n % 100)};
  };
  for (std::size_t i = 0; i < limits::trace_lines_max; ++i) traces.add(line(i, 24'300));
  EXPECT_EQ(traces.lines().size(), limits::trace_lines_max);
  traces.add(line(limits::trace_lines_max, 24'300));
  EXPECT_EQ(traces.lines().size(), 21U) << "one for each month";
  std::uint64_t times = 0;
  for (const auto& [one, n] : traces.lines()) times += n;
  EXPECT_EQ(times, limits::trace_lines_max + 1);
  EXPECT_EQ(traces.of(1).front().first.categories, 0x7f) << "all that was read in it";
  // Nothing left to merge: what was kept longest goes.
  for (std::size_t i = 0; i < limits::trace_lines_max; ++i)
    traces.add({.erased = 24'301, .staff = 100 + i, .role = schema::Role::DESK, .month = 24'300});
  EXPECT_EQ(traces.lines().size(), limits::trace_lines_max);
  EXPECT_EQ(traces.lines().begin()->first.erased, 24'301);
}

}  // namespace
}  // namespace taus::test
