#include "daemon/service/commands.h"
#include "daemon/service/queries.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

constexpr const char* who_may = "the centre's staff record group sessions";
constexpr int years_back_max = 3;

Result<void> check_participants(std::int32_t participants) {
  if (participants >= 0 && participants <= limits::group_participants_max) return {};
  return Error(ErrorCode::invalid_argument, "say how many took part, from 0 to 1000; nobody is named", "/participants");
}

// What is told of a closed year is kept, and counted as late.
void warn_late(const Core& core, Instant start, Decision& out) {
  if (!late(core, start)) return;
  const int year = core.zone->year_of(start);
  if (core.book.closed.contains(year)) out.late_for = year;
  out.warn("late for closed year: the statistics of " + std::to_string(year) + " do not change");
}

}  // namespace

Result<void> group_record(Core& core, const Call& call, api::GroupRecord::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), colleagues, who_may));
  TAUS_TRY_ASSIGN(const Instant start, required_time(in.getStart(), "/start"));
  if (start > call.now)
    return Error(ErrorCode::invalid_argument, "this group session has not begun: record it once it was held", "/start");
  if (start < core.zone->plus_years(call.now, -years_back_max))
    return Error(ErrorCode::invalid_argument, "a group session lies within the last three years: check the date", "/start");
  if (in.getMinutes() < 1 || in.getMinutes() > limits::appointment_minutes_max)
    return Error(ErrorCode::invalid_argument, "a group session lasts from 1 minute to 12 hours", "/minutes");
  TAUS_TRY(check_participants(in.getParticipants()));
  TAUS_TRY(schema::check_text(text_of(in.getTopic()), limits::name_bytes_max, "/topic"));
  out.number = static_cast<std::uint32_t>(core.book.groups.size() + 1);
  auto to = out.event(centre_stream).initGroupSessionHeld().initCentre();
  to.setNumber(*out.number);
  to.setStart(ms_of(start));
  to.setEnd(ms_of(start + std::chrono::minutes(in.getMinutes())));
  to.setChannel(in.getChannel());
  if (in.hasTopic()) to.setTopic(in.getTopic());
  to.setParticipants(static_cast<std::uint32_t>(in.getParticipants()));
  warn_late(core, start, out);
  return {};
}

Result<void> group_correct(Core& core, const Call& call, api::GroupCorrect::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), colleagues, who_may));
  const auto& groups = core.book.groups;
  if (in.getNumber() < 1 || static_cast<std::uint64_t>(in.getNumber()) > groups.size())
    return Error(ErrorCode::not_found, "there is no group session of that number: see 'group list'", "/number");
  const YearBook::Group& group = groups[static_cast<std::size_t>(in.getNumber() - 1)];
  if (group.cancelled)
    return Error(ErrorCode::version_conflict, "this group session was taken out: record it anew if it was held", "/number");
  if (in.getCancelled() == (in.getParticipants() >= 0))
    return Error(ErrorCode::invalid_argument, "give the right number of participants, or that it was not held", "/participants");
  if (!in.getCancelled()) TAUS_TRY(check_participants(in.getParticipants()));
  out.number = static_cast<std::uint32_t>(in.getNumber());
  auto to = out.event(centre_stream).initGroupSessionCorrected().initCentre();
  to.setNumber(*out.number);
  to.setCancelled(in.getCancelled());
  to.setParticipants(in.getCancelled() ? 0 : static_cast<std::uint32_t>(in.getParticipants()));
  warn_late(core, group.start, out);
  return {};
}

Result<void> group_list(Core& core, const Call& call, api::GroupQuery::Reader in, api::GroupList::Builder out) {
  TAUS_TRY(require(standing(call), group_readers, who_may));
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < core.book.groups.size(); ++i)
    if (in.getYear() < 0 || core.zone->year_of(core.book.groups[i].start) == in.getYear()) wanted.push_back(i);
  auto list = out.initSessions(static_cast<unsigned>(wanted.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const YearBook::Group& from = core.book.groups[wanted[i]];
    auto to = list[i];
    to.setNumber(static_cast<std::int64_t>(wanted[i] + 1));
    to.setStart(ms_of(from.start));
    to.setEnd(ms_of(from.end));
    to.setChannel(from.channel);
    if (!from.topic.empty()) to.setTopic(from.topic);
    to.setParticipants(from.participants);
    to.setCancelled(from.cancelled);
  }
  return {};
}

}  // namespace taus::service
