// What a command decided: events to append and categories to shred, all or nothing. Handlers validate first and fill a Decision;
// carry_out() then stages it, folds it into the projections and answers.
//
// Threads: the core thread. Durability: staged only. Errors of carry_out: too_large (a part), io, corrupt.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capnp/message.h>

#include "daemon/service/core.h"

namespace taus::service {

// Somebody to whom data was passed on, and what became of it that they must be told (art. 19).
struct Notice {
  std::string recipient;
  schema::NoticeAction action = schema::NoticeAction::ABSENT;
  friend bool operator==(const Notice&, const Notice&) = default;
};

class Decision {
 public:
  explicit Decision(const Call& call) : call_(call) {}
  // A new event on `stream`, head filled in. `only` leaves out the parts of other categories.
  schema::Event::Builder event(Ordinal stream, Mask only = all_categories, const Subject* subject = nullptr);
  void shred(Ordinal subject, Mask categories, schema::ShredReason reason);
  void warn(std::string text) { warnings.push_back(std::move(text)); }

  Ordinal subject = 0;                   // whom the answer is about
  std::optional<std::uint32_t> number;   // appointment
  std::optional<std::uint32_t> request;  // to the rights desk
  std::string due;                       // its deadline
  bool with_link = false;
  bool no_wait = false;
  std::optional<int> late_for;        // an outcome of this closed year
  std::optional<int> late_answer_in;  // a rights request decided after its deadline, in this year
  std::vector<std::string> warnings;
  std::vector<Notice> notify;  // who must be told of it

  struct Planned {
    Ordinal stream;
    Mask only;
    std::unique_ptr<capnp::MallocMessageBuilder> message;
  };
  struct PlannedShred {
    Ordinal subject;
    Mask categories;
    schema::ShredReason reason;
  };
  std::vector<Planned> events;
  std::vector<PlannedShred> shreds;

 private:
  const Call& call_;
};

// What was carried out, for the answer.
struct Carried {
  Position first = 0;
  Position last = 0;
  Version version = 0;
  bool shreds = false;  // the answer waits for the receipt
};

Result<Carried> carry_out(Core& core, const Call& call, Decision& decision);
// S0 of what a decision wants shredded: accepted, and from now on neither read nor added to.
Result<void> accept_shreds(Core& core, const Decision& decision);
// Appends one event (used for reads and the system's own events too).
Result<Appended> append_event(Core& core, Ordinal stream, schema::Event::Reader event, Mask only);
// Plans the shred of `categories`, widened to the whole subject where nothing else lives.
void plan_shred(const Core& core, Decision& decision, const Subject& subject, Mask categories, schema::ShredReason reason);
// Fills a `categories` list of an event from a mask.
template <class Builder>
void set_categories(Mask categories, Builder to) {
  std::vector<schema::Category> list;
  for (int i = 0; i < category_count; ++i)
    if ((categories >> i & 1) != 0) list.push_back(static_cast<schema::Category>(i));
  auto out = to.initCategories(static_cast<unsigned>(list.size()));
  for (unsigned i = 0; i < list.size(); ++i) out.set(i, list[i]);
}

}  // namespace taus::service
