// Queries: what may be seen of what is known. Each read of a client's data by a person is journalled before its answer leaves.
//
// Threads: the core thread. Errors: withheld (the caller may see nothing of it; the denial is journalled), shredded, not_found,
// unauthorized, busy (rows not durable yet: the runtime commits and asks again).
#pragma once

#include "daemon/service/core.h"
#include "eventstore/schema/labels.h"
#include "eventstore/schema/part.h"

namespace taus::service {

// The client's record (reads.cc, subject_view.cc, timeline.cc).
Result<void> subject_find(Core& core, const Call& call, api::Find::Reader in, api::FindResult::Builder out);
Result<void> subject_show(Core& core, const Call& call, api::SubjectRef::Reader in, api::SubjectView::Builder out);
Result<void> subject_state(Core& core, const Call& call, api::SubjectRef::Reader in, api::SubjectStateView::Builder out);
Result<void> subject_timeline(Core& core, const Call& call, api::TimelineQuery::Reader in, api::Timeline::Builder out);
// What happened since a position, as far as the caller may see it; thin (feed.cc). invalid_argument, too_large, not_found: `from`, `limit`.
Result<void> events_follow(Core& core, const Call& call, api::EventsQuery::Reader in, api::EventFeed::Builder out);
// The centre (centre.cc, calendar.cc).
Result<void> status(Core& core, const Call& call, api::Status::Builder out);
Result<void> staff_list(Core& core, const Call& call, api::StaffList::Builder out);
Result<void> form_show(Core& core, const Call& call, api::Form::Builder out);
Result<void> calendar_show(Core& core, const Call& call, api::CalendarQuery::Reader in, api::Calendar::Builder out);
Result<void> retention_plan(Core& core, const Call& call, api::PlanQuery::Reader in, api::Plan::Builder out);
// Statistics (statistics.cc). stats_close stages: version_conflict where the year is closed, invalid_argument where it is not over.
Result<void> stats_show(Core& core, const Call& call, api::StatsQuery::Reader in, api::Stats::Builder out);
Result<void> stats_close(Core& core, const Call& call, api::StatsQuery::Reader in, api::Stats::Builder out);
Result<void> stats_export(Core& core, const Call& call, api::StatsExport::Reader in, api::StatsFile::Builder out);
// The inbox, group sessions, the times that are offered (inquiries.cc, groups.cc, slots.cc).
Result<void> inquiry_list(Core& core, const Call& call, api::InquiryList::Builder out);
Result<void> group_list(Core& core, const Call& call, api::GroupQuery::Reader in, api::GroupList::Builder out);
Result<void> slots_list(Core& core, const Call& call, api::SlotQuery::Reader in, api::SlotList::Builder out);
// Bookings that may be by somebody who came before (matches.cc).
Result<void> match_list(Core& core, const Call& call, api::MatchList::Builder out);
// The rights desk (rights_list.cc, package.cc).
Result<void> rights_list(Core& core, const Call& call, api::RightsQuery::Reader in, api::RightsList::Builder out);
// version_conflict: not yet verified, decided, or of a kind that has no package.
Result<void> rights_package(Core& core, const Call& call, api::RightsRef::Reader in, api::Package::Builder out);
// Whom to invite to the survey now (survey.cc).
Result<void> survey_list(Core& core, const Call& call, api::SurveyList::Builder out);
// Auditors (audit.cc; what reads the whole history is in history.h).
Result<void> receipt_show(Core& core, const Call& call, api::ReceiptQuery::Reader in, api::Receipt::Builder out);
Result<void> audit_checkpoint(Core& core, const Call& call, api::Checkpoint::Builder out);
Result<void> audit_replay(Core& core, const Call& call, api::ReplayQuery::Reader in, api::Replay::Builder out);
Result<void> audit_reads(Core& core, const Call& call, api::SubjectRef::Reader in, api::ReadList::Builder out);

// Shared.
std::string kind_name(schema::ActorKind kind);
Result<void> may_audit(const Call& call);
// not_found: the journal ends before it.
Result<Position> position_of(const Core& core, std::int64_t given);
// The signed note of this tree.
std::string checkpoint_note(const Core& core, const journal::MerkleTree& tree);
// Journals that the caller saw these categories of this subject.
Result<void> journal_read(Core& core, const Call& call, const Subject& subject, Mask categories);
// The same for what is asked again and again (calendars, the feed): once per method, reader, subject, purpose and local day, and again
// where categories come to it.
Result<void> journal_read_today(Core& core, const Call& call, const Subject& subject, Mask categories);
// What was so journalled today is forgotten with the read log it stands in: a purpose may say whose it was.
void forget_consulted(Core& core, Ordinal subject);
// The part of one category of one event, from disk.
Result<schema::PartReader> open_from_disk(const Core& core, Position position, Category category);
// The content of one part as JSON, its references as opaque ids; empty: nothing was given.
Result<std::string> content_json(const Core& core, const schema::PartReader& part);
// Journals the refusal and returns it.
Error deny(Core& core, const Call& call, const Subject& subject, Mask categories, const char* method);
// Categories that are gone and whose reader may know so, although the matrix has no row for what is gone.
Mask told_shredded(const Call& call, const Subject& subject);
schema::State state_of(const Core& core, const Call& call, const Subject& subject, Category category);
// What the fields of these categories are called; then into an answer's `labels`.
std::vector<schema::FieldLabel> labels_of(Mask shown);
void fill_labels(const std::vector<schema::FieldLabel>& from, capnp::List<api::FieldLabel>::Builder out);
void fill_categories(const Core& core, const Call& call, const Subject& subject, capnp::List<api::CategoryView>::Builder out);
std::vector<Category> governed(const Core& core, const Subject& subject);

}  // namespace taus::service
