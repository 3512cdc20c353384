#include <algorithm>

#include "daemon/policy/built_in.h"
#include "daemon/policy/profile.h"
#include "tests/unit/policy_support.h"

namespace taus::policy {
namespace {

std::vector<std::string> names(const std::vector<Field>& fields) {
  std::vector<std::string> out;
  for (const Field& f : fields) out.push_back(f.name + (f.required ? "!" : ""));
  return out;
}

TEST(Profile, VtIsWhatItsNoticeSays) {
  const Profile& vt = built_in("vt");
  EXPECT_EQ(names(vt.form),
            (std::vector<std::string>{"name!", "email!", "phone!", "municipalityCode!", "ageYears!", "focusAreas!"}));
  EXPECT_EQ(vt.consent_act, ConsentAct::checkbox);
  EXPECT_EQ(vt.notice.id, "VT-2022-09-15");
  EXPECT_TRUE(vt.phases);
  EXPECT_TRUE(vt.log_only_with_further_session);
  EXPECT_FALSE(vt.collects(Category::special));
  EXPECT_EQ(vt.record_field("nationality"), nullptr);
  ASSERT_NE(vt.record_field("countryOfOrigin"), nullptr);
  EXPECT_EQ(vt.record_field("countryOfOrigin")->category, Category::demog);
  EXPECT_EQ(vt.deadlines.rights_days, 30);
  EXPECT_EQ(vt.survey.days_after_last, 7);
  EXPECT_EQ(vt.statistics.count_unit, CountUnit::client_year);
  EXPECT_TRUE(vt.staff.confidentiality_required);
  EXPECT_NE(vt.notice.hash, Hash32{});
}

TEST(Profile, MtIsWhatItsNoticeSays) {
  const Profile& mt = built_in("mt");
  EXPECT_EQ(names(mt.form),
            (std::vector<std::string>{"name!", "email!", "phone!", "municipalityCode!", "ageYears!", "gender!", "nationality!",
                                      "motherTongue!", "accommodationNeed", "focusAreas!", "currentSituation!"}));
  EXPECT_EQ(mt.consent_act, ConsentAct::form_submit);
  EXPECT_FALSE(mt.phases);
  EXPECT_TRUE(mt.collects(Category::special));
  EXPECT_EQ(mt.form_field("accommodationNeed")->category, Category::special);
  EXPECT_EQ(mt.form_field("countryOfOrigin"), nullptr);
  EXPECT_FALSE(mt.deadlines.rights_days);
  EXPECT_EQ(mt.survey.days_after_last, 3);
  EXPECT_EQ(mt.statistics.count_unit, CountUnit::case_);
}

TEST(Profile, EverySettingOfTheThirdIsItsOwn) {
  const Profile& p = third();
  EXPECT_EQ(p.version, "7");
  EXPECT_EQ(p.centre, "Senteret på Månen");
  EXPECT_EQ(p.controller, "Månen kommune");
  EXPECT_EQ(p.contact, "Mannen i månen");
  EXPECT_EQ(p.officer, "Ombudet på månen");
  EXPECT_EQ(p.notice.date, "1969-07-20");
  EXPECT_FALSE(p.inquiries.accepted || p.inquiries.answer_concludes);
  EXPECT_EQ(p.processors, std::vector<std::string>{"Krateret AS"});
  EXPECT_EQ(p.languages, (std::vector<std::string>{"en", "nb"}));
  EXPECT_EQ(p.notice.id, "THIRD-1");
  EXPECT_EQ(p.notice.text.nn, "Vi lagrar lite.");
  EXPECT_EQ(p.consent_act, ConsentAct::paper);
  EXPECT_EQ(p.purposes, std::vector<std::string>{"testing"});
  EXPECT_EQ(names(p.form), (std::vector<std::string>{"email!", "name"}));
  EXPECT_EQ(p.form_field("name")->label.en, "Nickname");
  EXPECT_EQ(p.record_field("educationLevel")->options, (std::vector<std::string>{"none", "some"}));
  EXPECT_EQ(p.collected, bit(Category::ident) | bit(Category::email) | bit(Category::demog) | bit(Category::special) |
                             bit(Category::case_) | bit(Category::appt));
  EXPECT_EQ(p.retention.active_days, 3);
  EXPECT_EQ(p.retention.withdrawal_rule, "Z-W");
  EXPECT_EQ(p.deadlines.rights_days, 10);
  EXPECT_EQ(p.deadlines.extension_months, 1);
  EXPECT_EQ(p.survey.days_after_last, 20);
  EXPECT_EQ(p.statistics.count_unit, CountUnit::case_);
  EXPECT_EQ(p.statistics.k, 7);
  EXPECT_EQ(p.statistics.running_round_to, 10);
  EXPECT_EQ(p.statistics.dimensions.size(), 2U);
  EXPECT_FALSE(p.staff.confidentiality_required);
}

TEST(Profile, HashesTellTextsApart) {
  EXPECT_NE(built_in("vt").settings_hash, built_in("mt").settings_hash);
  EXPECT_NE(built_in("vt").notice.hash, built_in("mt").notice.hash);
  EXPECT_EQ(built_in("vt").settings_hash, built_in_profile("vt")->settings_hash);
}

TEST(Profile, OnlyTwoAreBuiltIn) {
  const auto none = built_in_profile("nord");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
}

// One change to the third profile, and what load_profile must say about the line of it.
struct Broken {
  std::string_view was;
  std::string_view becomes;
  std::string_view says;
  int lines_on = 0;  // the mistake is this many lines below the change
};

class BrokenProfile : public testing::TestWithParam<Broken> {};

TEST_P(BrokenProfile, IsNamedWithItsLine) {
  const Broken& broken = GetParam();
  std::string text = third_text();
  const auto where = text.find(broken.was);
  ASSERT_NE(where, std::string::npos) << broken.was;
  text.replace(where, broken.was.size(), broken.becomes);
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(where), '\n') + broken.lines_on;
  const auto loaded = load_profile(text, "third", "centre.toml");
  ASSERT_FALSE(loaded);
  const std::string expected = "centre.toml:" + std::to_string(line) + ": ";
  EXPECT_NE(loaded.error().message.find(expected), std::string::npos) << "wanted " << expected << "\n" << loaded.error().message;
  EXPECT_NE(loaded.error().message.find(broken.says), std::string::npos) << loaded.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    EveryMistake, BrokenProfile,
    testing::Values(
        Broken{"name = \"third\"", "name = \"fourth\"", "this profile is called \"fourth\""},
        Broken{"version = \"7\"", "version = 7", "`version` must be text"},
        Broken{"version = \"7\"", "version = \"\"", "must not be empty"},
        Broken{"phases = true", "phases = \"yes\"", "`phases` must be true or false"},
        Broken{"centre = ", "center = ", "unknown key `center`"},
        Broken{"languages = [\"en\", \"nb\"]", "languages = [\"en\", \"se\"]", "no texts in \"se\""},
        Broken{"languages = [\"en\", \"nb\"]", "languages = [\"en\", \"en\"]", "names \"en\" twice"},
        Broken{"languages = [\"en\", \"nb\"]", "languages = [\"en\", 5]", "texts only"},
        Broken{"languages = [\"en\", \"nb\"]", "languages = []", "must not be empty"},
        Broken{"\"case\", \"appt\"]", "\"case\", \"appt\", \"soul\"]", "no category \"soul\""},
        Broken{"\"case\", \"appt\"]", "\"case\", \"appt\", \"job\"]", "\"job\" does not belong here"},
        Broken{"act = \"paper\"", "act = \"nod\"", "no consent act \"nod\""},
        Broken{"by_client_alone = false", "by_client_alone = true", "is recorded by staff"},
        Broken{"date = \"1969-07-20\"", "date = \"1969-02-29\"", "is no date"},
        Broken{"accepted = false", "accepted = true", "does not collect"},
        Broken{"nn = \"Vi lagrar lite.\"\n", "", "`nn` is missing", -4},
        Broken{"name = \"email\"", "name = \"shoeSize\"", "no field \"shoeSize\" in a booking form"},
        Broken{"name = \"email\"", "name = \"phone\"", "belongs to category \"phone\", which `collects` does not name"},
        Broken{"name = \"accommodationNeed\"", "name = \"email\"", "no field \"email\" in a client's record"},
        Broken{"[[form]]\nname = \"name\"", "[[form]]\nname = \"email\"", "field \"email\" is there twice"},
        Broken{"options = [\"none\", \"some\"]\n", "", "`options` is missing", -5},
        Broken{"phases = [\"P0\"]", "phases = [\"P3\"]", "no phase \"P3\""},
        Broken{"phases = [\"P0\"]", "phases = [\"P0\", \"P1\"]", "\"ident\" in phase P1 is said twice", 3},
        Broken{"read = [\"hr\"]", "read = [\"king\"]", "no relation \"king\""},
        Broken{"busy = [\"desk\"]", "busy = [\"client\"]", "\"client\" has two kinds of access", -1},
        Broken{"busy = [\"desk\"]", "peek = [\"desk\"]", "unknown key `peek`"},
        Broken{"categories = [\"demog\", \"special\", \"case\", \"appt\"]\nafter",
               "categories = [\"demog\", \"special\", \"phone\", \"appt\"]\nafter", "\"phone\" does not belong here"},
        Broken{"active_days = 3", "active_days = 0", "`active_days` must be 1 to 90"},
        Broken{"active_days = 3", "active_days = \"3\"", "must be a whole number"},
        Broken{"first_collection + 5d", "first_collection + 5w", "d (days) or y (years)"},
        Broken{"first_collection + 5d", "last_end + 5d", "this may give no time at all"},
        Broken{"max(last_end + 10d", "max(conclusion + 10d", "anchor conclusion is not known yet"},
        Broken{"withdrawal_rule = \"Z-W\"", "withdrawal_rule = \"zw\"", "a rule id is made of"},
        Broken{"when = \"neverServed\"", "when = \"never\"", "`when` is served or neverServed"},
        Broken{"due = \"last_activity + 7d\"", "due = \"last_client + 7d\"", "anchor last_client is not known yet"},
        Broken{"due = \"last_activity + 7d\"", "due = \"dropped + 7d\"", "no rule always gives a due time for \"case\"", -17},
        Broken{"categories = [\"audit\"]\ndue", "categories = [\"consent\"]\ndue",
               "no rule always gives a due time for \"audit\"", -41},
        Broken{"rights_days = 10", "rights_days = 40", "`rights_days` must be 1 to 31"},
        Broken{"extension_months = 1", "extension_months = 3", "`extension_months` must be 0 to 2"},
        Broken{"days_after_last = 20", "days_after_last = -1", "must be 1 to 60"},
        Broken{"count_unit = \"case\"", "count_unit = \"head\"", "no count unit \"head\""},
        Broken{"k = 7", "k = 2", "`k` must be 3 to 10"},
        Broken{"name = \"channel\"", "name = \"gender\"", "dimension \"gender\" is no field"},
        Broken{"name = \"channel\"", "name = \"educationLevel\"", "dimension \"educationLevel\" is there twice"},
        Broken{"name = \"channel\"", "name = \"name\"", "\"name\" is nothing that statistics can show"},
        Broken{"name = \"channel\"", "name = \"accommodationNeed\"", "is nothing that statistics can show"},
        Broken{"due = \"year_end(last_end + 1y)\"", "due = \"max(last_end + 20d, conclusion, decided + 90d)\"",
               "the rules keep it for 20 days", 49},
        Broken{"name = \"channel\"", "name = \"channel\"\nbands = [1]", "only a number can have bands", 1},
        Broken{"confidentiality_required = false", "confidentiality_required = 0", "must be true or false"},
        Broken{"[survey]\n", "[survey\n", "this is not TOML"}));

TEST(Profile, AllMistakesAreToldAtOnceInOrder) {
  std::string text = third_text();
  const auto change = [&](std::string_view was, std::string_view becomes) { text.replace(text.find(was), was.size(), becomes); };
  change("k = 7", "k = 700");
  change("phases = true", "phases = 1");
  change("act = \"paper\"", "act = \"wink\"\nwinks = 2");
  const auto loaded = load_profile(text, "third");
  ASSERT_FALSE(loaded);
  const std::string& message = loaded.error().message;
  const auto phases = message.find("third.toml:10: `phases`");
  const auto act = message.find("there is no consent act");
  const auto key = message.find("unknown key `winks`");
  const auto k = message.find("`k` must be");
  EXPECT_LT(phases, act);
  EXPECT_LT(act, key);
  EXPECT_LT(key, k);
  EXPECT_NE(k, std::string::npos) << message;
}

TEST(Profile, AnAgeIsCountedInBands) {
  std::string text;
  for (const BuiltIn& b : built_in_texts())
    if (b.name == "vt") text = b.text;
  const std::string bands = "bands = [0, 20, 30, 40, 50, 60]\n";
  text.replace(text.find(bands), bands.size(), "");
  const auto loaded = load_profile(text, "vt");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("a number is counted in `bands`"), std::string::npos) << loaded.error().message;
}

TEST(Profile, AnInvitationGoesOutWhileThereIsAnAddress) {
  for (const BuiltIn& b : built_in_texts()) {
    const std::string days = b.name == "vt" ? "days_after_last = 7" : "days_after_last = 3";
    for (const auto& [becomes, good] : {std::pair("days_after_last = 27", true), std::pair("days_after_last = 28", false)}) {
      std::string text(b.text);
      text.replace(text.find(days), days.size(), becomes);
      EXPECT_EQ(load_profile(text, std::string(b.name)).has_value(), good) << b.name << ", " << becomes;
    }
  }
}

TEST(Profile, AMissingCellOfTheMatrixIsAMistake) {
  std::string text = third_text();
  const std::string row = "phases = [\"P1\", \"P2\"]";
  text.replace(text.find(row), row.size(), "phases = [\"P1\"]");
  const auto loaded = load_profile(text, "third");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("nobody says who may see \"email\" in phase P2"), std::string::npos)
      << loaded.error().message;
}

TEST(Profile, AProfileWithoutPhasesCannotSpeakOfThem) {
  std::string text;
  for (const BuiltIn& b : built_in_texts())
    if (b.name == "mt") text = b.text;
  const std::string row = "categories = [\"corr\"]\n";
  text.replace(text.find(row), row.size(), row + "phases = [\"P1\"]\n");
  const auto loaded = load_profile(text, "mt");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("this profile has no phases"), std::string::npos) << loaded.error().message;
}

}  // namespace
}  // namespace taus::policy
