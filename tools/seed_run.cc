#include "tools/seed_run.h"

#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <vector>

#include <capnp/message.h>

#include "daemon/protocol/exit_code.h"
#include "eventstore/base/limits.h"
#include "tools/client.h"
#include "tools/seed_plan.h"

namespace taus::tools {
namespace {

constexpr std::size_t pipelined_max = limits::requests_in_flight_max / 2;
constexpr double turn_up = 0.835;
constexpr double called_off = 0.045;  // of all appointments; who does not turn up otherwise just stays away
constexpr unsigned first_hour = 8, hours_a_day = 8;
constexpr std::size_t clients_a_counsellor = 200;

using Build = std::function<void(api::Request::Builder)>;
using Take = std::function<void(api::Response::Reader)>;

// Requests of one connection, sent many at a time; their order is the order they happen in.
class Batch {
 public:
  explicit Batch(Client client) : client_(std::move(client)) {}

  Result<void> add(const Build& build, Take take = {}) {
    capnp::MallocMessageBuilder message;
    auto request = message.initRoot<api::Request>();
    request.setId(++sent_);
    build(request);
    client_.queue(message);
    waiting_.push_back(std::move(take));
    return waiting_.size() < pipelined_max ? Result<void>() : finish();
  }

  Result<void> finish() {
    TAUS_TRY(client_.flush());
    std::vector<Take> waiting;
    waiting.swap(waiting_);
    for (const Take& take : waiting) {
      TAUS_TRY_ASSIGN(const std::unique_ptr<Reply> reply, client_.receive());
      const auto response = reply->get();
      if (response.isError()) {
        const auto error = response.getError();
        return Error(protocol::error_code_of(error.getCode().cStr()).value_or(ErrorCode::io),
                     std::string("The daemon refused request ") + std::to_string(response.getId()) +
                         " of the synthetic year: " + error.getMessage().cStr(),
                     error.getPointer().cStr());
      }
      if (take) take(response);
    }
    return {};
  }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

 private:
  Client client_;
  std::uint64_t sent_ = 0;
  std::vector<Take> waiting_;
};

struct Case {
  SeedPerson person;
  std::string subject;
  std::size_t counsellor = 0;
  int held = 0;
  bool over = false;
};

enum class Fate : unsigned char { held, no_show, cancelled };

struct Slot {
  std::size_t of;  // which case
  std::int64_t start;
  Fate fate;
};

schema::Channel channel_of(const std::string& name) {
  return name == "video" ? schema::Channel::VIDEO : name == "phone" ? schema::Channel::PHONE : schema::Channel::IN_PERSON;
}

schema::Gender gender_of(const std::string& name) {
  return name == "female"  ? schema::Gender::FEMALE
         : name == "male"  ? schema::Gender::MALE
         : name == "other" ? schema::Gender::OTHER
                           : schema::Gender::UNKNOWN;
}

class Year {
 public:
  Year(Batch& frontend, Batch& op, const Zone& zone, SeedRandom& random, SeedResult& result)
      : frontend_(frontend), op_(op), zone_(zone), random_(random), result_(result) {}

  Result<void> staff(std::size_t clients);
  Result<void> form();
  Result<void> play(int year, std::size_t clients);
  Result<void> set_clock(const Zone::Date& date, unsigned hour, unsigned minute);
  [[nodiscard]] bool telemark() const { return !fields_.contains("nationality"); }

 private:
  [[nodiscard]] Result<std::int64_t> at(const Zone::Date& date, unsigned hour, unsigned minute) const;
  Result<void> morning(const Zone::Date& today, std::size_t& next, int day);
  Result<void> evening(const Zone::Date& today);
  Result<void> request(Case& one);
  Result<void> book(std::size_t index, const Zone::Date& today, int lead);
  Result<void> outcome(const Slot& slot, const Zone::Date& today);
  Result<void> held(Case& one, std::size_t index, const Zone::Date& today);
  Result<void> record(const Case& one);
  Result<void> log(const Case& one);
  Result<void> message(const Case& one, bool from_client);
  void ask_as(const Case& one, api::Request::Builder to) const { to.setAs(counsellors_[one.counsellor]); }
  void say(const Zone::Date& today);

  Batch& frontend_;
  Batch& op_;
  const Zone& zone_;
  SeedRandom& random_;
  SeedResult& result_;
  std::vector<std::string> counsellors_;
  std::string notice_;
  schema::ConsentAct act_ = schema::ConsentAct::ABSENT;
  std::set<std::string> fields_;
  std::vector<Case> cases_;
  std::map<Zone::Date, std::vector<Slot>> diary_;
  std::vector<std::set<std::int64_t>> taken_;  // by counsellor: starts
  unsigned month_ = 0;
};

Result<std::int64_t> Year::at(const Zone::Date& date, unsigned hour, unsigned minute) const {
  const auto two = [](unsigned n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  TAUS_TRY_ASSIGN(const Instant time, zone_.parse_time(Zone::format_date(date) + 'T' + two(hour) + ':' + two(minute)));
  return ms_of(time);
}

Result<void> Year::set_clock(const Zone::Date& date, unsigned hour, unsigned minute) {
  TAUS_TRY_ASSIGN(const std::int64_t time, at(date, hour, minute));
  TAUS_TRY(op_.add([&](auto to) { to.initDevClockSet().setAt(time); },
                   [this](auto reply) { result_.shredded += reply.getDevClockSet().getShredded(); }));
  return op_.finish();
}

Result<void> Year::staff(std::size_t clients) {
  const std::size_t count = 2 + clients / clients_a_counsellor;
  for (std::size_t i = 0; i < count; ++i) {
    TAUS_TRY(op_.add(
        [i](auto to) {
          auto one = to.initStaffAdd();
          one.setName("Veileder " + std::to_string(i + 1));
          one.initRoles(1).set(0, schema::Role::COUNSELLOR);
          one.setConfidentialitySigned("2020-01-02");
        },
        [this](auto reply) { counsellors_.emplace_back(reply.getStaffAdd().getSubject().cStr()); }));
  }
  taken_.resize(count);
  return op_.finish();
}

Result<void> Year::form() {
  TAUS_TRY(frontend_.add([](auto to) { to.initFormShow(); },
                         [this](auto reply) {
                           const auto form = reply.getFormShow();
                           notice_ = form.getNotice().cStr();
                           act_ = form.getAct();
                           result_.profile = form.getProfile().cStr();
                           for (const auto field : form.getFields()) fields_.insert(field.getName().cStr());
                         }));
  return frontend_.finish();
}

Result<void> Year::request(Case& one) {
  const SeedPerson& person = one.person;
  const auto build = [&](api::Request::Builder to) {
    auto form = to.initBookingRequest();
    form.setName(person.name);
    form.setEmail(person.email);
    form.setPhone(person.phone);
    form.setMunicipalityCode(person.municipality);
    form.setAgeYears(person.age);
    form.initFocusAreas(1).set(0, person.focus);
    form.setChannel(channel_of(person.channel));
    if (fields_.contains("gender")) form.setGender(gender_of(person.gender));
    if (fields_.contains("nationality")) form.setNationality(person.nationality);
    if (fields_.contains("motherTongue")) form.setMotherTongue(person.mother_tongue);
    if (fields_.contains("currentSituation")) form.setCurrentSituation(person.situation);
    if (fields_.contains("accommodationNeed") && !person.need.empty()) form.setAccommodationNeed(person.need);
    auto consent = form.initConsent();
    consent.setNotice(notice_);
    consent.setAct(act_);
    consent.setLanguage("nb");
  };
  Case* const to = &one;  // cases_ does not grow within a year
  return frontend_.add(build, [to](auto reply) { to->subject = reply.getBookingRequest().getSubject().cStr(); });
}

// The first free hour of the counsellor, `lead` days ahead or later.
Result<void> Year::book(std::size_t index, const Zone::Date& today, int lead) {
  Case& one = cases_[index];
  std::set<std::int64_t>& taken = taken_[one.counsellor];
  for (Zone::Date date = Zone::plus_days(today, lead);; date = Zone::plus_days(date, 1)) {
    if (!seed_working_day(date)) continue;
    const unsigned first = static_cast<unsigned>(random_.below(hours_a_day));
    for (unsigned i = 0; i < hours_a_day; ++i) {
      TAUS_TRY_ASSIGN(const std::int64_t start, at(date, first_hour + (first + i) % hours_a_day, 0));
      if (!taken.insert(start).second) continue;
      const bool comes = one.person.sessions > 0 && random_.chance(turn_up);
      const Fate fate = comes ? Fate::held : random_.chance(called_off / (1 - turn_up)) ? Fate::cancelled : Fate::no_show;
      diary_[date].push_back({.of = index, .start = start, .fate = fate});
      if (one.person.sessions > 0) ++result_.appointments;
      return frontend_.add([&](auto to) {
        ask_as(one, to);
        auto booking = to.initBookingBook();
        booking.setSubject(one.subject);
        booking.setCounsellor(counsellors_[one.counsellor]);
        booking.setStart(start);
        booking.setMinutes(60);
        booking.setChannel(channel_of(one.person.channel));
      });
    }
  }
}

Result<void> Year::message(const Case& one, bool from_client) {
  ++result_.messages;
  return frontend_.add([&](auto to) {
    ask_as(one, to);
    auto message = to.initMessageAdd();
    message.setSubject(one.subject);
    message.setDirection(from_client ? "in" : "out");
    message.setChannel(schema::Channel::EMAIL);
    message.setTitle(from_client ? "Spørsmål før timen" : "Timen din");
    message.setBody(from_client ? "Hei! Er det noe jeg bør ta med til timen?"
                                : "Hei! Vi bekrefter timen din. Si fra om den ikke passer.");
  });
}

Result<void> Year::record(const Case& one) {
  if (!telemark()) return {};
  return frontend_.add([&](auto to) {
    ask_as(one, to);
    auto facts = to.initSubjectRecord();
    facts.setSubject(one.subject);
    facts.setCollectedVia(schema::Collected::SESSION);
    facts.setGender(gender_of(one.person.gender));
    facts.setCountryOfOrigin(one.person.nationality);
    facts.setEducationLevel(one.person.education);
    auto labour = facts.initLabourStatus(one.person.labour_also.empty() ? 1 : 2);
    labour.set(0, one.person.labour);
    if (labour.size() > 1) labour.set(1, one.person.labour_also);
  });
}

Result<void> Year::log(const Case& one) {
  ++result_.logs;
  return frontend_.add([&](auto to) {
    ask_as(one, to);
    auto log = to.initLogWrite();
    log.setSubject(one.subject);
    log.setOrder(one.person.situation);
    log.setFocus(one.person.focus);
    log.setIssuesNext("Hva som er realistisk på kort sikt");
    log.setTasksNext("Lese om to alternativer");
    log.setAttestNoSpecial(true);
  });
}

Result<void> Year::held(Case& one, std::size_t index, const Zone::Date& today) {
  ++result_.sessions;
  if (++one.held == 1) {
    TAUS_TRY(record(one));
    ++result_.clients;
    if (one.person.gender == "female") ++result_.women;
  }
  if (one.held < one.person.sessions) {
    TAUS_TRY(book(index, today, 7 + static_cast<int>(random_.below(8))));
    return log(one);
  }
  one.over = true;
  if (!one.person.explicit_end) return {};
  ++result_.concluded;
  return frontend_.add([&](auto to) {
    ask_as(one, to);
    to.initSubjectConclude().setSubject(one.subject);
  });
}

Result<void> Year::outcome(const Slot& slot, const Zone::Date& today) {
  Case& one = cases_[slot.of];
  if (slot.fate == Fate::held) {
    TAUS_TRY(frontend_.add([&](auto to) {
      ask_as(one, to);
      to.initBookingHeld().setSubject(one.subject);
    }));
    return held(one, slot.of, today);
  }
  TAUS_TRY(frontend_.add([&](auto to) {
    ask_as(one, to);
    if (slot.fate == Fate::no_show) {
      to.initBookingNoShow().setSubject(one.subject);
    } else {
      auto cancel = to.initBookingCancel();
      cancel.setSubject(one.subject);
      cancel.setBy(schema::Party::CLIENT);
    }
  }));
  if (one.person.sessions == 0) return {};
  ++(slot.fate == Fate::no_show ? result_.no_shows : result_.cancelled);
  return book(slot.of, today, 3 + static_cast<int>(random_.below(5)));
}

// Forms come in, and each gets an appointment, a confirmation and now and then an answer. Who calls off does it now.
Result<void> Year::morning(const Zone::Date& today, std::size_t& next, int day) {
  const std::size_t begin = next;
  while (next < cases_.size() && cases_[next].person.day <= day) TAUS_TRY(request(cases_[next++]));
  TAUS_TRY(frontend_.finish());
  for (std::size_t i = begin; i < next; ++i) {
    if (cases_[i].person.sessions == 0) ++result_.never_served;
    TAUS_TRY(book(i, today, 3 + static_cast<int>(random_.below(12))));
    TAUS_TRY(message(cases_[i], false));
    if (random_.chance(0.3)) TAUS_TRY(message(cases_[i], true));
  }
  const std::vector<Slot> slots = diary_[today];  // booking below may write into the diary
  for (const Slot& slot : slots)
    if (slot.fate == Fate::cancelled) TAUS_TRY(outcome(slot, today));
  return frontend_.finish();
}

Result<void> Year::evening(const Zone::Date& today) {
  const std::vector<Slot> slots = std::move(diary_[today]);
  diary_.erase(today);
  for (const Slot& slot : slots)
    if (slot.fate != Fate::cancelled) TAUS_TRY(outcome(slot, today));
  return frontend_.finish();
}

void Year::say(const Zone::Date& today) {
  if (today.month == month_) return;
  month_ = today.month;
  std::cerr << Zone::format_date(today).substr(0, 7) << ": " << result_.clients << " clients served, " << result_.sessions
            << " sessions\n";
}

Result<void> Year::play(int year, std::size_t clients) {
  cases_.clear();
  diary_.clear();  // what slipped over the New Year is left to the rules
  for (SeedPerson& person : seed_people(random_, clients, year, telemark()))
    cases_.push_back({.person = std::move(person), .subject = {}});
  for (Case& one : cases_) one.counsellor = static_cast<std::size_t>(random_.below(counsellors_.size()));
  std::size_t next = 0;
  Zone::Date today{.year = year, .month = 1, .day = 1};
  for (int day = 0; today.year == year; today = Zone::plus_days(today, 1), ++day) {
    say(today);
    if (!seed_working_day(today)) continue;
    TAUS_TRY(set_clock(today, 7, 30));
    TAUS_TRY(morning(today, next, day));
    if (!diary_.contains(today)) continue;
    TAUS_TRY(set_clock(today, 16, 30));
    TAUS_TRY(evening(today));
  }
  return set_clock({.year = year, .month = 12, .day = 31}, 16, 0);
}

}  // namespace

Result<SeedResult> run_seed(const SeedOrder& order) {
  TAUS_TRY_ASSIGN(const Zone zone, Zone::load());
  TAUS_TRY_ASSIGN(Client frontend_client, Client::connect(order.frontend));
  TAUS_TRY_ASSIGN(Client op_client, Client::connect(order.op));
  Batch frontend(std::move(frontend_client));
  Batch op(std::move(op_client));
  SeedResult result;
  std::int64_t now = 0;
  TAUS_TRY(op.add([](auto to) { to.initStatus(); }, [&](auto reply) { now = reply.getStatus().getNow(); }));
  TAUS_TRY(op.finish());
  const Zone::Date today = zone.date_of(instant_of_ms(now));
  const int first = today.month == 1 && today.day <= 10 ? today.year : today.year + 1;
  SeedRandom random(order.seed);
  Year play(frontend, op, zone, random, result);
  if (first > today.year) TAUS_TRY(play.set_clock({.year = first, .month = 1, .day = 1}, 8, 0));
  TAUS_TRY(play.form());
  TAUS_TRY(play.staff(order.clients));
  for (int year = first; year < first + order.years; ++year) TAUS_TRY(play.play(year, order.clients));
  result.from = Zone::format_date({.year = first, .month = 1, .day = 1});
  result.to = Zone::format_date({.year = first + order.years - 1, .month = 12, .day = 31});
  TAUS_TRY(op.add([](auto to) { to.initStatus(); }, [&](auto reply) { result.position = reply.getStatus().getPosition(); }));
  TAUS_TRY(op.finish());
  result.commands = frontend.sent();
  return result;
}

}  // namespace taus::tools
