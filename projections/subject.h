// What is known of one subject, each category by itself, so that forgetting a category is resetting one member and the rest
// answers as before (domain rule: whatever a rule needs later lies in the category that the rule is about).
//
// Threads: a value of the core thread. Holds plaintext in memory only; message bodies and logs stay on disk, named by position.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/schema/category.h"
#include "eventstore/schema/event.capnp.h"
#include "projections/per_category.h"

namespace taus::projections {

// Sessions of a year that a client had; see schema/event.capnp, IdentAnchor.
struct SessionsOfYear {
  std::int32_t all = -1;
  std::int32_t earlier = -1;
  friend bool operator==(const SessionsOfYear&, const SessionsOfYear&) = default;
};

// See schema/event.capnp, Anchor.
struct Anchor {
  schema::Phase phase = schema::Phase::ABSENT;
  std::int16_t year = -1;
  std::optional<Instant> due;
  std::string rule;
  Ordinal counsellor = 0;
  std::int32_t counted = -1;             // demog: see schema/event.capnp, DemogAnchor
  std::optional<Instant> reopened_at{};  // when the case that is open began anew; nothing once it is concluded
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// See schema/event.capnp, Kept.
struct Kept {
  std::optional<Instant> since, last_start, last_end, last_appointment, open_end, dropped, last_activity;
  std::int32_t counted = -1;  // demog: see schema/event.capnp, DemogAnchor
  friend bool operator==(const Kept&, const Kept&) = default;
};

struct AppointmentState {
  std::uint32_t number = 0;
  Instant start{};
  Instant end{};
  schema::Channel channel = schema::Channel::ABSENT;
  schema::AppointmentKind kind = schema::AppointmentKind::INDIVIDUAL;
  schema::Outcome outcome = schema::Outcome::ABSENT;
  Ordinal counsellor = 0;
  std::string place;
  std::optional<Instant> cancelled_at;
  friend bool operator==(const AppointmentState&, const AppointmentState&) = default;
};

// Facts of a client that are counted, by name of the API.
enum class Fact : std::uint8_t {
  municipality_code,
  age_years,
  gender,
  nationality,
  country_of_origin,
  mother_tongue,
  education_level,
  labour_status
};

// A fact that was given before and is given otherwise now.
struct Replaced {
  Fact fact = Fact::municipality_code;
  Instant at{};
  std::vector<std::string> before;
  friend bool operator==(const Replaced&, const Replaced&) = default;
};

struct DemographicsState {
  std::string municipality_code, age_as_of, nationality, country_of_origin, mother_tongue, education_level;
  std::int16_t age_years = -1;
  std::int16_t first_year = -1;
  schema::Gender gender = schema::Gender::ABSENT;
  std::vector<std::string> labour_status;
  std::vector<Replaced> replaced;  // in order
  friend bool operator==(const DemographicsState&, const DemographicsState&) = default;
};

struct MessageRef {
  Position position = 0;
  Instant at{};
  Ordinal author = 0;
  bool from_client = false;
  friend bool operator==(const MessageRef&, const MessageRef&) = default;
};

// A legal hold or a restriction, open until lifted.
struct CoverState {
  std::uint32_t number = 0;    // in this stream, from 1, holds and restrictions together
  bool hold = false;           // else a restriction
  bool by_withdrawal = false;  // a restriction that stands in for the erasure a hold defers
  std::uint16_t categories = 0;
  Position position = 0;  // of what placed it
  Instant from{};
  std::optional<Instant> until;
  friend bool operator==(const CoverState&, const CoverState&) = default;
};

// A request to the rights desk (art. 12 to 21).
struct RightsState {
  std::uint32_t number = 0;  // in this stream, from 1
  Position position = 0;
  schema::RightsKind kind = schema::RightsKind::ABSENT;
  Instant received_at{};
  std::string due;  // local date; of the extension, where there is one
  bool extended = false;
  bool verified = false;
  std::uint16_t categories = 0;  // asked about
  schema::RightsOutcome outcome = schema::RightsOutcome::ABSENT;
  std::vector<schema::RightsGround> grounds;
  std::optional<Instant> decided_at;
  Position decision = 0;
  std::uint16_t granted = 0;  // categories whose erasure the decision grants
  bool late = false;
  [[nodiscard]] bool open() const noexcept { return !decided_at; }
  [[nodiscard]] bool wants_copy() const noexcept {
    return kind == schema::RightsKind::ACCESS || kind == schema::RightsKind::PORTABILITY;
  }
  friend bool operator==(const RightsState&, const RightsState&) = default;
};

// A question that came without a booking, or beside one.
struct InquiryState {
  std::uint32_t number = 0;  // in this stream, from 1
  Position position = 0;
  Instant received_at{};
  schema::Channel channel = schema::Channel::ABSENT;
  std::optional<Instant> answered_at;
  friend bool operator==(const InquiryState&, const InquiryState&) = default;
};

// A time that a counsellor offers.
struct SlotState {
  std::uint32_t number = 0;  // in this stream, from 1
  Instant start{};
  Instant end{};
  schema::Channel channel = schema::Channel::ABSENT;
  std::string place;
  friend bool operator==(const SlotState&, const SlotState&) = default;
};

// A piece of what was held when access was asked for.
struct SnapshotRef {
  std::uint32_t number = 0;  // of the request
  Position position = 0;
  friend bool operator==(const SnapshotRef&, const SnapshotRef&) = default;
};

// That the client lets somebody outside the centre be told.
struct DisclosureState {
  std::uint32_t number = 0;  // in this stream, from 1
  std::uint16_t categories = 0;
  std::string recipient, purpose;
  Instant given_at{};
  std::optional<Instant> withdrawn_at;
  friend bool operator==(const DisclosureState&, const DisclosureState&) = default;
};

// That something was passed on to somebody outside the centre, and that they were told what became of it (art. 19).
struct PassedOnState {
  std::uint32_t consent = 0;
  std::uint16_t categories = 0;
  std::string recipient;
  Instant at{};
  friend bool operator==(const PassedOnState&, const PassedOnState&) = default;
};
struct NoticeState {
  schema::NoticeAction action = schema::NoticeAction::ABSENT;
  Position position = 0;
  Instant at{};
  std::vector<std::string> recipients;
  friend bool operator==(const NoticeState&, const NoticeState&) = default;
};

struct ConsentState {
  std::string notice, language;
  schema::ConsentAct act = schema::ConsentAct::ABSENT;
  std::optional<Instant> given_at, withdrawn_at;
  std::optional<Instant> asked_at;  // of what staff entered
  std::vector<DisclosureState> disclosures;
  [[nodiscard]] bool waits() const noexcept { return asked_at && !given_at && !withdrawn_at; }
  friend bool operator==(const ConsentState&, const ConsentState&) = default;
};

struct StaffState {
  std::string name, confidentiality_signed;
  std::vector<schema::Role> roles;
  bool revoked = false;
  std::vector<SlotState> slots{};
  std::uint32_t slots_made = 0;
  friend bool operator==(const StaffState&, const StaffState&) = default;
};

struct Subject {
  Ordinal ordinal = 0;
  Version version = 0;
  Version changed = 0;              // of the last event that was more than a read (expected versions compare with it)
  std::vector<Position> positions;  // of this stream's events, by version - 1
  std::uint16_t live = 0;           // categories with a part that opened, a bit each
  std::uint16_t gone = 0;           // categories with a part that was shredded
  bool wholly_gone = false;         // the key node itself is gone
  PerCategory<Anchor> anchors;
  PerCategory<Kept> kept_facts;  // of what was erased while the case was open; until it is concluded
  Instants first_seen;           // earliest event per category

  std::string name;                  // ident
  SessionsOfYear sessions;           // ident; of the year of its anchor, or of its kept facts
  std::string email;                 // email
  bool survey_invited = false;       // email; in this case
  std::optional<Instant> survey_at;  // email; when the invitation is due, by the anchor
  std::vector<Instant> invitations;  // email; when sent
  std::string phone;                 // phone
  std::optional<DemographicsState> demographics;
  std::string accommodation_need;              // special
  std::vector<std::string> focus_areas;        // intake
  std::string current_situation;               // intake
  std::vector<InquiryState> inquiries;         // intake
  std::vector<Position> logs;                  // case
  std::optional<Instant> concluded_at;         // case
  std::vector<MessageRef> messages;            // corr
  std::vector<AppointmentState> appointments;  // appt
  Ordinal counsellor = 0;                      // appt
  ConsentState consent;                        // consent
  std::vector<CoverState> covers;              // rights
  std::vector<RightsState> requests;           // rights
  std::vector<PassedOnState> passed_on;        // rights
  std::vector<NoticeState> notices;            // rights
  std::vector<SnapshotRef> snapshots;          // copy
  std::vector<Position> reads;                 // audit
  std::optional<StaffState> staff;             // staff

  [[nodiscard]] bool has(Category category) const noexcept { return (live & bit(category)) != 0; }
  [[nodiscard]] bool is_staff() const noexcept { return staff.has_value(); }
  // Categories under an open hold (rights always with it), and under an open restriction.
  [[nodiscard]] std::uint16_t held() const;
  [[nodiscard]] std::uint16_t restricted() const;
  // What open requests keep, whatever else goes: the request itself, and the copy that answers it.
  [[nodiscard]] std::uint16_t kept_for_requests() const;
  [[nodiscard]] const RightsState* request(std::uint32_t number) const;
  // When consent was withdrawn, also where a hold outlived the consent itself.
  [[nodiscard]] std::optional<Instant> withdrawn_at() const;
  // Whether all that the client gave was erased, and only the record of requests and reads is left: whatever there was is over.
  [[nodiscard]] bool only_evidence() const noexcept;
  // P2 where only evidence is left, or by anchor; else P1 after a held session, or where appointments were shredded and cannot tell; else P0.
  [[nodiscard]] schema::Phase phase() const;
  // Who keeps access: by assignment while it lives, else by any anchor.
  [[nodiscard]] Ordinal assigned() const;
  [[nodiscard]] const AppointmentState* appointment(std::uint32_t number) const;
  [[nodiscard]] std::optional<Anchor> anchor() const;  // any: all are written together
  [[nodiscard]] const Kept* kept() const;              // any: all are written together
  // When the case that is open began anew, where it was concluded before.
  [[nodiscard]] std::optional<Instant> reopened_at() const;
  [[nodiscard]] std::optional<Instant> first_collected() const;
  // Resets what belongs to `category` and wipes nothing else.
  void forget(Category category);
  friend bool operator==(const Subject&, const Subject&) = default;
};

}  // namespace taus::projections
