#include "daemon/service/rights_desk.h"

#include <algorithm>
#include <charconv>

namespace taus::service {

namespace {

constexpr int soon_days = 14;
constexpr int urgent_days = 3;

Error no_such_request() { return {ErrorCode::not_found, "no such request: see 'rights list'", "/request"}; }

// A position of the journal leads to the client whose request was received there.
Result<RightsCase> at_position(const Core& core, Position position) {
  if (position >= core.store->journal().next_position()) return no_such_request();
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
  if (leaf.stream == centre_stream) return no_such_request();
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(core.store->id_of(leaf.stream), "/request"));
  const auto it = std::find_if(subject->requests.begin(), subject->requests.end(),
                               [&](const RightsState& one) { return one.position == position; });
  if (it == subject->requests.end()) return no_such_request();
  return RightsCase{.subject = subject, .request = &*it};
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<RightsCase> request_named(const Core& core, std::string_view text) {
  if (text.empty()) return Error(ErrorCode::invalid_argument, "say which request: what 'rights open' answered", "/request");
  if (Position position = 0; read_number(text, position)) return at_position(core, position);
  const std::size_t dot = text.rfind('.');
  std::uint32_t number = 0;
  if (dot == std::string_view::npos || !read_number(text.substr(dot + 1), number)) return no_such_request();
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text.substr(0, dot), "/request"));
  const RightsState* request = subject->request(number);
  if (request == nullptr) return no_such_request();
  return RightsCase{.subject = subject, .request = request};
}

std::string request_name(const Core& core, const Subject& subject, std::uint32_t number) {
  return core.store->id_of(subject.ordinal) + "." + std::to_string(number);
}

bool may_read_request(const Core& core, const Call& call, const Subject& subject, const RightsState& request) {
  const bool complaint = request.kind == schema::RightsKind::COMPLAINT;
  return policy::may_read(access_to(core, call, subject, Category::rights, complaint));
}

bool about_complaint(schema::Event::Reader event) {
  const auto is = [](schema::RightsKind kind) { return kind == schema::RightsKind::COMPLAINT; };
  switch (event.which()) {
    case schema::Event::RIGHTS_REQUEST_RECEIVED: return is(event.getRightsRequestReceived().getRights().getKind());
    case schema::Event::RIGHTS_IDENTITY_VERIFIED: return is(event.getRightsIdentityVerified().getRights().getKind());
    case schema::Event::RIGHTS_DEADLINE_EXTENDED: return is(event.getRightsDeadlineExtended().getRights().getKind());
    case schema::Event::RIGHTS_REQUEST_DECIDED: return is(event.getRightsRequestDecided().getRights().getKind());
    default: return false;
  }
}

Instant deadline_of(const Core& core, const RightsState& request) {
  const Result<Zone::Date> due = Zone::parse_date(request.due);
  TAUS_CHECK(due);  // written by this daemon
  const Result<Instant> over = core.zone->start_of_day(Zone::format_date(Zone::plus_days(*due, 1)));
  TAUS_CHECK(over);
  return *over;
}

int days_left(const Core& core, const RightsState& request, Instant now) {
  const auto day = [](const Zone::Date& d) {
    return std::chrono::sys_days(std::chrono::year(d.year) / static_cast<int>(d.month) / static_cast<int>(d.day));
  };
  const Result<Zone::Date> due = Zone::parse_date(request.due);
  TAUS_CHECK(due);
  return static_cast<int>((day(*due) - day(core.zone->date_of(now))).count());
}

std::string_view alarm_of(int left) {
  if (left < 0) return "late";
  if (left <= urgent_days) return "urgent";
  return left <= soon_days ? "soon" : "";
}

}  // namespace taus::service
