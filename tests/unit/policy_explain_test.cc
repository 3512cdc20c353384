#include <nlohmann/json.hpp>

#include "daemon/policy/explain.h"
#include "tests/unit/policy_support.h"

namespace taus::policy {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* t1 =
    R"({"now": "2025-03-11T00:00:00", "held": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00"}],
        "scheduled": [{"start": "2025-03-10T08:00:00Z", "end": "2025-03-10T10:00:00+01:00", "outcome": "held"}],
        "concludedAt": "2025-03-10T10:05:00", "firstCollectedAt": "2025-03-01T10:00:00", "lastMessageAt": null, "holds": null})";

TEST(Explain, AnswersInAFixedOrder) {
  const auto answer = explain(built_in("vt"), oslo(), t1);
  ASSERT_TRUE(answer) << answer.error().message;
  const Json json = Json::parse(*answer);
  std::string keys;
  for (const auto& [key, value] : json.items()) keys += key + " ";
  for (const auto& [key, value] : json["due"].items()) keys += key + " ";
  EXPECT_EQ(keys, "phase due access ident email phone demog intake case corr appt consent rights audit ");
  EXPECT_EQ(json["phase"], "P2");
  EXPECT_EQ(json["due"]["email"].dump(), R"({"at":"2025-04-07T08:00:00Z","rule":"VT-R3","deferred":null})");
  EXPECT_EQ(json["access"]["email"].dump(), R"(["assignedCounsellor","client"])");
  EXPECT_EQ(json["access"]["case"].dump(), "[]");
  EXPECT_EQ(json["access"]["audit"].dump(), R"(["dpo"])");
  EXPECT_TRUE(Json::parse(*explain(built_in("mt"), oslo(), t1))["phase"].is_null());
}

TEST(Explain, TheDeskSeesTheNeedOnlyUntilTheLastBookedAppointmentHasEnded) {
  const auto desk = [](const char* now) {
    const std::string facts =
        std::string(R"({"now": ")") + now +
        R"(", "scheduled": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00"}], "firstCollectedAt": "2025-03-01T10:00:00"})";
    return Json::parse(*explain(built_in("mt"), oslo(), facts))["access"]["special"].dump();
  };
  EXPECT_EQ(desk("2025-03-10T09:59:59"), R"(["assignedCounsellor","desk","client"])");
  EXPECT_EQ(desk("2025-03-10T10:00:00"), R"(["assignedCounsellor","client"])");
}

TEST(Explain, SeveralDocumentsGiveAsManyLines) {
  const std::string one = R"({"now": "2025-03-11T00:00:00", "firstCollectedAt": "2025-03-01T10:00:00"})";
  const auto count = [](const Result<std::string>& r) { return r ? std::count(r->begin(), r->end(), '\n') : -1; };
  EXPECT_EQ(count(explain_lines(built_in("vt"), oslo(), one)), 1);
  EXPECT_EQ(count(explain_lines(built_in("vt"), oslo(), t1)), 1);  // one, spread over lines
  EXPECT_EQ(count(explain_lines(built_in("vt"), oslo(), one + "\n\n" + one + "\r\n" + one)), 3);
  const auto wrong = explain_lines(built_in("vt"), oslo(), one + "\n" + R"({"now": 5})" + "\n");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message.rfind("line 2: /now", 0), 0U) << wrong.error().message;
  EXPECT_FALSE(explain_lines(built_in("vt"), oslo(), " \n "));
}

struct Bad {
  const char* facts;
  ErrorCode code;
  const char* pointer;
};
class BadFacts : public testing::TestWithParam<Bad> {};

TEST_P(BadFacts, AreRefusedWithThePlace) {
  const auto answer = explain(built_in("vt"), oslo(), GetParam().facts);
  ASSERT_FALSE(answer) << *answer;
  EXPECT_EQ(answer.error().code, GetParam().code);
  EXPECT_EQ(answer.error().pointer, GetParam().pointer) << answer.error().message;
}

#define NOW R"("now": "2025-03-11T00:00:00", "firstCollectedAt": "2025-03-01T10:00:00")"
constexpr auto invalid = ErrorCode::invalid_argument;
constexpr auto malformed = ErrorCode::malformed;
INSTANTIATE_TEST_SUITE_P(
    All, BadFacts,
    testing::Values(
        Bad{"", malformed, ""}, Bad{"{", malformed, ""}, Bad{"{" NOW "} x", malformed, ""},
        Bad{"{" NOW ", \"now\": null}", malformed, ""}, Bad{"[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", malformed, ""},
        Bad{"{" NOW ", \"x\": \"\xff\"}", malformed, ""}, Bad{"[]", invalid, ""}, Bad{"{}", invalid, "/now"},
        Bad{R"({"now": "2025-03-11T00:00:00"})", invalid, "/firstCollectedAt"},
        Bad{R"({"now": "yesterday", "firstCollectedAt": "2025-03-01T10:00:00"})", invalid, "/now"},
        Bad{R"({"now": "2025-03-30T02:30:00", "firstCollectedAt": "2025-03-01T10:00:00"})", invalid, "/now"},
        Bad{R"({"now": 1741651200, "firstCollectedAt": "2025-03-01T10:00:00"})", invalid, "/now"},
        Bad{"{" NOW R"(, "held": {}})", invalid, "/held"}, Bad{"{" NOW R"(, "held": [5]})", invalid, "/held/0"},
        Bad{"{" NOW R"(, "heldd": []})", invalid, "/heldd"}, Bad{"{" NOW R"(, "a/b~c\u001b": 1})", invalid, "/a~1b~0c?"},
        Bad{"{" NOW R"(, "møte": 1})", invalid, "/møte"},
        Bad{"{" NOW R"(, "held": [{"start": "2025-03-10T09:00:00"}]})", invalid, "/held/0/end"},
        Bad{"{" NOW R"(, "held": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T09:00:00"}]})", invalid, "/held/0/end"},
        Bad{"{" NOW R"(, "held": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00", "who": 1}]})", invalid,
            "/held/0/who"},
        Bad{"{" NOW R"(, "scheduled": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00", "outcome": "held"}]})",
            invalid, "/scheduled/0/outcome"},
        Bad{"{" NOW R"(, "scheduled": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00", "outcome": "lost"}]})",
            invalid, "/scheduled/0/outcome"},
        Bad{"{" NOW R"(, "scheduled": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00", "outcome": 1}]})", invalid,
            "/scheduled/0/outcome"},
        Bad{"{" NOW R"(, "scheduled": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00", "outcome": "cancelled"}]})",
            invalid, "/scheduled/0/cancelledAt"},
        Bad{"{" NOW
            R"(, "scheduled": [{"start": "2025-03-10T09:00:00", "end": "2025-03-10T10:00:00", "cancelledAt": "2025-03-01T10:00:00"}]})",
            invalid, "/scheduled/0/cancelledAt"},
        Bad{"{" NOW R"(, "holds": [{"from": "2025-03-01T10:00:00"}]})", invalid, "/holds/0/categories"},
        Bad{"{" NOW R"(, "holds": [{"categories": ["case", "soul"], "from": "2025-03-01T10:00:00"}]})", invalid,
            "/holds/0/categories/1"},
        Bad{"{" NOW R"(, "restrictions": [{"categories": ["case"]}]})", invalid, "/restrictions/0/from"},
        Bad{"{" NOW
            R"(, "restrictions": [{"categories": ["case"], "from": "2025-03-02T10:00:00", "until": "2025-03-01T10:00:00"}]})",
            invalid, "/restrictions/0/until"}));

TEST(Explain, TooMuchIsRefused) {
  const auto answer = explain(built_in("vt"), oslo(), std::string((1U << 20) + 1, ' '));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace taus::policy
