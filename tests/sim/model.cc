#include "tests/sim/model.h"

#include "eventstore/schema/part.h"

namespace taus::sim {

namespace {

// The category whose shred takes the command's event away.
Category category_of(Kind kind) {
  switch (kind) {
    case Kind::form: return Category::ident;
    case Kind::book:
    case Kind::held: return Category::appt;
    case Kind::mail: return Category::corr;
    case Kind::log:
    case Kind::conclude: return Category::case_;
    case Kind::record: return Category::demog;
    case Kind::shred: return Category::audit;
    case Kind::withdraw: return Category::consent;
    case Kind::ask:
    case Kind::verify:
    case Kind::decide: return Category::rights;
    case Kind::allow: return Category::consent;
    case Kind::match: return Category::ident;
    case Kind::question:
    case Kind::inquire:
    case Kind::reply: return Category::intake;
    case Kind::offer: return Category::staff;
    case Kind::group: return Category::centre;
  }
  return Category::centre;
}

Mask touched_by(Kind kind) {
  if (kind == Kind::question)
    return static_cast<Mask>(bit(Category::ident) | bit(Category::email) | bit(Category::phone) | bit(Category::intake));
  if (kind != Kind::form && kind != Kind::match) return bit(category_of(kind));
  return static_cast<Mask>(bit(Category::ident) | bit(Category::email) | bit(Category::phone) | bit(Category::demog) |
                           bit(Category::intake) | bit(Category::appt) | bit(Category::consent));
}

// The one event of a command that stands for it; the text of it that the client chose.
std::optional<std::string> payload_of(schema::Event::Reader event, int category) {
  switch (event.which()) {
    case schema::Event::BOOKING_REQUESTED:
      return category == number(Category::ident) ? std::string(event.getBookingRequested().getIdent().getName().cStr()) : "";
    case schema::Event::MESSAGE_RECEIVED: return std::string(event.getMessageReceived().getCorr().getBody().cStr());
    case schema::Event::SESSION_LOG_WRITTEN: return std::string(event.getSessionLogWritten().getCase().getOrder().cStr());
    case schema::Event::DISCLOSURE_CONSENT_GIVEN:
      return std::string(event.getDisclosureConsentGiven().getConsent().getRecipient().cStr());
    case schema::Event::SLOTS_PUBLISHED: return std::string(event.getSlotsPublished().getStaff().getSlots()[0].getPlace().cStr());
    case schema::Event::GROUP_SESSION_HELD: return std::string(event.getGroupSessionHeld().getCentre().getTopic().cStr());
    case schema::Event::INQUIRY_RECEIVED:
      return category == number(Category::intake) ? std::string(event.getInquiryReceived().getIntake().getText().cStr()) : "";
    case schema::Event::INQUIRY_ANSWERED:
    case schema::Event::APPOINTMENT_BOOKED:
    case schema::Event::SESSION_HELD:
    case schema::Event::DEMOGRAPHICS_RECORDED:
    case schema::Event::GUIDANCE_CONCLUDED:
    case schema::Event::RIGHTS_REQUEST_RECEIVED:
    case schema::Event::RIGHTS_IDENTITY_VERIFIED:
    case schema::Event::RIGHTS_REQUEST_DECIDED:
    case schema::Event::RETURNING_CLIENT_MATCHED:
    case schema::Event::CONSENT_WITHDRAWN: return std::string();
    default: return std::nullopt;
  }
}

bool stands_for_itself(Kind kind) { return kind != Kind::shred; }  // a shred order comes with other commands too

std::string at(Position position, std::size_t index) {
  return "part " + std::to_string(index) + " of position " + std::to_string(position);
}

}  // namespace

struct Model::Reading {
  std::map<std::string, Found> requests;
  std::map<Ordinal, std::uint64_t> alive;  // parts that open, by stream
  std::set<std::pair<std::uint64_t, std::uint32_t>> receipts;
};

void Model::acknowledged(const Command& command, Position position, const std::string& subject) {
  last_ = std::max(last_, position);
  done_.insert_or_assign(command.request_id, Done{command.kind, subject, command.payload, position});
  if (of_nobody(command.kind)) return;
  if (command.kind == Kind::match) return joined(command, position);
  Desk& desk = desk_[subject];
  if (command.kind == Kind::ask) desk.next = Kind::verify;
  if (command.kind == Kind::verify) desk.next = Kind::decide;
  if (command.kind == Kind::decide) desk.decision = position;
  if (command.kind == Kind::question) askers_.insert(subject);
  const bool ends = command.kind == Kind::conclude || (command.kind == Kind::reply && askers_.contains(subject));
  if (ends || (command.kind == Kind::withdraw && desk.asked)) {
    clients_[subject].by_rules = true;
  } else if (command.kind == Kind::withdraw) {
    shred(subject, 0xffff, position);
  } else if (command.kind == Kind::shred) {
    shred(subject, command.categories, position);
  } else {
    // A shred accepted since may have been answered first.
    Mask shredded_since = 0;
    for (const auto& [when, categories] : shreds_[subject])
      if (when != no_position && when > position) shredded_since = static_cast<Mask>(shredded_since | categories);
    done_.at(command.request_id).dead = (shredded_since >> number(category_of(command.kind)) & 1) != 0;
    add(subject, static_cast<Mask>(touched_by(command.kind) & ~shredded_since));
  }
}

// The booking's record is gone, and what it told is the earlier one's: its mail too, where it had any.
void Model::joined(const Command& command, Position position) {
  const Client& booking = clients_[command.subject];
  const bool mail_in_doubt = !booking.certain();
  const Mask mail = static_cast<Mask>(booking.live & bit(Category::corr));
  shred(command.subject, 0xffff, position);
  Mask shredded_since = 0;
  for (const auto& [when, categories] : shreds_[command.earlier])
    if (when != no_position && when > position) shredded_since = static_cast<Mask>(shredded_since | categories);
  done_.at(command.request_id).dead = has(shredded_since, Category::ident);
  add(command.earlier, static_cast<Mask>((touched_by(Kind::match) | mail) & ~shredded_since));
  if (mail_in_doubt) clients_[command.earlier].by_rules = true;
}

void Model::found_shredded(const Command& command) {
  if (command.kind == Kind::withdraw && !desk_[command.subject].asked)
    shred(command.subject, 0xffff, no_position);
  else if (command.kind == Kind::shred || command.kind == Kind::withdraw || command.kind == Kind::match)
    clients_[command.subject].by_rules = true;
  if (command.kind == Kind::match) clients_[command.earlier].by_rules = true;
  if (command.kind == Kind::reply && askers_.contains(command.subject)) clients_[command.subject].by_rules = true;
}

void Model::in_doubt(const Command& command, bool yes) {
  if (of_nobody(command.kind)) return;
  for (const std::string& one : {command.subject, command.earlier}) {
    if (one.empty()) continue;
    if (yes)
      clients_[one].doubts.insert(command.request_id);
    else
      clients_[one].doubts.erase(command.request_id);
  }
}

void Model::time_passed() {
  for (auto& [id, client] : clients_) client.by_rules = true;
}

// What was written after the shred (whose answer may have come late) lives.
void Model::shred(const std::string& subject, Mask categories, Position position) {
  Client& client = clients_[subject];
  shreds_[subject].emplace_back(position, categories);
  Mask written_since = 0;
  for (auto& [id, done] : done_) {
    if (done.subject != subject) continue;
    if (done.position > position)
      written_since = static_cast<Mask>(written_since | touched_by(done.kind));
    else if ((categories >> number(category_of(done.kind)) & 1) != 0)
      done.dead = true;
  }
  if (categories == 0xffff)
    client = {.live = 0, .gone = true, .by_rules = false, .doubts = client.doubts};
  else
    client.live = static_cast<Mask>(client.live & ~(categories & ~written_since));
}

std::vector<std::string> Model::subjects() const {
  std::vector<std::string> out;
  for (const auto& [id, client] : clients_)
    if (!client.gone) out.push_back(id);
  return out;
}

std::string Model::read_leaf(const EventStore& store, const journal::Leaf& leaf, Reading& reading) {
  std::set<std::string> counted;
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    const auto opened = store.open_part(leaf, i);
    const bool seen_dead = dead_parts_.contains({leaf.position, i});
    if (!opened) {
      if (opened.error().code != ErrorCode::shredded) return at(leaf.position, i) + " does not open: " + opened.error().message;
      dead_parts_.emplace(leaf.position, i);
      continue;
    }
    if (seen_dead) return at(leaf.position, i) + " was shredded and opens again";
    // The centre's own slots hold content of one category.
    const int category = leaf.stream == centre_stream && opened->category >= 0 ? number(Category::centre) : opened->category;
    const auto part = schema::PartReader::open(opened->plaintext, category);
    if (!part) return at(leaf.position, i) + " is no part of category " + std::to_string(category) + ": " + part.error().message;
    const auto event = part->event();
    if (category < 0) {
      if (!event.isShredCompleted()) continue;
      const auto receipt = event.getShredCompleted().getPublic();
      if (!reading.receipts.emplace(receipt.getGeneration(), receipt.getChunk()).second) return "two receipts of one shred";
      for (const auto key : receipt.getKeys()) destroyed_.emplace(key.getKeyId().begin(), key.getKeyId().end());
      continue;
    }
    ++reading.alive[leaf.stream];
    const std::string request = event.getHead().getRequestId().cStr();
    const auto payload = payload_of(event, category);
    if (request.empty() || !payload) continue;
    if ((request.front() == match_prefix) != event.isReturningClientMatched()) continue;
    Found& found = reading.requests[request];
    if (counted.insert(request).second) ++found.times;
    if (!payload->empty()) found.payload = *payload;
  }
  return {};
}

std::string Model::compare_commands(const Reading& reading) const {
  for (const auto& [request, found] : reading.requests) {
    if (found.times > 1) return "request " + request + " happened " + std::to_string(found.times) + " times";
    if (refused_.contains(request)) return "request " + request + " was refused and happened";
  }
  for (const auto& [request, done] : done_) {
    const Client client = of_nobody(done.kind) ? Client{} : clients_.at(done.subject);
    const auto found = reading.requests.find(request);
    const bool must_be_there = !done.dead && !client.gone && client.certain() && stands_for_itself(done.kind);
    if (must_be_there && found == reading.requests.end()) return "request " + request + " was acknowledged and is lost";
    if (found == reading.requests.end() || found->second.payload.empty()) continue;
    if (!done.payload.empty() && found->second.payload != done.payload) return "request " + request + " has other words";
    if (client.gone) return "request " + request + " outlives its subject";
  }
  return {};
}

std::string Model::compare_clients(const EventStore& store, const Reading& reading) const {
  for (const auto& [id, client] : clients_) {
    const auto ordinal = store.ordinal_of(id);
    if (!ordinal) return "an id is not known any more";
    const auto live = store.vault().live_categories(*ordinal);
    if (!live) return "the keys of a subject cannot be told: " + live.error().message;
    const auto alive = reading.alive.find(*ordinal);
    if (client.gone && (*live != 0 || alive != reading.alive.end())) return "a shredded subject has keys or parts that open";
    if (client.gone || !client.certain()) continue;
    // Reads are events too, and nobody answers for them.
    if (((*live ^ client.live) & ~bit(Category::audit)) != 0)
      return "subject " + std::to_string(*ordinal) + " has categories " + std::to_string(*live) + " where " +
             std::to_string(client.live) + " should live";
  }
  return {};
}

std::string Model::disagreement(service::Service& service) {
  EventStore& store = service.store();
  if (!store.everything_durable()) return "something is not durable";
  const std::uint64_t size = store.durable_size();
  if (!done_.empty() && size <= last_) return "the journal ends before an acknowledged position";
  Reading reading;
  for (Position one = 0; one < size; ++one) {
    const auto leaf = store.leaf(one);
    if (!leaf) return "position " + std::to_string(one) + " cannot be read: " + leaf.error().message;
    if (std::string wrong = read_leaf(store, *leaf, reading); !wrong.empty()) return wrong;
  }
  for (std::uint64_t generation = 2; generation <= store.vault().generation(); ++generation)
    if (!reading.receipts.contains({generation, 0})) return "shred " + std::to_string(generation) + " has no receipt";
  if (std::string wrong = compare_commands(reading); !wrong.empty()) return wrong;
  return compare_clients(store, reading);
}

}  // namespace taus::sim
