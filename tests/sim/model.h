// What must be true after everything that was acknowledged, in plain maps, and the comparison with the real store.
//
// Threads: one. A comparison wants everything durable and no shred pending.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/service/service.h"
#include "eventstore/schema/category.h"
#include "eventstore/schema/event.capnp.h"

namespace taus::sim {

enum class Kind {
  form,
  book,
  held,
  mail,
  log,
  record,
  conclude,
  shred,
  withdraw,
  ask,
  verify,
  decide,
  allow,
  offer,
  group,
  question,
  inquire,
  reply,
  match
};

// Begins the request ids of matches, which tell a booking and its mail again: of their events only the match itself counts.
inline constexpr char match_prefix = 'm';

// Of nobody: a counsellor's own times, the centre's group sessions. What they leave is neither shredded nor concluded.
inline bool of_nobody(Kind kind) { return kind == Kind::offer || kind == Kind::group; }

// One request of one client.
struct Command {
  Kind kind = Kind::mail;
  std::string request_id;
  std::string subject;  // id; of a form: once it is answered
  std::string earlier;  // of a match: the record that the subject's booking joins
  std::string payload;  // what is looked for in the journal afterwards, if anything
  Mask categories = 0;  // of a shred
  Bytes frame;
  bool ambiguous = false;  // the power went before its answer came
};

class Model {
 public:
  // The answer of a command came: position of its last event.
  void acknowledged(const Command& command, Position position, const std::string& subject);
  // It was refused, at its first sending: nothing of it may exist.
  void refused(const Command& command) { refused_.insert(command.request_id); }
  // The answer was "shredded".
  void found_shredded(const Command& command);
  // Nobody knows whether it happened until it is sent again.
  void in_doubt(const Command& command, bool yes);
  // A request to erase is on its way: whatever is withdrawn from now on may keep it.
  void asked(const Command& command) { desk_[command.subject].asked = true; }
  // The rules may by now have concluded or shredded anything that is there.
  void time_passed();

  // Empty, or what disagrees.
  [[nodiscard]] std::string disagreement(service::Service& service);
  // Ids of the keys that receipts say were destroyed, as of the last comparison.
  [[nodiscard]] const std::set<Bytes>& destroyed_keys() const { return destroyed_; }

  [[nodiscard]] std::vector<std::string> subjects() const;  // clients not known to be gone
  // How far a subject's request to erase is, by answers: the kind that comes next, and the decision there is.
  struct Desk {
    bool asked = false;
    Kind next = Kind::ask;
    std::optional<Position> decision;
  };
  [[nodiscard]] Desk desk(const std::string& subject) const {
    const auto it = desk_.find(subject);
    return it == desk_.end() ? Desk{} : it->second;
  }
  [[nodiscard]] std::size_t acknowledgements() const { return done_.size(); }

 private:
  struct Client {
    Mask live = 0;
    bool gone = false;
    bool by_rules = false;         // anything the rules do may have happened to it
    std::set<std::string> doubts;  // request ids in doubt
    [[nodiscard]] bool certain() const { return !by_rules && doubts.empty(); }
  };
  struct Done {
    Kind kind;
    std::string subject;
    std::string payload;
    Position position;
    bool dead = false;  // its category was shredded afterwards
  };
  // What the journal says of one request id.
  struct Found {
    int times = 0;
    std::string payload;
  };
  struct Reading;

  void add(const std::string& subject, Mask categories) {
    Client& client = clients_[subject];
    if (!client.gone) client.live = static_cast<Mask>(client.live | categories);
  }
  void shred(const std::string& subject, Mask categories, Position position);
  void joined(const Command& command, Position position);
  std::string read_leaf(const EventStore& store, const journal::Leaf& leaf, Reading& reading);
  [[nodiscard]] std::string compare_commands(const Reading& reading) const;
  [[nodiscard]] std::string compare_clients(const EventStore& store, const Reading& reading) const;

  std::map<std::string, Client> clients_;
  std::map<std::string, Desk> desk_;
  std::map<std::string, Done> done_;                                      // by request id
  std::map<std::string, std::vector<std::pair<Position, Mask>>> shreds_;  // acknowledged, by subject
  std::set<std::string> refused_;
  std::set<std::string> askers_;                           // who came by a question: the answer ends it
  std::set<std::pair<Position, std::size_t>> dead_parts_;  // seen shredded once
  std::set<Bytes> destroyed_;
  Position last_ = 0;
};

}  // namespace taus::sim
