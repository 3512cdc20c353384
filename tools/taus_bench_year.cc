#include "tools/taus_bench_year.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "tools/taus_bench_centre.h"
#include "tools/taus_bench_report.h"

namespace taus::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t counsellors_max = 1000;
constexpr int session_days = 26;  // none so old that its case would be over
constexpr int session_minutes = 30;
constexpr int asked = 20;
constexpr double seconds_min = 0.1;
constexpr std::size_t weeks = 100;
constexpr std::size_t came_back = 1000;  // at most

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int this_year() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  return parts.tm_year + 1900;
}

void fill_booking(std::size_t number, api::BookingForm::Builder form) {
  static constexpr const char* towns[] = {"3905", "3907", "3901", "4003", "4036", "3909"};
  form.setName("Kari Eksempel " + std::to_string(number));
  form.setEmail("kari" + std::to_string(number) + "@example.no");
  form.setPhone("+47" + std::to_string(90'000'000 + number));
  form.setMunicipalityCode(towns[number % std::size(towns)]);
  form.setAgeYears(static_cast<std::int32_t>(18 + number % 50));
  form.initFocusAreas(1).set(0, number % 3 == 0 ? "utdanning" : "yrkesvalg");
  auto consent = form.initConsent();
  consent.setNotice("VT-2022-09-15");
  consent.setAct(schema::ConsentAct::CHECKBOX);
  consent.setLanguage("nb");
}

void fill_record(std::size_t number, api::Record::Builder facts) {
  facts.setCollectedVia(schema::Collected::SESSION);
  facts.setGender(number % 5 < 3 ? schema::Gender::FEMALE : schema::Gender::MALE);
  facts.setCountryOfOrigin(number % 4 == 0 ? "PL" : "NO");
  facts.setEducationLevel(std::to_string(number % 9));
  facts.initLabourStatus(1).set(0, number % 2 == 0 ? "work" : "jobSeeking");
}

}  // namespace

// Milliseconds of one request.
template <class Ask>
Result<double> Year::once(const Ask& ask) {
  const auto begin = Steady::now();
  TAUS_TRY(each(
      client_, 1, [&](std::size_t, api::Request::Builder request) { ask(request); }, [](std::size_t, api::Response::Reader) {}));
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

Result<std::unique_ptr<Year>> Year::open(const std::string& program, const std::string& directory, std::size_t clients) {
  TAUS_TRY_ASSIGN(std::unique_ptr<Centre> centre, Centre::open(program, directory, 0));
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(centre->socket()));
  std::unique_ptr<Year> out(new Year(std::move(centre), std::move(client)));
  TAUS_TRY(out->populate(clients));
  return out;
}

Result<void> Year::populate(std::size_t clients) {
  clients_ = clients;
  counsellors_.resize(std::min(counsellors_max, std::max<std::size_t>(1, clients / 100)));
  const auto hire = [](std::size_t i, api::Request::Builder request) {
    auto staff = request.initStaffAdd();
    staff.setName("Ingrid Rådgiver " + std::to_string(i));
    staff.setConfidentialitySigned("2025-01-02");
    staff.initRoles(1).set(0, schema::Role::COUNSELLOR);
  };
  TAUS_TRY(each(client_, counsellors_.size(), hire,
                [&](std::size_t i, api::Response::Reader reply) { counsellors_[i] = reply.getStaffAdd().getSubject().cStr(); }));
  const auto ignore = [](std::size_t, api::Response::Reader) {};
  std::vector<std::string> ids(clients);
  TAUS_TRY(each(
      client_, clients, [](std::size_t i, api::Request::Builder request) { fill_booking(i, request.initBookingRequest()); },
      [&](std::size_t i, api::Response::Reader reply) { ids[i] = reply.getBookingRequest().getSubject().cStr(); }));
  const std::int64_t minute = 60'000;
  const std::int64_t first = now_ms() / minute * minute - session_days * std::int64_t{24} * 60 * minute;
  const std::int64_t each_counsellors = static_cast<std::int64_t>((clients + counsellors_.size() - 1) / counsellors_.size());
  const std::int64_t apart = std::max<std::int64_t>(
      session_minutes * minute, (session_days - 1) * std::int64_t{24} * 60 * minute / each_counsellors / minute * minute);
  const auto book = [&](std::size_t i, api::Request::Builder request) {
    auto to = request.initBookingBook();
    to.setSubject(ids[i]);
    to.setCounsellor(counsellors_[i % counsellors_.size()]);
    to.setStart(first + apart * static_cast<std::int64_t>(i / counsellors_.size()));
    to.setMinutes(session_minutes);
    to.setChannel(i % 4 == 0 ? schema::Channel::VIDEO : schema::Channel::IN_PERSON);
  };
  TAUS_TRY(each(client_, clients, book, ignore));
  TAUS_TRY(each(
      client_, clients, [&](std::size_t i, api::Request::Builder request) { request.initBookingHeld().setSubject(ids[i]); },
      ignore));
  const auto record = [&](std::size_t i, api::Request::Builder request) {
    auto facts = request.initSubjectRecord();
    facts.setSubject(ids[i]);
    fill_record(i, facts);
  };
  TAUS_TRY(each(client_, clients, record, ignore));
  year_ = this_year();
  return {};
}

// Processor time of the daemon for one answer, so that other work on the machine does not count.
template <class Ask>
Result<double> Year::processor(const Ask& ask) {
  const double before = centre_->processor_seconds();
  double used = 0;
  int answers = 0;
  while (answers < asked || used < seconds_min) {  // the kernel counts in hundredths
    TAUS_TRY(once(ask));
    ++answers;
    used = centre_->processor_seconds() - before;
  }
  return used * 1000 / answers;
}

Result<double> Year::statistics() {
  return processor([&](api::Request::Builder request) { request.initStatsShow().setYear(year_); });
}

Result<double> Year::calendar_week() {
  std::vector<double> out;
  for (std::size_t i = 0; i < std::min(weeks, counsellors_.size()); ++i) {
    const auto week = [&](api::Request::Builder request) { request.initCalendarShow().setCounsellor(counsellors_[i]); };
    TAUS_TRY(once(week));
    TAUS_TRY_ASSIGN(const double second, once(week));
    out.push_back(second);
  }
  return median(std::move(out));
}

// What is due by now: every client is looked at, and nothing is listed.
Result<double> Year::retention_plan() {
  return processor([](api::Request::Builder request) { request.initRetentionPlan().setAt(now_ms()); });
}

Result<double> Year::match_list() {
  if (!came_back_) {
    TAUS_TRY(each(
        client_, std::min(came_back, clients_),
        [](std::size_t i, api::Request::Builder request) { fill_booking(i, request.initBookingRequest()); },
        [](std::size_t, api::Response::Reader) {}));
    came_back_ = true;
  }
  return processor([&](api::Request::Builder request) {
    request.setAs(counsellors_.front());
    request.initMatchList();
  });
}

}  // namespace taus::bench
