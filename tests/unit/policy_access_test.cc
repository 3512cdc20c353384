#include <map>
#include <sstream>

#include <gmock/gmock.h>

#include "daemon/policy/access.h"
#include "tests/unit/policy_support.h"

namespace taus::policy {
namespace {

// The matrices as people print them: one letter a reader, in the order CA CO L D DPO HR AUD OP CL.
// . none, b busy, R read, o own, c counts, t trace, n need only, v through the counsellor, p package, w with purpose,
// r relation or purpose, h after hand-over.
constexpr std::string_view letters = ".bRoctnvpwrh";

constexpr std::string_view vt_matrix = R"(
P0 ident RRRR....R
P0 email RRRR....R
P0 phone RRRR....R
P0 demog RRRR....R
P0 intake RRRR....R
P0 case .........
P0 corr Rooo....p
P0 appt RRRR....R
P1 ident RRRR....R
P1 email RRRR....R
P1 phone RRRR....R
P1 demog R.......R
P1 intake R.......R
P1 case R.......v
P1 corr Rooo....p
P1 appt RRRR....R
P2 ident R.......R
P2 email R.......R
P2 phone .........
P2 demog R.......R
P2 intake .........
P2 case .........
P2 corr .........
P2 appt .........
)";
constexpr std::string_view mt_matrix = R"(
- ident RrwR....R
- email RrwR....R
- phone RrwR....R
- demog Rww.....R
- special R..n....R
- intake Rww.....R
- case Rh......p
- corr Rww.....p
- appt RrwR....R
)";
// The same in every phase of both.
constexpr std::string_view always = R"(
consent R.RbR...R
rights R.R.R...R
copy ........p
audit ..c.w.t.p
job .....R..o
staff ooRooo...
)";
constexpr std::string_view complaint_row = "..R.R...R";

using Matrix = std::map<std::pair<Phase, Category>, std::string>;

Matrix expected(const Profile& profile) {
  Matrix out;
  std::istringstream rows{std::string(profile.name == "vt" ? vt_matrix : mt_matrix)};
  for (std::string phase, category, row; rows >> phase >> category >> row;) {
    const Phase p = phase == "P0" ? Phase::p0 : phase == "P1" ? Phase::p1 : phase == "P2" ? Phase::p2 : Phase::none;
    out[{p, *category_named(category)}] = row;
  }
  std::istringstream both{std::string(always)};
  for (std::string category, row; both >> category >> row;)
    for (const Phase p : profile.phases ? std::vector{Phase::p0, Phase::p1, Phase::p2} : std::vector{Phase::none})
      out[{p, *category_named(category)}] = row;
  return out;
}

// Every cell there is, also those of categories and phases that a profile does not have.
std::vector<std::string> differences(const Profile& profile) {
  const Matrix want = expected(profile);
  std::vector<std::string> out;
  for (int p = 0; p < 4; ++p)
    for (int c = 0; c < category_count; ++c) {
      const auto row = want.find({static_cast<Phase>(p), static_cast<Category>(c)});
      for (std::size_t r = 0; r < relation_count; ++r) {
        const char wanted = row == want.end() ? '.' : row->second[r];
        const Access said = profile.access.rows[static_cast<std::size_t>(p)][static_cast<std::size_t>(c)][r];
        if (letters[static_cast<std::size_t>(said)] != wanted)
          out.push_back(std::string(phase_name(static_cast<Phase>(p))) + " " + std::string(name(static_cast<Category>(c))) + " " +
                        std::string(relation_name(static_cast<Relation>(r))));
      }
    }
  for (std::size_t r = 0; r < relation_count; ++r)
    if (letters[static_cast<std::size_t>(profile.access.complaint[r])] != complaint_row[r]) out.push_back("complaint");
  return out;
}

TEST(AccessMatrix, BothAreWhatTheCentresPromise) {
  EXPECT_THAT(differences(built_in("vt")), testing::IsEmpty());
  EXPECT_THAT(differences(built_in("mt")), testing::IsEmpty());
}

// Planted: each cell flipped once is one difference.
TEST(AccessMatrix, EveryFlippedCellIsCaught) {
  for (const char* const which : {"vt", "mt"}) {
    Profile profile = built_in(which);
    for (auto& plane : profile.access.rows)
      for (auto& row : plane)
        for (Access& cell : row) {
          const Access was = cell;
          cell = was == Access::none ? Access::read : Access::none;
          EXPECT_EQ(differences(profile).size(), 1U);
          cell = was;
        }
  }
}

Access vt(Category c, Phase p, Relation r, const Circumstances& with = {}) { return access(built_in("vt"), c, p, r, with); }
Access mt(Category c, Relation r, const Circumstances& with = {}) { return access(built_in("mt"), c, Phase::none, r, with); }

TEST(Access, CircumstancesDecideConditionalCells) {
  using enum Relation;
  EXPECT_EQ(mt(Category::ident, other_counsellor), Access::with_purpose);
  EXPECT_EQ(mt(Category::ident, other_counsellor, {.purpose = true}), Access::read);
  EXPECT_EQ(mt(Category::ident, other_counsellor, {.case_relation = true}), Access::read);
  EXPECT_EQ(mt(Category::demog, other_counsellor, {.case_relation = true}), Access::with_purpose);
  EXPECT_EQ(mt(Category::corr, leader), Access::with_purpose);
  EXPECT_EQ(mt(Category::corr, leader, {.purpose = true}), Access::read);
  EXPECT_EQ(mt(Category::case_, other_counsellor, {.purpose = true, .case_relation = true}), Access::none);
  EXPECT_EQ(mt(Category::case_, other_counsellor, {.handed_over = true}), Access::read);
  EXPECT_EQ(mt(Category::special, desk), Access::none);
  EXPECT_EQ(mt(Category::special, desk, {.booked_ahead = true}), Access::need_only);
  EXPECT_EQ(mt(Category::special, leader, {.purpose = true, .handed_over = true, .booked_ahead = true}), Access::none);
  EXPECT_EQ(vt(Category::audit, Phase::p1, dpo), Access::with_purpose);
  EXPECT_EQ(vt(Category::audit, Phase::p1, dpo, {.purpose = true}), Access::read);
}

TEST(Access, AComplaintIsHiddenFromTheCounsellor) {
  EXPECT_EQ(vt(Category::rights, Phase::p1, Relation::assigned_counsellor), Access::read);
  EXPECT_EQ(vt(Category::rights, Phase::p1, Relation::assigned_counsellor, {.complaint = true}), Access::none);
  EXPECT_EQ(vt(Category::rights, Phase::p1, Relation::leader, {.complaint = true}), Access::read);
}

TEST(Access, OnlyReadAndTheNeedOpenContent) {
  for (std::size_t a = 0; a < access_count; ++a)
    EXPECT_EQ(may_read(static_cast<Access>(a)),
              static_cast<Access>(a) == Access::read || static_cast<Access>(a) == Access::need_only);
}

TEST(Access, AThirdProfilesMatrixIsItsOwn) {
  using enum Relation;
  const auto said = [](Category c, Phase p, Relation r) { return access(third(), c, p, r); };
  EXPECT_EQ(said(Category::ident, Phase::p0, hr), Access::read);
  EXPECT_EQ(said(Category::ident, Phase::p1, hr), Access::none);
  EXPECT_EQ(said(Category::email, Phase::p2, auditor), Access::read);
  EXPECT_EQ(said(Category::email, Phase::p2, desk), Access::busy);
  EXPECT_EQ(said(Category::case_, Phase::p1, assigned_counsellor), Access::none);
  EXPECT_EQ(said(Category::job, Phase::p0, op), Access::trace);
  EXPECT_EQ(access(third(), Category::rights, Phase::p0, op, {.complaint = true}), Access::read);
}

}  // namespace
}  // namespace taus::policy
