// The strict JSON reader and the writer, against a corpus, at random, and against an independent reader.
#include <capnp/message.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/event.capnp.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/json_lexer.h"
#include "eventstore/schema/time_text.h"
#include "tests/unit/schema_random.h"

namespace taus::schema {
namespace {

JsonHooks hooks() {
  JsonHooks out;
  out.parse_reference = [](std::string_view text) -> Result<std::uint64_t> {
    if (text.size() < 3 || text.substr(0, 2) != "s-") return Error(ErrorCode::not_found, "no such id");
    return std::stoull(std::string(text.substr(2)));
  };
  out.write_reference = [](std::uint64_t ordinal) { return "s-" + std::to_string(ordinal); };
  return out;
}

template <class T>
Result<void> read(capnp::MallocMessageBuilder& message, std::string_view json) {
  return read_json(json, message.initRoot<T>(), hooks());
}

template <class T>
std::string write(capnp::MallocMessageBuilder& message) {
  return write_json(message.getRoot<T>().asReader(), hooks());
}

// --- reading ----------------------------------------------------------------------------------------------------------

TEST(JsonRead, fills_a_request) {
  capnp::MallocMessageBuilder message;
  const auto done = read<api::Request>(message, R"( {"id": 7, "as": "s-1", "purpose": null, "atLeast": 12, "bookingRequest": {
      "name": "K\u00e5re \u00d8deg\u00e5rd", "ageYears": 34, "focusAreas": ["ny jobb", "CV"], "gender": "male",
      "consent": {"notice": "vt-2026", "act": "checkbox", "language": "nb"}, "currentSituation": "bl\u00e5b\u00e6r \ud83d\ude00\n"} }
  )");
  ASSERT_TRUE(done) << done.error().message << done.error().pointer;
  const auto request = message.getRoot<api::Request>().asReader();
  EXPECT_EQ(request.getId(), 7U);
  EXPECT_FALSE(request.hasPurpose());
  EXPECT_EQ(request.getAtLeast(), 12);
  ASSERT_TRUE(request.isBookingRequest());
  const auto form = request.getBookingRequest();
  EXPECT_STREQ(form.getName().cStr(), "Kåre Ødegård");
  EXPECT_STREQ(form.getCurrentSituation().cStr(), "blåbær 😀\n");
  EXPECT_EQ(form.getAgeYears(), 34);
  EXPECT_EQ(form.getFocusAreas().size(), 2U);
  EXPECT_EQ(form.getGender(), Gender::MALE);
  EXPECT_EQ(form.getConsent().getAct(), ConsentAct::CHECKBOX);
  EXPECT_EQ(form.getChannel(), Channel::ABSENT);
  EXPECT_FALSE(form.hasEmail());
}

TEST(JsonRead, takes_letters_escaped_or_not) {
  capnp::MallocMessageBuilder plain, escaped;
  ASSERT_TRUE(read<api::Find>(plain, R"({"name": "æøåÆØÅ"})"));
  ASSERT_TRUE(read<api::Find>(escaped, R"({"name": "\u00e6\u00f8\u00e5\u00C6\u00D8\u00C5"})"));
  EXPECT_STREQ(plain.getRoot<api::Find>().getName().cStr(), "æøåÆØÅ");
  EXPECT_STREQ(escaped.getRoot<api::Find>().getName().cStr(), "æøåÆØÅ");
}

TEST(JsonRead, takes_times_with_their_offset) {
  capnp::MallocMessageBuilder message;
  ASSERT_TRUE(read<api::ClockSet>(message, R"({"at":"2026-03-01T12:00:00.250+01:00"})"));
  EXPECT_EQ(message.getRoot<api::ClockSet>().getAt(), 1772362800250);
  EXPECT_EQ(write<api::ClockSet>(message), R"({"at":"2026-03-01T11:00:00.250Z"})");
}

TEST(JsonRead, asks_the_hook_for_times) {
  JsonHooks own;
  own.parse_time = [](std::string_view text) -> Result<std::int64_t> {
    if (text == "noon") return 43'200'000;
    return Error(ErrorCode::invalid_argument, "not noon");
  };
  capnp::MallocMessageBuilder message;
  ASSERT_TRUE(read_json(R"({"at":"noon"})", message.initRoot<api::ClockSet>(), own));
  EXPECT_EQ(message.getRoot<api::ClockSet>().getAt(), 43'200'000);
  const auto refused = read_json(R"({"at":"midnight"})", message.initRoot<api::ClockSet>(), own);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().pointer, "/at");
  EXPECT_EQ(refused.error().message, "not noon");
}

TEST(JsonRead, embeds_json) {
  capnp::MallocMessageBuilder message;
  ASSERT_TRUE(read<api::Receipt>(message, R"({"position":3,"receipt": {"a":[1, 2]} ,"signedText":null})"));
  EXPECT_STREQ(message.getRoot<api::Receipt>().getReceipt().cStr(), R"({"a":[1, 2]})");
  EXPECT_EQ(write<api::Receipt>(message), R"({"position":3,"receipt":{"a":[1, 2]},"signedText":null})");
}

TEST(JsonRead, without_hooks_no_ordinal_passes) {
  capnp::MallocMessageBuilder message;
  const auto refused = read_json(R"({"counsellor":"7"})", message.initRoot<Assignment>());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  auto made = message.initRoot<Assignment>();
  made.setCounsellor(7);
  EXPECT_EQ(write_json(made.asReader()), R"({"counsellor":null,"reason":null})");
}

struct Bad {
  std::string json;
  ErrorCode code;
  std::string pointer;
};

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

std::string many(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "\"x\"" : ",\"x\"";
  return out;
}

constexpr auto invalid = ErrorCode::invalid_argument;
constexpr auto malformed = ErrorCode::malformed;

std::vector<Bad> not_json() {
  return {
      {"", malformed, ""},
      {"{", malformed, ""},
      {"{\"id\":1", malformed, ""},
      {"{\"id\":1,}", malformed, ""},
      {"{\"id\" 1}", malformed, "/id"},
      {"{id:1}", malformed, ""},
      {"{'id':1}", malformed, ""},
      {"{\"id\":1} {}", malformed, ""},
      {"{\"id\":1}x", malformed, ""},
      {std::string("{\"id\":1}\0", 9), malformed, ""},
      {"// no\n{}", malformed, ""},
      {"\xef\xbb\xbf{}", malformed, ""},
      {"{\"id\":01}", malformed, "/id"},
      {"{\"id\":+1}", malformed, "/id"},
      {"{\"id\":.5}", malformed, "/id"},
      {"{\"id\":-}", malformed, "/id"},
      {"{\"id\":NaN}", malformed, "/id"},
      {"{\"id\":tru}", malformed, "/id"},
      {"{\"as\":\"a\nb\"}", malformed, "/as"},
      {"{\"as\":\"\\x\"}", malformed, "/as"},
      {"{\"as\":\"\\u12\"}", malformed, "/as"},
      {"{\"as\":\"abc}", malformed, "/as"},
      {"{\"find\":", invalid, "/find"},
      {"{\"bookingRequest\":{\"focusAreas\":[\"a\" \"b\"]}}", malformed, "/bookingRequest/focusAreas"},
      {"{\"bookingRequest\":{\"focusAreas\":[\"a\",]}}", malformed, "/bookingRequest/focusAreas/1"},
  };
}

std::vector<Bad> not_utf8() {
  return {
      {"{\"as\":\"\xff\"}", malformed, "/as"},
      {"{\"as\":\"\xc3\"}", malformed, "/as"},
      {"{\"as\":\"\xc0\xaf\"}", malformed, "/as"},
      {"{\"as\":\"\xed\xa0\x80\"}", malformed, "/as"},
      {"{\"as\":\"\xf4\x90\x80\x80\"}", malformed, "/as"},
      {"{\"as\":\"\\ud83d\"}", malformed, "/as"},
      {"{\"as\":\"\\ud83d\\u0041\"}", malformed, "/as"},
      {"{\"as\":\"\\ude00\"}", malformed, "/as"},
      {"{\"as\":\"a\\u0000b\"}", malformed, "/as"},
      {std::string("{\"as\":\"a\0b\"}", 12), malformed, "/as"},
      {"{\"\xff\":1}", malformed, ""},
  };
}

std::vector<Bad> not_the_schema() {
  const std::string long_name(100, 'k');
  return {
      {"[]", invalid, ""},
      {"7", invalid, ""},
      {"null", invalid, ""},
      {"{\"nobody\":1}", invalid, "/nobody"},
      {"{\"Id\":1}", invalid, "/Id"},
      {"{\"a/b~c\":1}", invalid, "/a~1b~0c"},
      {"{\"" + long_name + "\":1}", invalid, "/" + long_name.substr(0, 64)},
      {"{\"a\\u001b[2Jb\":1}", invalid, "/a?[2Jb"},
      {"{\"id\":1,\"id\":1}", malformed, "/id"},
      {"{\"id\":null,\"id\":1}", malformed, "/id"},
      {"{\"id\":\"1\"}", invalid, "/id"},
      {"{\"id\":1.0}", invalid, "/id"},
      {"{\"id\":1e3}", invalid, "/id"},
      {"{\"id\":-1}", invalid, "/id"},
      {"{\"id\":18446744073709551616}", invalid, "/id"},
      {"{\"id\":true}", invalid, "/id"},
      {"{\"id\":[1]}", invalid, "/id"},
      {"{\"atLeast\":-1}", invalid, "/atLeast"},
      {"{\"as\":1}", invalid, "/as"},
      {"{\"as\":{}}", invalid, "/as"},
      {"{\"status\":[]}", invalid, "/status"},
      {"{\"status\":{\"x\":1}}", invalid, "/status/x"},
      {"{\"status\":{},\"staffList\":{}}", invalid, "/staffList"},
      {"{\"bookingRequest\":{\"ageYears\":3000000000}}", invalid, "/bookingRequest/ageYears"},
      {"{\"bookingRequest\":{\"gender\":\"absent\"}}", invalid, "/bookingRequest/gender"},
      {"{\"bookingRequest\":{\"gender\":\"Male\"}}", invalid, "/bookingRequest/gender"},
      {"{\"bookingRequest\":{\"gender\":1}}", invalid, "/bookingRequest/gender"},
      {"{\"bookingRequest\":{\"consent\":{\"personnummer\":\"1\"}}}", invalid, "/bookingRequest/consent/personnummer"},
      {"{\"bookingRequest\":{\"focusAreas\":\"a\"}}", invalid, "/bookingRequest/focusAreas"},
      {"{\"bookingRequest\":{\"focusAreas\":[\"a\",null]}}", invalid, "/bookingRequest/focusAreas/1"},
      {"{\"bookingRequest\":{\"focusAreas\":[\"a\",2]}}", invalid, "/bookingRequest/focusAreas/1"},
      {"{\"staffAdd\":{\"roles\":[\"leader\",\"king\"]}}", invalid, "/staffAdd/roles/1"},
      {"{\"shred\":{\"categories\":[null]}}", invalid, "/shred/categories/0"},
      {"{\"logWrite\":{\"attestNoSpecial\":\"true\"}}", invalid, "/logWrite/attestNoSpecial"},
      {"{\"devClockSet\":{\"at\":1700000000000}}", invalid, "/devClockSet/at"},
      {"{\"devClockSet\":{\"at\":\"2026-03-01\"}}", invalid, "/devClockSet/at"},
      {"{\"devClockSet\":{\"at\":\"2026-03-01T12:00:00\"}}", invalid, "/devClockSet/at"},
      {"{\"devClockSet\":{\"at\":\"2026-02-29T12:00:00Z\"}}", invalid, "/devClockSet/at"},
  };
}

std::vector<Bad> too_much() {
  return {
      {"{\"bookingRequest\":{\"focusAreas\":[" + many(limits::list_items_max + 1) + "]}}", ErrorCode::too_large,
       "/bookingRequest/focusAreas"},
      {"{\"as\":\"" + std::string(limits::text_bytes_max + 1, 'x') + "\"}", ErrorCode::too_large, "/as"},
      {std::string(limits::json_bytes_max + 1, ' '), ErrorCode::too_large, ""},
      {"{\"as\":" + nested(limits::json_depth_max + 1) + "}", ErrorCode::too_large, "/as"},
      {std::string(500'000, '['), ErrorCode::too_large, ""},
  };
}

TEST(JsonRead, refuses_the_corpus_with_code_and_place) {
  for (const auto& part : {not_json(), not_utf8(), not_the_schema(), too_much()})
    for (const auto& bad : part) {
      capnp::MallocMessageBuilder message;
      const auto done = read<api::Request>(message, bad.json);
      ASSERT_FALSE(done) << bad.json.substr(0, 100);
      EXPECT_EQ(to_string(done.error().code), to_string(bad.code)) << bad.json.substr(0, 100) << ": " << done.error().message;
      EXPECT_EQ(done.error().pointer, bad.pointer) << bad.json.substr(0, 100) << ": " << done.error().message;
      EXPECT_FALSE(done.error().message.empty());
    }
}

TEST(JsonRead, takes_what_is_just_within_the_limits) {
  capnp::MallocMessageBuilder message;
  EXPECT_TRUE(read<api::Request>(message, "{\"bookingRequest\":{\"focusAreas\":[" + many(limits::list_items_max) + "]}}"));
  EXPECT_TRUE(read<api::Request>(message, "{\"as\":\"" + std::string(limits::text_bytes_max, 'x') + "\"}"));
  EXPECT_TRUE(read<api::Request>(message, "{}" + std::string(limits::json_bytes_max - 2, ' ')));
  EXPECT_TRUE(read<api::Receipt>(message, "{\"receipt\":" + nested(limits::json_depth_max - 1) + "}"));
  EXPECT_FALSE(read<api::Receipt>(message, "{\"receipt\":" + nested(limits::json_depth_max) + "}"));
  EXPECT_TRUE(read<api::Request>(message, "{\"id\":18446744073709551615,\"atLeast\":9223372036854775807}"));
}

// What was sent may be personal: only the name of an unknown field comes back.
TEST(JsonRead, repeats_no_content) {
  for (const char* json : {R"({"as":123454321})", R"({"bookingRequest":{"gender":"Kari Nordmann"}})",
                           R"({"devClockSet":{"at":"Kari Nordmann"}})", R"({"id":"Kari Nordmann"})", R"({"as":"Kari Nordmann)"}) {
    capnp::MallocMessageBuilder message;
    const auto done = read<api::Request>(message, json);
    ASSERT_FALSE(done);
    EXPECT_EQ((done.error().message + done.error().pointer).find("Kari"), std::string::npos);
    EXPECT_EQ((done.error().message + done.error().pointer).find("12345"), std::string::npos);
  }
}

TEST(JsonRead, survives_every_cut_and_changed_byte) {
  const std::string good =
      R"({"id":7,"bookingRequest":{"name":"K\u00e5re","ageYears":34,"focusAreas":["a","b"],"consent":{"act":"oral"}}})";
  for (std::size_t at = 0; at < good.size(); ++at) {
    capnp::MallocMessageBuilder message;
    EXPECT_FALSE(read<api::Request>(message, good.substr(0, at)));
    for (int byte = 0; byte < 256; byte += 5) {
      std::string bad = good;
      bad[at] = static_cast<char>(byte);
      capnp::MallocMessageBuilder other;
      const auto done = read<api::Request>(other, bad);
      EXPECT_TRUE(!done || nlohmann::json::accept(bad)) << bad;
    }
  }
}

// --- writing ----------------------------------------------------------------------------------------------------------

TEST(JsonWrite, writes_every_field_and_null_for_what_is_absent) {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<Event>();
  event.initHead().setAt(0);
  event.getHead().setActorKind(ActorKind::CLIENT);
  auto appointment = event.initAppointmentBooked().initAppt();
  appointment.setNumber(1);
  appointment.setStart(1'700'000'000'000);
  appointment.setChannel(Channel::VIDEO);
  appointment.setCounsellor(3);
  EXPECT_EQ(
      write<Event>(message),
      R"({"head":{"at":"1970-01-01T00:00:00Z","actorKind":"client","actor":null,"role":null,"requestId":null,"retired5":null,"purpose":null,"command":null},)"
      R"("appointmentBooked":{"appt":{"number":1,"start":"2023-11-14T22:13:20Z","end":null,"channel":"video","place":null,)"
      R"("counsellor":"s-3","kind":"individual"}}})");
}

TEST(JsonWrite, writes_lists_always_as_arrays) {
  capnp::MallocMessageBuilder message;
  message.initRoot<api::StaffList>();
  EXPECT_EQ(write<api::StaffList>(message), R"({"staff":[]})");
}

TEST(JsonWrite, writes_empty_text_as_text) {
  capnp::MallocMessageBuilder message;
  message.initRoot<api::SubjectRef>().setSubject("");
  EXPECT_EQ(write<api::SubjectRef>(message), R"({"subject":""})");
}

TEST(JsonWrite, never_writes_broken_text) {
  capnp::MallocMessageBuilder message;
  message.initRoot<api::Find>().setName("a\xff\"\\\x01z");
  message.getRoot<api::Find>().setEmail("\xc3");
  EXPECT_EQ(nlohmann::json::parse(write<api::Find>(message))["name"], "a\uFFFD\"\\\x01z");
  message.initRoot<api::Receipt>().setReceipt("{broken");
  EXPECT_EQ(nlohmann::json::parse(write<api::Receipt>(message))["receipt"], nullptr);
}

// --- both -------------------------------------------------------------------------------------------------------------

template <class T>
void round_trip(std::uint64_t seed) {
  capnp::MallocMessageBuilder first, second;
  testing::RandomMessage(seed).fill(first.initRoot<T>());
  const std::string json = write<T>(first);
  const auto done = read<T>(second, json);
  if (!done) RC_FAIL(done.error().message + " at " + done.error().pointer + " of " + json);
  RC_ASSERT(write<T>(second) == json);
  // An independent reader sees the same document, and what it writes we read to the same message.
  const auto other = nlohmann::json::parse(json);
  capnp::MallocMessageBuilder third;
  const auto again = read<T>(third, other.dump(1, ' ', true));
  if (!again) RC_FAIL(again.error().message + " at " + again.error().pointer);
  RC_ASSERT(nlohmann::json::parse(write<T>(third)) == other);
  const auto one = capnp::canonicalize(first.getRoot<T>().asReader());
  const auto two = capnp::canonicalize(second.getRoot<T>().asReader());
  RC_ASSERT(one.asBytes() == two.asBytes());
}

RC_GTEST_PROP(JsonRoundTrip, events, (std::uint64_t seed)) { round_trip<Event>(seed); }
RC_GTEST_PROP(JsonRoundTrip, requests, (std::uint64_t seed)) { round_trip<api::Request>(seed); }
RC_GTEST_PROP(JsonRoundTrip, responses, (std::uint64_t seed)) { round_trip<api::Response>(seed); }

RC_GTEST_PROP(JsonRoundTrip, times, (std::uint64_t seed)) {
  const auto ms = static_cast<std::int64_t>(seed % 315'537'897'600'000ULL) - 62'167'219'200'000;
  const auto back = parse_time(write_time(ms));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == ms);
}

TEST(Times, are_read_strictly) {
  for (const char* bad : {"", "2026", "2026-03-01T12:00Z", "2026-03-01 12:00:00Z", "2026-13-01T12:00:00Z", "2026-04-31T12:00:00Z",
                          "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:60Z", "2026-03-01T12:00:00.Z",
                          "2026-03-01T12:00:00.0001Z", "2026-03-01T12:00:00+0100", "2026-03-01T12:00:00+24:00",
                          "2026-03-01T12:00:00Zx", "-026-03-01T12:00:00Z", "2026-03-01T12:00:00"})
    EXPECT_FALSE(parse_time(bad)) << bad;
  EXPECT_EQ(*parse_time("2026-03-01t12:00:00.5z"), *parse_time("2026-03-01T13:30:00.500+01:30"));
  EXPECT_EQ(*parse_time("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(write_time(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(*parse_time("2024-02-29T00:00:00.120000000-00:00"), *parse_time("2024-02-29T00:00:00.12Z"));
  EXPECT_EQ(write_time(no_time_ms), "");
  EXPECT_EQ(write_time(std::numeric_limits<std::int64_t>::max()), "");
}

}  // namespace
}  // namespace taus::schema
