#include "tests/sim/simulation.h"

#include <array>
#include <map>

#include "eventstore/vault/shred.h"
#include "tests/sim/generator.h"
#include "tests/sim/power.h"
#include "tests/support/vault_machine.h"

namespace taus::sim {

namespace {

constexpr std::size_t clients = 4;

// What the adversary of docs/CRYPTO.md has, in the shape that test::reachable() reads.
struct Loot {
  std::multimap<Bytes, Bytes>& archive;
  vault::KeyVault::Options options;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, const Faults& faults)
      : random_(seed), faults_(faults), centre_(seed, test::at("2026-03-02T08:00:00")), store_(centre_.store, power_) {
    centre_.store_options.shred_faults.leave_out_a_key = faults.category_left_out;
    centre_.store_options.shred_faults.keep_old_root = faults.old_root_kept;
    centre_.profile.inquiries = {.accepted = true, .answer_concludes = true};
    centre_.floor.ignore_writes = faults.floor_not_written;
    store_.drop_requests = faults.requests_not_stored;
    using Roots = test::MemoryRootStore::Write;
    centre_.roots.before_write = [this] {
      return power_.step() ? Roots::done : power_.cut == Power::Cut::torn ? Roots::torn : Roots::refused;
    };
    using Floor = test::MemoryFloor::Write;
    centre_.floor.before_write = [this] {
      if (!power_.step()) return power_.cut == Power::Cut::torn ? Floor::torn : Floor::refused;
      store_.floor_is_current = true;
      return Floor::done;
    };
  }

  Outcome run(int steps) {
    begin();
    for (int i = 0; i < steps && out_.mismatch.empty(); ++i) step();
    if (out_.mismatch.empty()) crash();
    out_.acknowledged = model_.acknowledgements();
    return out_;
  }

 private:
  struct Sent {
    std::size_t client;
    Bytes reply;  // empty: it waits for its shred
    std::uint64_t ticket = 0;
  };

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  void mismatch(const std::string& what) {
    if (out_.mismatch.empty()) out_.mismatch = what;
  }

  void begin() {
    if (const auto opened = centre_.start(store_); !opened)
      return mismatch("a new store does not open: " + opened.error().message);
    const test::Reply kari =
        centre_.ask(test::developer(), [](test::Ask r) { test::fill_staff(r, "Kari", {schema::Role::COUNSELLOR}); });
    generator_.emplace(random_, kari.ack().getSubject().cStr());
  }

  void step() {
    if (below(6) == 0) {
      power_.steps_left = static_cast<int>(below(9));
      power_.cut = static_cast<Power::Cut>(below(3));
    }
    for (std::uint64_t n = 1 + below(clients); n > 0 && !power_.off; --n)
      if (!send(below(clients))) return crash();
    if (!flush()) return crash();
    pass_time();
    if (!flush() || below(40) == 0) return crash();
    if (below(10) == 0) look();
  }

  // Hands one client's request to the service. False: the power went.
  bool send(std::size_t client) {
    for (const Sent& one : sent_)
      if (one.client == client) return true;  // it waits for its answer
    std::optional<Command>& command = commands_.at(client);
    if (!command) command = below(8) == 0 && last_done_ ? *last_done_ : generator_->next(model_, centre_.clock.now());
    if (command->kind == Kind::ask) model_.asked(*command);
    const std::uint64_t ticket = ++tickets_;
    for (int drains = 0; drains < 4; ++drains) {
      Bytes reply;
      const auto handled = centre_.service->handle(test::developer(), command->frame, ticket, reply);
      if (!handled) return false;
      if (*handled != service::Handled::drain) {
        sent_.push_back({client, std::move(reply), ticket});
        if (faults_.ack_before_sync && *handled == service::Handled::replied) answer_all(false);
        return true;
      }
      if (!flush()) return false;
    }
    mismatch("a request is sent back to wait again and again");
    return true;
  }

  // Everything durable, everything due done, all answers given.
  bool flush() {
    const auto settled = centre_.settle();
    if (!settled) {
      if (!power_.off) mismatch("the store stopped by itself: " + settled.error().message);
      return false;
    }
    answer_all(true);
    return true;
  }

  void answer_all(bool durable) {
    std::vector<Sent> waiting;
    for (Sent& one : std::exchange(sent_, {})) {
      if (!one.reply.empty())
        answer(one.client, test::Reply(one.reply));
      else
        waiting.push_back(std::move(one));
    }
    for (Sent& one : waiting) {
      const auto found = std::find_if(centre_.late_replies.begin(), centre_.late_replies.end(),
                                      [&](const auto& r) { return r.ticket == one.ticket; });
      if (found != centre_.late_replies.end())
        answer(one.client, test::Reply(found->reply));
      else if (durable)
        mismatch("a shred was never answered");
      else
        sent_.push_back(std::move(one));
    }
    if (durable) centre_.late_replies.clear();
  }

  void answer(std::size_t client, const test::Reply& reply) {
    const Command command = *std::exchange(commands_.at(client), std::nullopt);
    model_.in_doubt(command, false);
    const std::string code = reply.code();
    if (code == "ok") {
      const auto position = static_cast<Position>(reply.ack().getPosition());
      const std::string subject = reply.ack().getSubject().cStr();
      const auto [before, first] = answered_.emplace(command.request_id, position);
      if (!first && before->second != position)
        return mismatch("request " + command.request_id + " sent again was answered with another position");
      if (first) model_.acknowledged(command, position, subject);
      if (first && (command.kind == Kind::shred || command.kind == Kind::withdraw || command.kind == Kind::match)) ++out_.shreds;
      last_done_ = command;
    } else if (code == "shredded") {
      if (!answered_.contains(command.request_id)) model_.found_shredded(command);
    } else if (code == "corrupt" || code == "tampered" || code == "unavailable" || code == "io" || code == "malformed") {
      mismatch("request " + command.request_id + " was answered with " + code + ": " +
               reply.root().getError().getMessage().cStr());
    } else if (!command.ambiguous && !answered_.contains(command.request_id)) {
      model_.refused(command);
    } else if (answered_.contains(command.request_id)) {
      mismatch("request " + command.request_id + " was acknowledged, and refused when sent again");
    }
  }

  void pass_time() {
    centre_.clock.advance(std::chrono::minutes(below(20)));
    const bool outstanding = std::any_of(commands_.begin(), commands_.end(), [](const auto& one) { return one.has_value(); });
    if (outstanding || below(80) != 0) return;
    // Longer than request ids are remembered: nobody sends an old one again.
    centre_.clock.advance(std::chrono::hours(24 * 40));
    last_done_.reset();
    model_.time_passed();
  }

  // A person reads a record, which is itself an event.
  void look() {
    const std::vector<std::string> subjects = model_.subjects();
    if (subjects.empty()) return;
    const Bytes frame = test::request_frame([&](test::Ask r) { test::fill_show(r, subjects[below(subjects.size())]); });
    Bytes reply;
    const auto handled = centre_.service->handle(test::developer(), frame, ++tickets_, reply);
    if (!handled || !flush()) crash();
  }

  // The power goes, if it has not gone already, and comes back; perhaps it goes again while the store recovers.
  void crash() {
    for (auto& command : commands_) {
      if (!command) continue;
      command->ambiguous = true;
      model_.in_doubt(*command, true);
    }
    sent_.clear();
    centre_.late_replies.clear();
    const bool between_steps = !power_.off;
    power_.back();
    if (between_steps && below(3) == 0 && store_.floor_is_current) lose_the_tail();
    for (int cuts = static_cast<int>(below(3)); out_.mismatch.empty(); --cuts) {
      if (cuts > 0) {
        power_.steps_left = static_cast<int>(below(5));
        power_.cut = static_cast<Power::Cut>(below(3));
      }
      const auto opened = reopen();
      const bool gone = power_.off;
      power_.back();
      if (!opened && !gone) return mismatch("the store does not open again: " + opened.error().message);
      if (opened) break;
    }
    ++out_.restarts;
    compare();
  }

  Result<void> reopen() {
    centre_.service.reset();
    centre_.store.crash();
    centre_.floor.restart();
    TAUS_TRY(centre_.start(store_));
    return centre_.settle();
  }

  // The disk forgets a commit it had confirmed: this must be seen, and the store must work again once it is back.
  void lose_the_tail() {
    centre_.service.reset();
    centre_.store.crash();
    store_.lose_last_commit();
    centre_.floor.restart();
    const auto images = centre_.roots.images();
    const std::uint64_t commits = centre_.store.commits();
    const auto opened = centre_.start(store_);
    if (opened) return mismatch("the loss of the journal's tail went unnoticed");
    if (centre_.roots.images() != images || centre_.store.commits() != commits)
      return mismatch("something was written to a store that was refused");
    store_.bring_it_back();
  }

  void compare() {
    if (!out_.mismatch.empty()) return;
    if (std::string wrong = model_.disagreement(*centre_.service); !wrong.empty()) return mismatch(wrong);
    if (below(4) != 0) return;
    Loot loot{store_.archive, {}};
    loot.options.store_id = centre_.service->store().journal().options().store_id;
    const auto& images = centre_.roots.images();
    for (const auto& key : test::reachable(loot, {images[0], images[1]})) {
      const auto id = vault::key_id(crypto::Key(key));
      if (model_.destroyed_keys().contains(Bytes(id.begin(), id.end()))) return mismatch("the adversary has a destroyed key");
    }
  }

  std::mt19937_64 random_;
  Faults faults_;
  Power power_;
  test::Centre centre_;
  PoweredStore store_;
  Model model_;
  std::optional<Generator> generator_;
  std::array<std::optional<Command>, clients> commands_;
  std::vector<Sent> sent_;
  std::map<std::string, Position> answered_;
  std::optional<Command> last_done_;
  std::uint64_t tickets_ = 0;
  Outcome out_;
};

}  // namespace

Outcome simulate(std::uint64_t seed, int steps, const Faults& faults) { return Simulation(seed, faults).run(steps); }

}  // namespace taus::sim
