#include "daemon/service/methods.h"

#include "daemon/service/commands.h"
#include "daemon/service/keys.h"
#include "daemon/service/queries.h"
#include "daemon/service/restoring.h"

namespace taus::service {

namespace {

using Request = api::Request;
using Response = api::Response;

// One line a method; docs/PROTOCOL.md has the same table with who may call.
constexpr Command commands[] = {
    {Request::STAFF_ADD,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return staff_add(c, a, r.getStaffAdd(), d); },
     [](Response::Builder o) { return o.initStaffAdd(); }},
    {Request::STAFF_REVOKE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return staff_revoke(c, a, r.getStaffRevoke(), d); },
     [](Response::Builder o) { return o.initStaffRevoke(); }},
    {Request::BOOKING_REQUEST,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return booking_request(c, a, r.getBookingRequest(), d); },
     [](Response::Builder o) { return o.initBookingRequest(); }},
    {Request::BOOKING_BOOK,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return booking_book(c, a, r.getBookingBook(), d); },
     [](Response::Builder o) { return o.initBookingBook(); }},
    {Request::BOOKING_RESCHEDULE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return booking_reschedule(c, a, r.getBookingReschedule(), d); },
     [](Response::Builder o) { return o.initBookingReschedule(); }},
    {Request::BOOKING_CANCEL,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return booking_cancel(c, a, r.getBookingCancel(), d); },
     [](Response::Builder o) { return o.initBookingCancel(); }},
    {Request::BOOKING_HELD,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return booking_held(c, a, r.getBookingHeld(), d); },
     [](Response::Builder o) { return o.initBookingHeld(); }},
    {Request::BOOKING_NO_SHOW,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return booking_no_show(c, a, r.getBookingNoShow(), d); },
     [](Response::Builder o) { return o.initBookingNoShow(); }},
    {Request::BOOKING_CORRECT,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return booking_correct(c, a, r.getBookingCorrect(), d); },
     [](Response::Builder o) { return o.initBookingCorrect(); }},
    {Request::SUBJECT_RECORD,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return subject_record(c, a, r.getSubjectRecord(), d); },
     [](Response::Builder o) { return o.initSubjectRecord(); }},
    {Request::SUBJECT_ASSIGN,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return subject_assign(c, a, r.getSubjectAssign(), d); },
     [](Response::Builder o) { return o.initSubjectAssign(); }},
    {Request::SUBJECT_CONCLUDE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return subject_conclude(c, a, r.getSubjectConclude(), d); },
     [](Response::Builder o) { return o.initSubjectConclude(); }},
    {Request::SUBJECT_REOPEN,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return subject_reopen(c, a, r.getSubjectReopen(), d); },
     [](Response::Builder o) { return o.initSubjectReopen(); }},
    {Request::LOG_WRITE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return log_write(c, a, r.getLogWrite(), false, d); },
     [](Response::Builder o) { return o.initLogWrite(); }},
    {Request::LOG_AMEND,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return log_write(c, a, r.getLogAmend(), true, d); },
     [](Response::Builder o) { return o.initLogAmend(); }},
    {Request::MESSAGE_ADD,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return message_add(c, a, r.getMessageAdd(), d); },
     [](Response::Builder o) { return o.initMessageAdd(); }},
    {Request::CONSENT_WITHDRAW,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return consent_withdraw(c, a, r.getConsentWithdraw(), d); },
     [](Response::Builder o) { return o.initConsentWithdraw(); }},
    {Request::SHRED, [](Core& c, const Call& a, Request::Reader r, Decision& d) { return shred(c, a, r.getShred(), d); },
     [](Response::Builder o) { return o.initShred(); }},
    {Request::HOLD_PLACE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return hold_place(c, a, r.getHoldPlace(), d); },
     [](Response::Builder o) { return o.initHoldPlace(); }},
    {Request::HOLD_RELEASE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return hold_release(c, a, r.getHoldRelease(), d); },
     [](Response::Builder o) { return o.initHoldRelease(); }},
    {Request::RESTRICT_PLACE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return restrict_place(c, a, r.getRestrictPlace(), d); },
     [](Response::Builder o) { return o.initRestrictPlace(); }},
    {Request::RIGHTS_OPEN,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return rights_open(c, a, r.getRightsOpen(), d); },
     [](Response::Builder o) { return o.initRightsOpen(); }},
    {Request::RIGHTS_VERIFY,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return rights_verify(c, a, r.getRightsVerify(), d); },
     [](Response::Builder o) { return o.initRightsVerify(); }},
    {Request::RIGHTS_EXTEND,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return rights_extend(c, a, r.getRightsExtend(), d); },
     [](Response::Builder o) { return o.initRightsExtend(); }},
    {Request::RIGHTS_DECIDE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return rights_decide(c, a, r.getRightsDecide(), d); },
     [](Response::Builder o) { return o.initRightsDecide(); }},
    {Request::RIGHTS_NOTIFIED,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return rights_notified(c, a, r.getRightsNotified(), d); },
     [](Response::Builder o) { return o.initRightsNotified(); }},
    {Request::INQUIRY_RECEIVE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return inquiry_receive(c, a, r.getInquiryReceive(), d); },
     [](Response::Builder o) { return o.initInquiryReceive(); }},
    {Request::INQUIRY_ANSWER,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return inquiry_answer(c, a, r.getInquiryAnswer(), d); },
     [](Response::Builder o) { return o.initInquiryAnswer(); }},
    {Request::GROUP_RECORD,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return group_record(c, a, r.getGroupRecord(), d); },
     [](Response::Builder o) { return o.initGroupRecord(); }},
    {Request::GROUP_CORRECT,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return group_correct(c, a, r.getGroupCorrect(), d); },
     [](Response::Builder o) { return o.initGroupCorrect(); }},
    {Request::SLOTS_PUBLISH,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return slots_publish(c, a, r.getSlotsPublish(), d); },
     [](Response::Builder o) { return o.initSlotsPublish(); }},
    {Request::SLOTS_WITHDRAW,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return slots_withdraw(c, a, r.getSlotsWithdraw(), d); },
     [](Response::Builder o) { return o.initSlotsWithdraw(); }},
    {Request::MATCH_CONFIRM,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return match_confirm(c, a, r.getMatchConfirm(), d); },
     [](Response::Builder o) { return o.initMatchConfirm(); }},
    {Request::CONSENT_GIVE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return consent_give(c, a, r.getConsentGive(), d); },
     [](Response::Builder o) { return o.initConsentGive(); }},
    {Request::CONSENT_DISCLOSE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return consent_disclose(c, a, r.getConsentDisclose(), d); },
     [](Response::Builder o) { return o.initConsentDisclose(); }},
    {Request::CONSENT_UNDISCLOSE,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return consent_undisclose(c, a, r.getConsentUndisclose(), d); },
     [](Response::Builder o) { return o.initConsentUndisclose(); }},
    {Request::CONSENT_DISCLOSED,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return consent_disclosed(c, a, r.getConsentDisclosed(), d); },
     [](Response::Builder o) { return o.initConsentDisclosed(); }},
    {Request::SURVEY_SENT,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return survey_sent(c, a, r.getSurveySent(), d); },
     [](Response::Builder o) { return o.initSurveySent(); }},
    {Request::RESTRICT_LIFT,
     [](Core& c, const Call& a, Request::Reader r, Decision& d) { return restrict_lift(c, a, r.getRestrictLift(), d); },
     [](Response::Builder o) { return o.initRestrictLift(); }},
};

constexpr Query queries[] = {
    {Request::STATUS, [](Core& c, const Call& a, Request::Reader, Response::Builder o) { return status(c, a, o.initStatus()); }},
    {Request::STAFF_LIST,
     [](Core& c, const Call& a, Request::Reader, Response::Builder o) { return staff_list(c, a, o.initStaffList()); }},
    {Request::FORM_SHOW,
     [](Core& c, const Call& a, Request::Reader, Response::Builder o) { return form_show(c, a, o.initFormShow()); }},
    {Request::SUBJECT_FIND, [](Core& c, const Call& a, Request::Reader r,
                               Response::Builder o) { return subject_find(c, a, r.getSubjectFind(), o.initSubjectFind()); }},
    {Request::SUBJECT_SHOW, [](Core& c, const Call& a, Request::Reader r,
                               Response::Builder o) { return subject_show(c, a, r.getSubjectShow(), o.initSubjectShow()); }},
    {Request::SUBJECT_TIMELINE,
     [](Core& c, const Call& a, Request::Reader r, Response::Builder o) {
       return subject_timeline(c, a, r.getSubjectTimeline(), o.initSubjectTimeline());
     }},
    {Request::SUBJECT_STATE, [](Core& c, const Call& a, Request::Reader r,
                                Response::Builder o) { return subject_state(c, a, r.getSubjectState(), o.initSubjectState()); }},
    {Request::EVENTS_FOLLOW, [](Core& c, const Call& a, Request::Reader r,
                                Response::Builder o) { return events_follow(c, a, r.getEventsFollow(), o.initEventsFollow()); }},
    {Request::CALENDAR_SHOW, [](Core& c, const Call& a, Request::Reader r,
                                Response::Builder o) { return calendar_show(c, a, r.getCalendarShow(), o.initCalendarShow()); }},
    {Request::RETENTION_PLAN,
     [](Core& c, const Call& a, Request::Reader r, Response::Builder o) {
       return retention_plan(c, a, r.getRetentionPlan(), o.initRetentionPlan());
     }},
    {Request::RECEIPT_SHOW, [](Core& c, const Call& a, Request::Reader r,
                               Response::Builder o) { return receipt_show(c, a, r.getReceiptShow(), o.initReceiptShow()); }},
    {Request::AUDIT_CHECKPOINT, [](Core& c, const Call& a, Request::Reader,
                                   Response::Builder o) { return audit_checkpoint(c, a, o.initAuditCheckpoint()); }},
    {Request::AUDIT_REPLAY, [](Core& c, const Call& a, Request::Reader r,
                               Response::Builder o) { return audit_replay(c, a, r.getAuditReplay(), o.initAuditReplay()); }},
    {Request::AUDIT_READS, [](Core& c, const Call& a, Request::Reader r,
                              Response::Builder o) { return audit_reads(c, a, r.getAuditReads(), o.initAuditReads()); }},
    {Request::KEYS_STATUS,
     [](Core& c, const Call& a, Request::Reader, Response::Builder o) { return keys_status(c, a, o.initKeysStatus()); }},
    {Request::RIGHTS_LIST, [](Core& c, const Call& a, Request::Reader r,
                              Response::Builder o) { return rights_list(c, a, r.getRightsList(), o.initRightsList()); }},
    {Request::RIGHTS_PACKAGE,
     [](Core& c, const Call& a, Request::Reader r, Response::Builder o) {
       return rights_package(c, a, r.getRightsPackage(), o.initRightsPackage());
     }},
    {Request::INQUIRY_LIST,
     [](Core& c, const Call& a, Request::Reader, Response::Builder o) { return inquiry_list(c, a, o.initInquiryList()); }},
    {Request::GROUP_LIST, [](Core& c, const Call& a, Request::Reader r,
                             Response::Builder o) { return group_list(c, a, r.getGroupList(), o.initGroupList()); }},
    {Request::SLOTS_LIST, [](Core& c, const Call& a, Request::Reader r,
                             Response::Builder o) { return slots_list(c, a, r.getSlotsList(), o.initSlotsList()); }},
    {Request::MATCH_LIST,
     [](Core& c, const Call& a, Request::Reader, Response::Builder o) { return match_list(c, a, o.initMatchList()); }},
    {Request::SURVEY_LIST,
     [](Core& c, const Call& a, Request::Reader, Response::Builder o) { return survey_list(c, a, o.initSurveyList()); }},
    {Request::BACKUP_READ, [](Core& c, const Call& a, Request::Reader r,
                              Response::Builder o) { return backup_read(c, a, r.getBackupRead(), o.initBackupRead()); }},
    {Request::STATS_SHOW, [](Core& c, const Call& a, Request::Reader r,
                             Response::Builder o) { return stats_show(c, a, r.getStatsShow(), o.initStatsShow()); }},
    {Request::STATS_CLOSE, [](Core& c, const Call& a, Request::Reader r,
                              Response::Builder o) { return stats_close(c, a, r.getStatsClose(), o.initStatsClose()); }},
    {Request::STATS_EXPORT, [](Core& c, const Call& a, Request::Reader r,
                               Response::Builder o) { return stats_export(c, a, r.getStatsExport(), o.initStatsExport()); }},
};

}  // namespace

const Command* command_of(Request::Which which) {
  for (const Command& one : commands)
    if (one.which == which) return &one;
  return nullptr;
}

const Query* query_of(Request::Which which) {
  for (const Query& one : queries)
    if (one.which == which) return &one;
  return nullptr;
}

}  // namespace taus::service
