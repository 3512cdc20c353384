// Random commands of a few frontends' clients over the subjects that the model knows.
//
// Threads: one.
#pragma once

#include <random>

#include "tests/sim/model.h"
#include "tests/support/centre.h"
#include "tests/support/requests.h"

namespace taus::sim {

class Generator {
 public:
  Generator(std::mt19937_64& random, std::string counsellor) : random_(random), counsellor_(std::move(counsellor)) {}

  Command next(const Model& model, Instant now) {
    const std::vector<std::string> subjects = model.subjects();
    Command out;
    out.request_id = "r" + std::to_string(++made_);
    const std::uint64_t dice = below(20);
    if (subjects.size() < 2 || (dice < 3 && subjects.size() < 12)) {
      out.kind = below(4) == 0 ? Kind::question : Kind::form;
      out.payload = (out.kind == Kind::form ? "Navn " : "Spor ") + out.request_id;
    } else {
      static constexpr std::array<Kind, 25> kinds{Kind::book,     Kind::book,   Kind::held,    Kind::mail,     Kind::mail,
                                                  Kind::mail,     Kind::mail,   Kind::mail,    Kind::log,      Kind::log,
                                                  Kind::record,   Kind::record, Kind::shred,   Kind::shred,    Kind::shred,
                                                  Kind::withdraw, Kind::match,  Kind::match,   Kind::conclude, Kind::allow,
                                                  Kind::offer,    Kind::group,  Kind::inquire, Kind::reply,    Kind::reply};
      out.kind = kinds.at(below(kinds.size()));
      if (!of_nobody(out.kind)) out.subject = subjects[below(subjects.size())];
      if (out.kind == Kind::match) {
        out.earlier = subjects[below(subjects.size())];
        out.request_id.front() = match_prefix;
      }
      if (out.kind == Kind::shred && !model.desk(out.subject).decision) out.kind = model.desk(out.subject).next;
      if (out.kind == Kind::inquire || out.kind == Kind::mail || out.kind == Kind::log || out.kind == Kind::allow ||
          of_nobody(out.kind))
        out.payload = "tekst " + out.request_id;
      if (out.kind == Kind::shred) out.categories = some_categories();
    }
    out.frame = test::request_frame([&](test::Ask r) { fill(out, r, now, model.desk(out.subject).decision.value_or(0)); });
    return out;
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  Mask some_categories() {
    static constexpr std::array<Category, 7> may{Category::email, Category::phone, Category::demog, Category::intake,
                                                 Category::case_, Category::corr,  Category::appt};
    Mask out = bit(may.at(below(may.size())));
    while (below(2) == 0) out = static_cast<Mask>(out | bit(may.at(below(may.size()))));
    return out;
  }
  void fill(const Command& command, test::Ask r, Instant now, Position decision) {
    r.setRequestId(command.request_id);
    const std::string& who = command.subject;
    switch (command.kind) {
      case Kind::form: return test::fill_form(r, command.payload, command.request_id + "@example.no", "41234567");
      case Kind::book:
        return test::fill_book(r, who, counsellor_, now + std::chrono::minutes(below(600)), static_cast<int>(5 + below(60)));
      case Kind::held: return test::fill_held(r, who, static_cast<std::int64_t>(1 + below(3)));
      case Kind::mail: return test::fill_message(r, who, "in", command.payload);
      case Kind::log: return test::fill_log(r, who, command.payload);
      case Kind::record: return test::fill_record(r, who, below(2) == 0 ? schema::Gender::MALE : schema::Gender::FEMALE);
      case Kind::conclude: return test::fill_conclude(r, who);
      case Kind::withdraw: return test::fill_withdraw(r, who, below(2) == 0);
      case Kind::ask: r.initRightsOpen().setKind(schema::RightsKind::ERASE); return r.getRightsOpen().setSubject(who);
      case Kind::verify:
        r.initRightsVerify().setRequest(who + ".1");
        return r.getRightsVerify().setMethod(schema::IdentityMethod::KNOWN);
      case Kind::decide:
        r.initRightsDecide().setRequest(who + ".1");
        return r.getRightsDecide().setOutcome(schema::RightsOutcome::FULFILLED);
      case Kind::match: r.initMatchConfirm().setSubject(who); return r.getMatchConfirm().setExisting(command.earlier);
      case Kind::allow: return fill_allow(command, r);
      case Kind::offer: return fill_offer(command, r, now);
      case Kind::group: return fill_group(command, r, now);
      case Kind::question:
        r.initInquiryReceive().setText(command.payload);
        return r.getInquiryReceive().setEmail(command.request_id + "@example.no");
      case Kind::inquire: r.initInquiryReceive().setText(command.payload); return r.getInquiryReceive().setSubject(who);
      case Kind::reply:
        r.initInquiryAnswer().setSubject(who);
        return r.getInquiryAnswer().setNumber(static_cast<std::int64_t>(1 + below(3)));
      case Kind::shred: break;
    }
    auto in = r.initShred();
    in.setSubject(who);
    in.setReason(schema::ShredReason::REQUEST);
    in.setDecision(static_cast<std::int64_t>(decision));
    in.setNoWait(below(2) == 0);
    std::vector<schema::Category> list;
    for (int i = 0; i < category_count; ++i)
      if ((command.categories >> i & 1) != 0) list.push_back(static_cast<schema::Category>(i));
    auto to = in.initCategories(static_cast<unsigned>(list.size()));
    for (unsigned i = 0; i < to.size(); ++i) to.set(i, list[i]);
  }

  static void fill_allow(const Command& command, test::Ask r) {
    auto in = r.initConsentDisclose();
    in.setSubject(command.subject);
    in.setRecipient(command.payload);
    in.setPurpose("arbeidsplan");
    in.initCategories(1).set(0, schema::Category::IDENT);
  }
  void fill_offer(const Command& command, test::Ask r, Instant now) {
    auto in = r.initSlotsPublish();
    in.setCounsellor(counsellor_);
    in.setStart(ms_of(now + std::chrono::minutes(10 + below(20 * 24 * 60))));
    in.setMinutes(static_cast<int>(5 + below(60)));
    in.setCount(static_cast<int>(1 + below(3)));
    in.setChannel(schema::Channel::VIDEO);
    in.setPlace(command.payload);
  }
  void fill_group(const Command& command, test::Ask r, Instant now) {
    auto in = r.initGroupRecord();
    in.setStart(ms_of(now - std::chrono::minutes(60 + below(600))));
    in.setMinutes(45);
    in.setTopic(command.payload);
    in.setParticipants(static_cast<int>(below(30)));
  }

  std::mt19937_64& random_;
  std::string counsellor_;
  std::uint64_t made_ = 0;
};

}  // namespace taus::sim
