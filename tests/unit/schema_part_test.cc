// Splitting and opening parts, and what views answer.
#include <chrono>

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/pretty-print.h>
#include <capnp/schema.h>
#include <gtest/gtest.h>

#include "eventstore/base/limits.h"
#include "eventstore/schema/part.h"
#include "eventstore/schema/view.h"
#include "tests/unit/schema_support.h"

namespace taus::schema {
namespace {

using testing::booking;

std::vector<PartBytes> split_booking(Mask only = all_categories) {
  capnp::MallocMessageBuilder message;
  auto parts = split(booking(message).asReader(), only);
  return std::move(parts).value();
}

EventView view_of(const std::vector<PartBytes>& parts) {
  EventView event(*event_named("bookingRequested"));
  for (const auto& part : parts) {
    auto reader = PartReader::open(part.bytes, part.category);
    EXPECT_TRUE(reader) << reader.error().message;
    EXPECT_TRUE(event.add(std::move(reader).value()));
  }
  return event;
}

// Whether `needle` occurs in the bytes.
bool holds(const Bytes& bytes, std::string_view needle) { return text(bytes).find(needle) != std::string_view::npos; }

TEST(Tables, match_the_generated_types) {
  EXPECT_EQ(category_count, 16);
  EXPECT_EQ(name(taus::Category::case_), "case");
  EXPECT_EQ(category_named("consent"), taus::Category::consent);
  EXPECT_EQ(category_named("Consent"), std::nullopt);
  EXPECT_EQ(info(taus::Category::special).special, true);
  EXPECT_EQ(info(taus::Category::email).dpv, "pd:EmailAddress");
  EXPECT_EQ(client_categories, 0x01FF);
  const auto* booking_type = event_named("bookingRequested");
  ASSERT_NE(booking_type, nullptr);
  EXPECT_EQ(booking_type->tag, static_cast<std::uint16_t>(Event::BOOKING_REQUESTED));
  EXPECT_EQ(booking_type->touches, bit(taus::Category::ident) | bit(taus::Category::email) | bit(taus::Category::phone) |
                                       bit(taus::Category::demog) | bit(taus::Category::intake) | bit(taus::Category::special) |
                                       bit(taus::Category::appt));
  EXPECT_EQ(event_info(0), nullptr);
  EXPECT_EQ(event_info(999), nullptr);
  EXPECT_TRUE(event_named("shredCompleted")->touches_public);
}

TEST(Tables, cover_every_member_of_the_union) {
  for (const auto field : capnp::Schema::from<Event>().getUnionFields()) {
    const std::uint16_t tag = field.getProto().getDiscriminantValue();
    if (tag == 0) continue;
    const auto* info = event_info(tag);
    ASSERT_NE(info, nullptr);
    EXPECT_EQ(info->name, std::string_view(field.getProto().getName().cStr()));
    EXPECT_EQ(info->pointers.size(), field.getType().asStruct().getFields().size());
  }
}

TEST(Split, gives_each_category_its_own_content_and_nothing_else) {
  const auto parts = split_booking();
  ASSERT_EQ(parts.size(), 7U);
  const std::string_view content[] = {"Kåre", "kare@example.org", "+4790000000", "4601", "", "Leter", "", "", "onsdag"};
  for (const auto& part : parts)
    for (int category = 0; category < 9; ++category) {
      const auto needle = content[category];
      if (needle.empty()) continue;
      EXPECT_EQ(holds(part.bytes, needle), part.category == category) << part.category << " " << category;
    }
}

TEST(Split, writes_an_empty_part_for_what_was_not_given) {
  const auto view = view_of(split_booking());
  View<BookingRequested> booking_view(view);
  EXPECT_EQ(booking_view.state<&BookingRequested::Reader::getSpecial>(), PartState::empty);
  EXPECT_FALSE(booking_view.get<&BookingRequested::Reader::getSpecial>());
}

TEST(Split, keeps_to_the_mask) {
  const auto parts = split_booking(bit(taus::Category::email) | bit(taus::Category::case_));
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].category, number(taus::Category::email));
}

TEST(Split, refuses_an_event_without_a_type) {
  capnp::MallocMessageBuilder message;
  const auto parts = split(message.initRoot<Event>().asReader());
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code, ErrorCode::invalid_argument);
}

TEST(Split, refuses_what_is_too_large_for_a_part) {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<Event>();
  event.initMessageSent().initCorr().setBody(std::string(limits::part_bytes_max, 'x'));
  const auto parts = split(event.asReader());
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code, ErrorCode::too_large);
}

TEST(Split, leaves_the_head_out_of_a_public_part) {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<Event>();
  testing::fill_head(event.initHead());
  event.getHead().setPurpose("secret purpose");
  event.initShredCompleted().initPublic().setGeneration(5);
  const auto parts = split(event.asReader());
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 1U);
  EXPECT_EQ((*parts)[0].category, public_part);
  EXPECT_FALSE(holds((*parts)[0].bytes, "secret purpose"));
  const auto part = PartReader::open((*parts)[0].bytes, public_part);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->event().getShredCompleted().getPublic().getGeneration(), 5U);
  EXPECT_FALSE(part->event().hasHead());
}

TEST(Split, gives_the_same_bytes_however_the_event_was_built) {
  capnp::MallocMessageBuilder plain;
  const auto first = split(booking(plain).asReader());
  capnp::MallocMessageBuilder scattered(8, capnp::AllocationStrategy::FIXED_SIZE);
  auto event = booking(scattered);
  event.getBookingRequested().getIdent().setName("someone longer than before, leaving a hole");
  event.getBookingRequested().getIdent().setName("Kåre Ødegård");
  const auto second = split(event.asReader());
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->size(), second->size());
  for (std::size_t i = 0; i < first->size(); ++i) EXPECT_EQ((*first)[i].bytes, (*second)[i].bytes) << i;
}

TEST(Split, has_a_golden_vector) {
  const auto parts = split_booking(bit(taus::Category::email));
  ASSERT_EQ(parts.size(), 1U);
  // docs/format/parts.md takes this part apart word by word.
  EXPECT_EQ(to_hex(parts[0].bytes),
            "0000000001000200"
            "0200000000000000"
            "0400000003000100"
            "1400000000000200"
            "7b68e5cf8b010080"
            "0100010000000000"
            "0700000000000000"
            "0100000022000000"
            "722d310000000000"
            "0000000000000000"
            "0000000000000100"
            "010000008a000000"
            "6b61726540657861"
            "6d706c652e6f7267"
            "0000000000000000");
}

TEST(View, reads_what_is_present_and_says_why_the_rest_is_not) {
  auto view = view_of(split_booking(bit(taus::Category::email) | bit(taus::Category::demog)));
  view.miss(number(taus::Category::ident), PartState::shredded);
  view.miss(number(taus::Category::phone), PartState::withheld);
  View<BookingRequested> seen(view);
  const auto email = seen.get<&BookingRequested::Reader::getEmail>();
  ASSERT_TRUE(email);
  EXPECT_EQ(std::string_view(email->getEmail().cStr()), "kare@example.org");
  EXPECT_EQ(seen.get<&BookingRequested::Reader::getDemog>()->getAgeYears(), 34);
  EXPECT_EQ(seen.state<&BookingRequested::Reader::getIdent>(), PartState::shredded);
  EXPECT_EQ(seen.state<&BookingRequested::Reader::getPhone>(), PartState::withheld);
  EXPECT_EQ(seen.state<&BookingRequested::Reader::getIntake>(), PartState::unavailable);
  EXPECT_FALSE(seen.get<&BookingRequested::Reader::getIdent>());
  ASSERT_TRUE(view.head());
  EXPECT_EQ(view.head()->getAt(), 1'700'000'000'123);
  EXPECT_FALSE(View<ConsentGiven>::fits(view));
}

TEST(View, refuses_a_part_of_another_event_or_twice) {
  EventView other(*event_named("inquiryReceived"));
  const auto parts = split_booking(bit(taus::Category::email));
  EXPECT_FALSE(other.add(PartReader::open(parts[0].bytes, parts[0].category).value()));
  EventView twice(*event_named("bookingRequested"));
  EXPECT_TRUE(twice.add(PartReader::open(parts[0].bytes, parts[0].category).value()));
  EXPECT_FALSE(twice.add(PartReader::open(parts[0].bytes, parts[0].category).value()));
}

TEST(PartReader, refuses_a_part_under_another_category) {
  const auto parts = split_booking(bit(taus::Category::email));
  for (const int category : {-2, -1, 0, 2, 6, 16, 1000}) {
    const auto part = PartReader::open(parts[0].bytes, category);
    ASSERT_FALSE(part) << category;
    EXPECT_EQ(part.error().code, ErrorCode::malformed);
  }
}

// Planted: a splitter that puts two categories into one part.
TEST(PartReader, refuses_a_part_that_holds_two_categories) {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<Event>();
  testing::fill_head(event.initHead());
  auto body = event.initBookingRequested();
  body.initEmail().setEmail("a@example.org");
  body.initIdent().setName("A");
  const auto words = capnp::canonicalize(event.asReader());
  const auto part =
      PartReader::open(view({words.asBytes().asChars().begin(), words.asBytes().size()}), number(taus::Category::email));
  ASSERT_FALSE(part);
  EXPECT_NE(part.error().message.find("another category"), std::string::npos);
}

TEST(PartReader, refuses_a_public_part_with_a_head) {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<Event>();
  testing::fill_head(event.initHead());
  event.initShredCompleted().initPublic().setChunk(1);
  const auto words = capnp::canonicalize(event.asReader());
  EXPECT_FALSE(PartReader::open(view({words.asBytes().asChars().begin(), words.asBytes().size()}), public_part));
}

TEST(PartReader, survives_every_cut_and_every_changed_byte) {
  const auto parts = split_booking(bit(taus::Category::demog));
  const Bytes& good = parts[0].bytes;
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(PartReader::open(ByteView(good).first(size), parts[0].category)) << size;
  int opened = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int mask : {0x01, 0x02, 0x04, 0x10, 0x80, 0xFF}) {
      Bytes bad = good;
      bad[at] = static_cast<std::uint8_t>(bad[at] ^ mask);
      auto part = PartReader::open(bad, parts[0].category);
      if (!part) continue;
      ++opened;  // a changed letter or number: everything in it must still be readable
      EXPECT_NO_THROW({
        const auto text = kj::str(part->event());
        EXPECT_GT(text.size(), 0U);
      });
    }
  EXPECT_GT(opened, 0);
}

// Found by fuzz_part: bytes beside the type that no event can have.
TEST(PartReader, refuses_data_beside_the_event_type) {
  auto parts = split_booking(bit(taus::Category::email));
  parts[0].bytes[8 + 4] = 1;
  EXPECT_FALSE(PartReader::open(parts[0].bytes, parts[0].category));
}

TEST(PartReader, refuses_a_later_event_type) {
  auto parts = split_booking(bit(taus::Category::email));
  parts[0].bytes[8 + tables::event_tag_offset * 2] = 200;
  const auto part = PartReader::open(parts[0].bytes, parts[0].category);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace taus::schema
