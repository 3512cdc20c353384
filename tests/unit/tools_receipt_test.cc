// Receipts that contradict themselves are found without a daemon, and what a receipt does not prove is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/receipt_check.h"

namespace taus::tools {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

const std::string origin = "taus/000102030405060708090a0b0c0d0e0f/0000002a";

Json key_of(std::uint64_t stream, int slot, const std::string& digit) {
  std::string id;
  for (int i = 0; i < 32; ++i) id += "0" + digit;
  return {{"stream", stream}, {"slot", slot}, {"epoch", 1}, {"keyId", id}};
}

Json good() {
  return {{"generation", 7},
          {"chunk", 0},
          {"chunks", 1},
          {"keys", {key_of(3, 0, "1"), key_of(3, 4, "2")}},
          {"tier", "L"},
          {"localDate", "2026-02-03"},
          {"fullyErasedBy", "2026-03-04"},
          {"keepers", {"rawslot"}},
          {"previousGeneration", 6},
          {"topVersion", "0011223344556677"},
          {"replicas", {"second", "third"}},
          {"software", "taus 1"}};
}

std::string text_of(const Json& receipt) { return "taus-receipt/1\n" + origin + "\n42\n" + receipt.dump() + "\n"; }

Result<ReceiptFacts> check(const Json& receipt) { return check_receipt(text_of(receipt), origin); }

TEST(Receipt, OneThatFitsIsToldInSentences) {
  const auto facts = check(good());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->position, 42U);
  EXPECT_EQ(facts->keys, 2U);
  std::string said;
  for (const auto& one : claims_of(*facts)) said += one + " ";
  EXPECT_THAT(said, HasSubstr("2 keys were destroyed on 2026-02-03"));
  EXPECT_THAT(said, HasSubstr("from generation 6 to 7"));
  EXPECT_THAT(said, HasSubstr("Gone everywhere by 2026-03-04"));
  EXPECT_THAT(said, HasSubstr("second, third"));
  EXPECT_THAT(not_proved_by(*facts).front(), HasSubstr("cannot prove"));
  EXPECT_EQ(not_proved_by(*facts).size(), 4U);
}

TEST(Receipt, WithoutADayItSaysSo) {
  Json receipt = good();
  receipt["fullyErasedBy"] = nullptr;
  EXPECT_THAT(claims_of(*check(receipt)), testing::Contains(HasSubstr("No day is promised")));
  receipt["fullyErasedBy"] = receipt["localDate"];
  EXPECT_THAT(claims_of(*check(receipt)), testing::Contains(HasSubstr("same day")));
  receipt["tier"] = "none";
  EXPECT_THAT(claims_of(*check(receipt)), testing::Contains(HasSubstr("nothing is claimed")));
}

TEST(Receipt, EachContradictionIsNamed) {
  const auto with = [](const char* pointer, const Json& value) {
    Json out = good();
    out[Json::json_pointer(pointer)] = value;
    return out;
  };
  const std::vector<std::pair<Json, const char*>> cases = {
      {with("/generation", 8), "one step"},
      {with("/previousGeneration", 7), "one step"},
      {with("/generation", 1), "generation 1"},
      {with("/chunks", 0), "part 1 of 0"},
      {with("/chunk", 1), "part 2 of 1"},
      {with("/topVersion", "00"), "8 bytes"},
      {with("/topVersion", nullptr), "8 bytes"},
      {with("/tier", "Q"), "no tier"},
      {with("/tier", "P"), "a root lay on a disk"},
      {with("/keepers", Json::array()), "no root keeper"},
      {with("/keepers", Json::array({"rawslot", "rawslot"})), "twice"},
      {with("/replicas", Json::array({"a", "a"})), "twice"},
      {with("/localDate", "2026-02-30"), "no date"},
      {with("/localDate", nullptr), "no date"},
      {with("/fullyErasedBy", "soon"), "no date"},
      {with("/fullyErasedBy", "2026-02-02"), "before it was erased here"},
      {with("/software", nullptr), "which software"},
      {with("/keys/0/slot", 16), "slot 16"},
      {with("/keys/0/epoch", 0), "epoch 0"},
      {with("/keys/0/stream", 0), "never given out"},
      {with("/keys/0/stream", 1ULL << 40), "never given out"},
      {with("/keys/0/keyId", "00"), "32 bytes"},
      {with("/keys/1/keyId", good()["keys"][0]["keyId"]), "same key"},
      {with("/keys/1/slot", 0), "twice"},
  };
  for (const auto& [receipt, says] : cases) {
    const auto checked = check(receipt);
    ASSERT_FALSE(checked) << receipt.dump();
    EXPECT_EQ(checked.error().code, ErrorCode::corrupt) << receipt.dump();
    EXPECT_THAT(checked.error().message, HasSubstr(says));
    EXPECT_THAT(checked.error().message, HasSubstr("ask whoever signed it"));
  }
}

TEST(Receipt, WhatIsNoneIsRefused) {
  const std::string text = text_of(good());
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(check_receipt(text.substr(0, length), origin)) << length;
  EXPECT_EQ(check_receipt(text, "taus/000102030405060708090a0b0c0d0e0f/0000002b").error().code, ErrorCode::corrupt);
  EXPECT_EQ(check_receipt("taus-receipt/1\n" + origin + "\n042\n{}\n", origin).error().code, ErrorCode::malformed);
  EXPECT_EQ(check_receipt("taus-receipt/1\n" + origin + "\n42\n[]\n", origin).error().code, ErrorCode::malformed);
  EXPECT_EQ(check_receipt("taus-receipt/1\ntaus/xx/1\n42\n{}\n", origin).error().code, ErrorCode::malformed);
  EXPECT_EQ(check_receipt("taus-receipt/2\n" + origin + "\n42\n{}\n", origin).error().code, ErrorCode::malformed);
  for (const char* gone : {"generation", "previousGeneration", "chunk", "chunks", "keys"}) {
    Json receipt = good();
    receipt.erase(gone);
    EXPECT_FALSE(check(receipt)) << gone;
    receipt[gone] = "x";
    EXPECT_FALSE(check(receipt)) << gone;
  }
}

}  // namespace
}  // namespace taus::tools
