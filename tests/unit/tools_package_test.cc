// The access package as people read it.
#include <cstdlib>
#include <fstream>

#include <capnp/message.h>
#include <capnp/schema.h>
#include <gtest/gtest.h>

#include "eventstore/schema/category.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temporary_directory.h"
#include "tools/package_files.h"
#include "tools/package_words.h"
#include "tools/pdf.h"

namespace taus::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint16_t tags_max = 1000;

Json package_with(Json parts) {
  return {{"request", "abc.1"},
          {"subject", "abc"},
          {"kind", "access"},
          {"receivedAt", "2026-10-20T10:00:00Z"},
          {"madeAt", "2026-10-20T10:00:00Z"},
          {"profile", "vt"},
          {"centre", "Senteret"},
          {"controller", "Fylket"},
          {"contact", nullptr},
          {"officer", nullptr},
          {"noticeDate", nullptr},
          {"processors", Json::array()},
          {"complaintTo", "Datatilsynet"},
          {"notice", "N-1"},
          {"withheld", Json::array()},
          {"labels", Json::array()},
          {"categories",
           {{{"category", "appt"},
             {"state", "present"},
             {"nb", "Timer"},
             {"nn", "Timar"},
             {"en", "Appointments"},
             {"due", nullptr},
             {"rule", "VT-R6"},
             {"deferred", "active"}}}},
          {"parts", std::move(parts)}};
}

Json part(const char* type, Json content) {
  return {{"category", "appt"}, {"position", 1},        {"at", "2026-10-20T09:00:00Z"},
          {"type", type},       {"role", "counsellor"}, {"content", std::move(content)}};
}

TEST(Package, EveryEventAboutAClientHasWordsInThreeLanguages) {
  int seen = 0;
  for (std::uint16_t tag = 1; tag < tags_max; ++tag) {
    const schema::tables::EventInfo* event = event_info(tag);
    if (event == nullptr || (event->touches & ~(bit(Category::staff) | bit(Category::centre))) == 0) continue;
    const Words* words = event_words(event->name);
    ASSERT_NE(words, nullptr) << event->name << " has no words in tools/package_words.cc";
    for (const char* language : {"nb", "nn", "en"}) EXPECT_FALSE(words->in(language).empty()) << event->name;
    ++seen;
  }
  EXPECT_GT(seen, 30);
  EXPECT_EQ(event_words("staffAdded"), nullptr);
}

TEST(Package, WhatSomebodyWroteIsNotTakenForACode) {
  EXPECT_EQ(value_words("appointmentCancelled", "reason", "withdrawal"), nullptr);
  ASSERT_NE(value_words("shredRequested", "reason", "withdrawal"), nullptr);
  EXPECT_EQ(value_words("messageSent", "body", "phone"), nullptr);
  ASSERT_NE(value_words("messageSent", "channel", "phone"), nullptr);
}

TEST(Package, TheHourThatOccursTwiceShowsWhichOfThem) {
  const Json package = package_with({part("appointmentBooked", {{"number", 1},
                                                                {"start", "2026-10-25T00:30:00Z"},
                                                                {"end", "2026-10-25T01:30:00Z"},
                                                                {"place", "Rom <2>"},
                                                                {"counsellor", "abcdef"}})});
  const std::string page = package_html(package, "nb", {});
  EXPECT_NE(page.find("25. oktober 2026 kl. 02.30 (+02:00)"), std::string::npos);
  EXPECT_NE(page.find("25. oktober 2026 kl. 02.30 (+01:00)"), std::string::npos);
  EXPECT_NE(page.find("Rom &lt;2&gt;"), std::string::npos);
  EXPECT_NE(page.find("etter at saken er avsluttet"), std::string::npos);
  EXPECT_EQ(page.find("abcdef"), std::string::npos) << "an opaque name says nothing to a reader";
}

TEST(Package, CodesAreWords) {
  const Json package =
      package_with({part("demographicsRecorded", {{"educationLevel", "4"}, {"labourStatus", {"employed", "onLeave"}}}),
                    part("accessDenied", {{"method", "subjectShow"}}), part("rightsIdentityVerified", {{"method", "callBack"}})});
  const std::string page = package_html(package, "nn", {});
  EXPECT_NE(page.find("educationLevel: vidaregåande, avsluttande\n"), std::string::npos) << page;
  EXPECT_NE(page.find("labourStatus: tilsett, i permisjon<"), std::string::npos) << page;
  EXPECT_NE(page.find("Måte: ringt tilbake"), std::string::npos) << page;
  EXPECT_EQ(page.find("subjectShow"), std::string::npos) << "a method of the API says nothing to a reader";
}

TEST(Package, WhoWroteOrLookedIsToldByRole) {
  for (const auto role : capnp::Schema::from<schema::Role>().getEnumerants()) {
    const std::string name = role.getProto().getName().cStr();
    EXPECT_EQ(role_words(name) == nullptr, name == "absent") << name;
  }
  Json looked = part("recordConsulted", {{"categories", {"appt"}}});
  looked["role"] = "dpo";
  const Json package = package_with({looked});
  EXPECT_NE(package_html(package, "nn", {}).find("<td>personvernombod</td>"), std::string::npos);
  const std::vector<PackageFile> files = package_files(package, "nb").value();
  for (const PackageFile& file : files) {
    if (file.name != "appt.csv") continue;
    EXPECT_NE(file.text.find(",dpo\r\n"), std::string::npos) << file.text;
  }
  EXPECT_NE(value_words("consentGiven", "purposes", "accommodation"), nullptr);
  EXPECT_NE(value_words("consentGiven", "purposes", "survey"), nullptr);
}

TEST(Package, CountriesLanguagesAndDaysAreWrittenOut) {
  const Json package = package_with({part(
      "demographicsRecorded",
      {{"ageYears", 34}, {"ageAsOf", "2026-03-05"}, {"countryOfOrigin", "DE"}, {"nationality", "TR"}, {"motherTongue", "pol"}})});
  const std::pair<const char*, std::vector<const char*>> told[] = {
      {"nb", {"5. mars 2026<", "5. mars 2026\n", "countryOfOrigin: Tyskland", "nationality: Tyrkia", "motherTongue: Polsk"}},
      {"en", {"5 March 2026<", "5 March 2026\n", "countryOfOrigin: Germany", "nationality: Türkiye", "motherTongue: Polish"}}};
  for (const auto& [language, all] : told) {
    const std::string page = package_html(package, language, {});
    EXPECT_TRUE(page.find(all[0]) != std::string::npos || page.find(all[1]) != std::string::npos) << page;
    for (std::size_t i = 2; i < all.size(); ++i) EXPECT_NE(page.find(all[i]), std::string::npos) << all[i] << "\n" << page;
    EXPECT_EQ(page.find("2026-03-05"), std::string::npos);
  }
}

// What is still known of erased appointments is hers to read too.
TEST(Package, WhatIsKeptOfErasedDataIsTold) {
  const Json kept = {{"since", nullptr}, {"lastStart", "2026-10-21T08:00:00Z"}, {"dropped", nullptr}};
  const std::string page = package_html(
      package_with({part("erasureScheduled", {{"anchor", {{"due", nullptr}, {"kept", kept}}}, {"earlier", 2}})}), "nb", {});
  EXPECT_NE(page.find("Siste samtale begynte: 21. oktober 2026"), std::string::npos) << page;
  EXPECT_EQ(page.find("earlier"), std::string::npos) << page;
  EXPECT_EQ(page.find("dropped"), std::string::npos) << page;
}

TEST(Package, NothingIsLeftBlank) {
  Json package = package_with({part("bookingRequested", nullptr)});  // an event that touched the category and said nothing in it
  std::string page = package_html(package, "en", {});
  EXPECT_EQ(page.find("<h2>Appointments</h2>"), std::string::npos) << page;
  EXPECT_NE(page.find("Processors: not given in the privacy notice. N-1."), std::string::npos) << page;
  package["processors"] = {"A", "B"};
  page = package_html(package, "en", {});
  EXPECT_NE(page.find("Processors: A, B. N-1."), std::string::npos) << page;
}

// A copy goes with the answer it is for; the record of a request stays until then, and after it as the rules say.
TEST(Package, WhatARequestKeepsHasATimeInWords) {
  const auto page_of = [](const char* category, const char* state, Json due, const char* language) {
    Json package = package_with(Json::array());
    Json& about = package["categories"][0];
    about["category"] = category;
    about["state"] = state;
    about["due"] = std::move(due);
    about["deferred"] = nullptr;
    return package_html(package, language, {});
  };
  const std::tuple<const char*, const char*, const char*> told[] = {
      {"nb", "<td>når kravet er besvart</td>", "<td>tidligst når kravet er besvart</td>"},
      {"nn", "<td>når kravet er svart på</td>", "<td>tidlegast når kravet er svart på</td>"},
      {"en", "<td>once the request is answered</td>", "<td>not before the request is answered</td>"}};
  for (const auto& [language, copy, rights] : told) {
    EXPECT_NE(page_of("copy", "present", nullptr, language).find(copy), std::string::npos) << language;
    EXPECT_NE(page_of("rights", "present", nullptr, language).find(rights), std::string::npos) << language;
    EXPECT_EQ(page_of("rights", "present", "2027-01-01T00:00:00Z", language).find(rights), std::string::npos)
        << "there is a date";
    EXPECT_EQ(page_of("copy", "empty", nullptr, language).find(copy), std::string::npos) << "nothing is held";
  }
}

TEST(Package, TheNoticeHasADateAndNoHash) {
  Json package = package_with({part("consentGiven", {{"notice", "N-1"}, {"noticeHash", "Ybe3cd"}})});
  package["noticeDate"] = "2022-09-15";
  const std::vector<PackageFile> files = package_files(package, "nb").value();
  const auto text_of = [&](const std::string& name) {
    const auto it = std::find_if(files.begin(), files.end(), [&](const PackageFile& one) { return one.name == name; });
    return it == files.end() ? std::string() : it->text;
  };
  EXPECT_NE(text_of("index.html").find("Sist oppdatert: 15. september 2022."), std::string::npos) << text_of("index.html");
  EXPECT_EQ(text_of("index.html").find("Ybe3cd"), std::string::npos);
  EXPECT_NE(text_of("appt.csv").find("N-1"), std::string::npos) << text_of("appt.csv");
  EXPECT_EQ(text_of("appt.csv").find("Ybe3cd"), std::string::npos);
  EXPECT_NE(text_of("data.json").find("Ybe3cd"), std::string::npos) << "who checks it has it";
}

TEST(Package, ThePageNamesTheFilesThatAreThere) {
  const auto last = [](Json parts) {
    const auto files = package_files(package_with(std::move(parts)), "en").value();
    const std::string& page = files.front().text;
    return page.substr(page.find("The same for machines"));
  };
  EXPECT_TRUE(
      last({part("counsellorAssigned", {{"counsellor", "x"}})})
          .starts_with("The same for machines: data.json, a CSV file for each kind of data, processing.jsonld. manifest.json "));
  const Json booked = {{"number", 1}, {"start", "2026-10-21T08:00:00Z"}, {"end", "2026-10-21T09:00:00Z"}};
  EXPECT_TRUE(
      last({part("appointmentBooked", booked)})
          .starts_with(
              "The same for machines: data.json, a CSV file for each kind of data, appointments.ics, processing.jsonld. "));
}

TEST(Package, SpreadsheetsNameTheirFields) {
  const auto files = package_files(package_with({part("legalHoldPlaced", {{"ground", "legalClaim"}})}), "nb").value();
  const auto csv = std::find_if(files.begin(), files.end(), [](const PackageFile& one) { return one.name == "appt.csv"; });
  ASSERT_NE(csv, files.end());
  EXPECT_NE(csv->text.find("legalHoldPlaced,ground,Grunnlag,legalClaim"), std::string::npos) << csv->text;
}

TEST(Package, TheLastWordOnAnAppointmentCounts) {
  const Zone zone = Zone::load().value();
  const Json booked = {{"number", 1}, {"start", "2026-10-21T08:00:00Z"}, {"end", "2026-10-21T09:00:00Z"}};
  const auto calendar = [&](Json parts) { return package_calendar(package_with(std::move(parts)), zone).value(); };
  EXPECT_NE(calendar({part("appointmentBooked", booked)}).find("DTSTART;TZID=Europe/Oslo:20261021T100000"), std::string::npos);
  EXPECT_NE(calendar({part("appointmentBooked", booked), part("appointmentCancelled", {{"number", 1}, {"by", "client"}})})
                .find("STATUS:CANCELLED"),
            std::string::npos);
  const Json moved = {{"number", 1}, {"start", "2026-10-22T08:00:00Z"}, {"end", "2026-10-22T09:00:00Z"}};
  const std::string text = calendar({part("appointmentBooked", booked), part("appointmentRescheduled", moved)});
  EXPECT_NE(text.find("20261022T100000"), std::string::npos);
  EXPECT_EQ(text.find("20261021T100000"), std::string::npos);
  EXPECT_EQ(calendar({part("counsellorAssigned", {{"counsellor", "x"}})}), "") << "no appointments, no file";
  EXPECT_EQ(calendar({part("appointmentCancelled", {{"number", 7}})}), "") << "one whose time is not among what is given";
}

TEST(Package, WithoutTheProgramThereIsNoPdfAndAReason) {
  const std::string page = package_html(package_with(Json::array()), "en", {});
  const Result<std::string> made = pdf_of(page);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->starts_with("%PDF-"));
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const Result<std::string> none = pdf_of(page);
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unavailable);
  EXPECT_NE(none.error().message.find("weasyprint"), std::string::npos);
}

// The hash of the manifest is journalled and outlives what the package held. Who remembers every byte of a package, and guesses the one
// number that was shredded, must not be able to tell by that hash whether the guess is right.
TEST(Package, TheJournalledHashConfirmsNoGuess) {
  const test::TemporaryDirectory directory;
  capnp::MallocMessageBuilder message;
  auto package = message.initRoot<api::Package>();
  package.setRequest("abc.1");
  package.setSubject("abc");
  package.setProfile("vt");
  package.initParts(1)[0].setCategory(schema::Category::PHONE);
  package.getParts()[0].setType("bookingRequested");
  package.getParts()[0].setContent(R"({"phone": "+4741234567"})");
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);  // a PDF is slow to make, and no two are alike
  const auto manifest = [&](const char* name, std::uint64_t seed) {
    test::SeededRandom random(seed);
    return write_package(package.asReader(), "nb", directory.path() + "/" + name, random).value().manifest;
  };
  const std::string journalled = manifest("given", 1);
  EXPECT_EQ(manifest("same", 1), journalled) << "all but the salt is the same";
  EXPECT_NE(manifest("guessed", 2), journalled) << "the right guess is confirmed without the salt";
  std::ifstream file(directory.path() + "/given/manifest.json");
  const Json told = Json::parse(file);
  EXPECT_EQ(told.at("salt").get<std::string>().size(), 64U);
  EXPECT_NE(told.at("salt").get<std::string>(), std::string(64, '0'));
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace taus::tools
