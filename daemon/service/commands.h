// Commands: each checks what it is told against the rules and fills a Decision. Nothing is staged here.
//
// Threads: the core thread. Errors: see each; all carry the JSON pointer of the offending input where there is one. On error the
// store is as it was.
#pragma once

#include "daemon/service/decision.h"

namespace taus::service {

// Staff registry (staff.cc).
Result<void> staff_add(Core& core, const Call& call, api::StaffAdd::Reader in, Decision& out);
Result<void> staff_revoke(Core& core, const Call& call, api::SubjectRef::Reader in, Decision& out);
// Booking form and appointments (booking.cc, appointments.cc). slot_taken: somebody is busy then.
Result<void> booking_request(Core& core, const Call& call, api::BookingForm::Reader in, Decision& out);
Result<void> booking_book(Core& core, const Call& call, api::Book::Reader in, Decision& out);
Result<void> booking_reschedule(Core& core, const Call& call, api::Reschedule::Reader in, Decision& out);
Result<void> booking_cancel(Core& core, const Call& call, api::Cancel::Reader in, Decision& out);
Result<void> booking_held(Core& core, const Call& call, api::Attendance::Reader in, Decision& out);
Result<void> booking_no_show(Core& core, const Call& call, api::Attendance::Reader in, Decision& out);
Result<void> booking_correct(Core& core, const Call& call, api::Correct::Reader in, Decision& out);
// The case (case.cc). version_conflict: the case is not in the state that the command needs.
Result<void> subject_record(Core& core, const Call& call, api::Record::Reader in, Decision& out);
Result<void> subject_assign(Core& core, const Call& call, api::Assign::Reader in, Decision& out);
Result<void> subject_conclude(Core& core, const Call& call, api::Conclude::Reader in, Decision& out);
Result<void> subject_reopen(Core& core, const Call& call, api::Reopen::Reader in, Decision& out);
Result<void> log_write(Core& core, const Call& call, api::LogWrite::Reader in, bool amend, Decision& out);
Result<void> message_add(Core& core, const Call& call, api::MessageAdd::Reader in, Decision& out);
// Consent, by the client's own link where the profile wants it so, and disclosures (consent.cc). not_found: no live consent to it;
// restricted: some of it is.
Result<void> consent_give(Core& core, const Call& call, api::ConsentGive::Reader in, Decision& out);
Result<void> consent_disclose(Core& core, const Call& call, api::DisclosureAllow::Reader in, Decision& out);
Result<void> consent_undisclose(Core& core, const Call& call, api::DisclosureEnd::Reader in, Decision& out);
Result<void> consent_disclosed(Core& core, const Call& call, api::DisclosureMade::Reader in, Decision& out);
struct ConsentAsTold;
void give_consent(const Core& core, const Call& call, const ConsentAsTold& told, Ordinal subject, const Subject* about,
                  Decision& out);
// A booking that waits for the client's own consent, and says so.
void ask_consent(const Core& core, const Call& call, Decision& out);
// Withdrawal and shreds (erasure.cc).
Result<void> consent_withdraw(Core& core, const Call& call, api::Withdraw::Reader in, Decision& out);
Result<void> shred(Core& core, const Call& call, api::Shred::Reader in, Decision& out);

// Legal holds (art. 17(3)) and restrictions (art. 18), by the leader or the data protection officer (covers.cc).
Result<void> hold_place(Core& core, const Call& call, api::HoldPlace::Reader in, Decision& out);
Result<void> hold_release(Core& core, const Call& call, api::HoldRelease::Reader in, Decision& out);
Result<void> restrict_place(Core& core, const Call& call, api::Restrict::Reader in, Decision& out);
Result<void> restrict_lift(Core& core, const Call& call, api::RestrictLift::Reader in, Decision& out);

// Inquiries (inquiries.cc), group sessions (groups.cc), the times that counsellors offer (slots.cc; slot_taken: they overlap).
Result<void> inquiry_receive(Core& core, const Call& call, api::InquiryReceive::Reader in, Decision& out);
Result<void> inquiry_answer(Core& core, const Call& call, api::InquiryAnswer::Reader in, Decision& out);
Result<void> group_record(Core& core, const Call& call, api::GroupRecord::Reader in, Decision& out);
Result<void> group_correct(Core& core, const Call& call, api::GroupCorrect::Reader in, Decision& out);
Result<void> slots_publish(Core& core, const Call& call, api::SlotsPublish::Reader in, Decision& out);
Result<void> slots_withdraw(Core& core, const Call& call, api::SlotRef::Reader in, Decision& out);

// A booking by somebody who came before in the same year joins the record that there is (matches.cc).
Result<void> match_confirm(Core& core, const Call& call, api::MatchConfirm::Reader in, Decision& out);

// The rights desk (rights.cc). version_conflict: the request is decided, or not in the state that the command needs.
Result<void> rights_open(Core& core, const Call& call, api::RightsOpen::Reader in, Decision& out);
Result<void> rights_verify(Core& core, const Call& call, api::RightsVerify::Reader in, Decision& out);
Result<void> rights_extend(Core& core, const Call& call, api::RightsExtend::Reader in, Decision& out);
Result<void> rights_decide(Core& core, const Call& call, api::RightsDecide::Reader in, Decision& out);
// Whoever was given data was told what became of it (notices.cc). not_found: nothing was passed on to them.
Result<void> rights_notified(Core& core, const Call& call, api::RightsNotify::Reader in, Decision& out);

// The invitation to the survey was sent (survey.cc). version_conflict: none is due.
Result<void> survey_sent(Core& core, const Call& call, api::SubjectRef::Reader in, Decision& out);

// The reopening of a concluded case, with its anchors.
void reopen(Core& core, const Subject& subject, Instant now, capnp::Text::Reader reason, Decision& out);
// Shared by explicit and automatic conclusion: the event with its anchors, and the shreds that are due with it.
void conclude(Core& core, const Subject& subject, Instant now, Instant concluded_at, schema::Conclusion how, Decision& out);
// To go with the first rights record of a concluded case: when it dies, which nothing else will know once the client's data are gone.
void anchor_rights(const Core& core, const Subject& subject, Instant now, Decision& out);

// version_conflict: somebody changed the subject since `expected` (-1: not asked).
Result<void> expect_version(const Subject& subject, std::int64_t expected);
// shredded where the client's name is: a message or booking that comes now begins a new record (docs/PROFILES.md).
Result<void> expect_named(const Subject& subject);
// version_conflict while the booking waits for the client's own consent.
Result<void> expect_consent(const Subject& subject);
// restricted where consent was withdrawn, and a hold or an open request keeps data all the same: processing has ended (VT-31).
Result<void> expect_consent_stands(const Subject& subject);
// version_conflict where the case is concluded; restricted, as `expect_named`, where consent was withdrawn.
Result<void> expect_open_case(const Subject& subject);
Result<Instant> required_time(std::int64_t ms, const char* pointer);

}  // namespace taus::service
