#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "daemon/policy/built_in.h"
#include "daemon/policy/code_lists.h"

namespace taus::policy {
namespace {

std::size_t lines(CodeList list) {
  const std::string_view text = code_list_text(list);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(CodeLists, AreWhole) {
  EXPECT_EQ(lines(CodeList::municipalities), 358U);  // and the heads
  EXPECT_EQ(lines(CodeList::older_municipalities), 863U);
  EXPECT_GE(lines(CodeList::countries), 250U);
  EXPECT_GE(lines(CodeList::languages), 600U);
}

TEST(CodeLists, MunicipalitiesOf2024) {
  for (const char* code : {"0301", "3905", "5530", "4003", "5636", "9999"}) EXPECT_TRUE(check_municipality(code)) << code;
  for (const char* code : {"0000", "9998", "3999", "", "39050", "Rest"}) {
    const auto outcome = check_municipality(code);
    ASSERT_FALSE(outcome) << code;
    EXPECT_EQ(outcome.error().code, ErrorCode::invalid_argument);
  }
  ASSERT_TRUE(municipality("5530"));
  EXPECT_EQ(municipality("5530")->name.substr(0, 5), "Senja");
  EXPECT_EQ(municipality("5530")->county, "55");
  EXPECT_FALSE(municipality("9999"));
}

TEST(CodeLists, OlderNumbersSayWhatReplacedThem) {
  const std::pair<const char*, const char*> replaced[] = {
      {"3801", "3901"}, {"3807", "4003"}, {"3825", "4036"}, {"5421", "5530"}, {"5416", "5520"}};
  for (const auto& [older, now] : replaced) {
    EXPECT_EQ(municipality_of_2024(older), now);
    const auto outcome = check_municipality(older);
    ASSERT_FALSE(outcome) << older;
    EXPECT_NE(outcome.error().message.find(now), std::string::npos) << outcome.error().message;
  }
  EXPECT_EQ(municipality_of_2024("1504"), "1508");                // Ålesund before Haram joined it
  EXPECT_EQ(municipality_of_2024("1534"), "1580");                // Haram
  for (const char* divided : {"1571", "1507", "1850", "5012"}) {  // 1507: Ålesund with Haram
    EXPECT_FALSE(municipality_of_2024(divided)) << divided;
    EXPECT_NE(check_municipality(divided).error().message.find("divided"), std::string::npos) << divided;
  }
}

TEST(CodeLists, CountriesAndLanguages) {
  for (const char* code : {"NO", "SE", "UA", "ER", "SO", "XK"}) EXPECT_TRUE(check_country(code)) << code;
  for (const char* code : {"XX", "no", "NOR", "", "YU"}) EXPECT_FALSE(check_country(code)) << code;
  for (const char* code : {"nb", "nn", "no", "sme", "se", "uk", "ger", "deu", "ti", "fkv", "kmr", "ckb", "prs", "nsl", "rmy"})
    EXPECT_TRUE(check_language(code)) << code;
  for (const char* code : {"xx", "NB", "norsk", "", "qaa"}) EXPECT_FALSE(check_language(code)) << code;
}

TEST(CodeLists, LanguagesHaveNames) {
  EXPECT_EQ(language_name("pl"), "Polsk");
  EXPECT_EQ(language_name("sme"), "Nordsamisk");
  EXPECT_EQ(language_name("nb"), "Bokmål");
  EXPECT_EQ(language_name("fkv"), "Kvensk");
  EXPECT_EQ(language_name("xx"), "");
  EXPECT_EQ(language_name("pl", "en"), "Polish");
  EXPECT_EQ(language_name("pl", "nn"), "Polsk");
}

TEST(CodeLists, CountriesHaveNamesInThreeLanguages) {
  EXPECT_EQ(country_name("NO", "nb"), "Norge");
  EXPECT_EQ(country_name("NO", "nn"), "Noreg");
  EXPECT_EQ(country_name("NO", "en"), "Norway");
  EXPECT_EQ(country_name("XK", "nb"), "Kosovo");
  EXPECT_EQ(country_name("XX", "nb"), "");
  std::string_view text = code_list_text(CodeList::countries);
  for (text.remove_prefix(text.find('\n') + 1); !text.empty(); text.remove_prefix(text.find('\n') + 1))
    for (const char* language : {"nb", "nn", "en"}) {
      EXPECT_FALSE(country_name(text.substr(0, 2), language).empty()) << text.substr(0, 2) << " " << language;
    }
}

TEST(CodeLists, ALanguageIsOneWhicheverOfItsCodesIsGiven) {
  const std::pair<const char*, const char*> same[] = {{"nob", "nb"}, {"nno", "nn"}, {"nor", "no"},  {"sme", "se"},  {"ger", "de"},
                                                      {"deu", "de"}, {"de", "de"},  {"sma", "sma"}, {"fkv", "fkv"}, {"xx", "xx"}};
  for (const auto& [code, one] : same) {
    EXPECT_EQ(language_code(code), one);
    EXPECT_EQ(language_name(code), language_name(one));
  }
}

TEST(CodeLists, WhatStandsForALanguageIsACodeOfItsOwn) {
  std::string_view text = code_list_text(CodeList::languages);
  for (text.remove_prefix(text.find('\n') + 1); !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
    const std::string_view code = text.substr(0, text.find(';'));
    EXPECT_FALSE(language_name(code).empty()) << code;
    EXPECT_TRUE(check_language(language_code(code))) << code;
    EXPECT_EQ(language_code(language_code(code)), language_code(code)) << code;
  }
}

}  // namespace
}  // namespace taus::policy
