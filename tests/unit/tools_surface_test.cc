#include <set>
#include <string>

#include <gtest/gtest.h>

#include "daemon/protocol/api.capnp.h"
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

TEST(Surface, ExamplesAreOfTheirVerb) {
  for (const Verb& verb : verbs()) {
    const std::string words = std::string(verb.noun) + (*verb.verb != '\0' ? std::string(" ") + verb.verb : "");
    EXPECT_NE(std::string(verb.example).find(words), std::string::npos) << words;
  }
}

TEST(Surface, WhatIsACommand) {
  EXPECT_TRUE(is_command("bookingBook"));
  EXPECT_TRUE(is_command("shred"));
  EXPECT_FALSE(is_command("subjectShow"));
  EXPECT_FALSE(is_command("nothing"));
}

}  // namespace
}  // namespace taus::tools
