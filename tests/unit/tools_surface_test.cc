#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "daemon/protocol/api.capnp.h"
#include "tools/tausctl_parse.h"
#include "tools/tausctl_request.h"
#include "tools/tausctl_surface.h"

namespace taus::tools {
namespace {

// Every method of the API can be typed, and every row of the table fits the schema.
TEST(Surface, CoversTheApi) {
  std::set<std::string> typed;
  for (const Verb& verb : verbs()) typed.insert(verb.method);
  for (auto field : capnp::Schema::from<api::Request>().getUnionFields()) {
    const std::string method = field.getProto().getName().cStr();
    if (method == "none" || method == "backupRead") continue;  // `backup create` asks for it piece by piece
    EXPECT_TRUE(typed.contains(method)) << method;
  }
}

TEST(Surface, FieldsExist) {
  for (const Verb& verb : verbs()) {
    for (const Argument& argument : verb.arguments) {
      if (*argument.field == '\0') continue;
      EXPECT_TRUE(has_field(verb.method, argument.field)) << verb.method << " " << argument.name;
    }
  }
}

// Who typed --start has never heard of /start.
TEST(Surface, ARefusalPointsAtWhatWasTyped) {
  const auto of = [](std::string_view method) {
    return *std::find_if(verbs().begin(), verbs().end(), [&](const Verb& verb) { return verb.method == method; });
  };
  EXPECT_EQ(place_typed(of("bookingReschedule"), "/start"), "--start");
  EXPECT_EQ(place_typed(of("subjectShow"), "/subject"), "SUBJECT");
  EXPECT_EQ(place_typed(of("subjectShow"), "/purpose"), "--purpose");
  EXPECT_EQ(place_typed(of("bookingRequest"), "/name"), "/name") << "it stands in the document";
  EXPECT_EQ(place_typed(of("subjectShow"), "/other"), "/other");
  for (const Verb& verb : verbs())
    for (const Argument& argument : verb.arguments)
      if (*argument.field != '\0') {
        EXPECT_EQ(place_typed(verb, std::string("/") + argument.field), argument.name) << verb.method;
      }
}

TEST(Surface, ExamplesAreOfTheirVerb) {
  for (const Verb& verb : verbs()) {
    const std::string words = std::string(verb.noun) + (*verb.verb != '\0' ? std::string(" ") + verb.verb : "");
    EXPECT_NE(std::string(verb.example).find(words), std::string::npos) << words;
  }
}

TEST(Surface, HelpNamesWhatADocumentHolds) {
  const auto fields = [](const std::string& method) {
    for (const Verb& verb : verbs())
      if (method == verb.method) return document_fields(verb);
    return std::string("no such method");
  };
  EXPECT_EQ(fields("logWrite"), fields("logAmend"));
  EXPECT_EQ(fields("messageAdd"), "direction, channel, subject, body, at");
  EXPECT_NE(fields("bookingRequest").find("consent {notice, act, language"), std::string::npos) << fields("bookingRequest");
}

TEST(Surface, WhatIsACommand) {
  EXPECT_TRUE(is_command("bookingBook"));
  EXPECT_TRUE(is_command("shred"));
  EXPECT_FALSE(is_command("subjectShow"));
  EXPECT_FALSE(is_command("nothing"));
}

std::string said(std::vector<const char*> words) {
  words.insert(words.begin(), "tausctl");
  const Parsed parsed = parse_command_line(static_cast<int>(words.size()), words.data());
  EXPECT_FALSE(parsed.invocation);
  if (!parsed.error) return {};
  EXPECT_EQ(parsed.error->code, ErrorCode::invalid_argument);
  return parsed.error->message;
}

TEST(Usage, NamesTheWordAndWhatWasMeant) {
  EXPECT_EQ(said({"subjct", "show", "x"}),
            "There is no command 'subjct'; did you mean 'subject'? 'tausctl --help' lists what there is.");
  EXPECT_EQ(said({"subject", "shwo", "x"}),
            "There is no command 'subject shwo'; did you mean 'subject show'? See 'tausctl subject --help'.");
  EXPECT_EQ(said({"dev", "clck", "set"}), "There is no command 'dev clck'; did you mean 'dev clock'? See 'tausctl dev --help'.");
  EXPECT_EQ(said({"log", "zap", "x"}),
            "There is no command 'log zap'; 'log' takes one of write, amend. See 'tausctl log --help'.");
  EXPECT_EQ(said({"find", "--name", "x"}),
            "There is no command 'find'; did you mean 'subject find'? 'tausctl --help' lists what there is.");
  EXPECT_EQ(said({"zzz"}), "There is no command 'zzz'. 'tausctl --help' lists what there is.");
}

TEST(Usage, NamesTheOption) {
  EXPECT_EQ(said({"subject", "show", "a", "--purpos", "x"}),
            "'subject show' has no option '--purpos'; did you mean '--purpose'? See 'tausctl subject show --help'.");
  // Not the one that is missing because of it.
  EXPECT_NE(said({"booking", "book", "x", "--counselor=y"}).find("did you mean '--counsellor'?"), std::string::npos);
  EXPECT_EQ(said({"booking", "book", "x", "--counsellor"}), "--counsellor needs a value. See 'tausctl booking book --help'.");
  EXPECT_EQ(said({"--socket", "x", "--dev", "y", "status"}), "Give --socket or --dev, not both. See 'tausctl status --help'.");
}

TEST(Usage, SaysWhatIsMissingOrTooMuch) {
  EXPECT_EQ(said({}), "Say what to do: tausctl NOUN VERB. 'tausctl --help' lists what there is.");
  EXPECT_EQ(said({"dev", "clock"}), "Say what to do: tausctl dev clock set|advance. See 'tausctl dev clock --help'.");
  EXPECT_EQ(said({"subject", "show"}), "SUBJECT is required. See 'tausctl subject show --help'.");
  EXPECT_EQ(said({"subject", "show", "a", "b"}),
            "'b' is one word more than 'subject show' takes. See 'tausctl subject show --help'.");
}

TEST(Usage, LongAndBrokenWordsAreShownSafely) {
  const std::string sentence = said({std::string(100'000, 'x').c_str()});
  EXPECT_LT(sentence.size(), 200U);
  EXPECT_NE(said({"\xff\x1b[2J"}).find("'??[2J'"), std::string::npos);
}

}  // namespace
}  // namespace taus::tools
