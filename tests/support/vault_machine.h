// A machine with a key vault for tests: store and root store that die after a number of durable operations, a plain model
// of the keys, and the adversary of docs/CRYPTO.md, who has every row and every root ever written.
//
// Threads: one.
#pragma once

#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "eventstore/vault/key_vault.h"
#include "eventstore/vault/node.h"
#include "tests/support/memory_root_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/seeded_random.h"

namespace taus::test {

using KeyBytes = ByteArray<32>;

inline KeyBytes bytes_of(const crypto::Key& key) {
  KeyBytes out{};
  std::copy(key.view().begin(), key.view().end(), out.begin());
  return out;
}

struct Machine {
  explicit Machine(std::uint64_t seed) : random(seed) {
    options.store_id.fill(0x5a);
    store.before_commit = [this](const storage::WriteBatch& batch) {
      if (!step()) return false;
      for (const auto& row : batch.rows()) {
        if (row.table == storage::Table::keys && row.value)
          archive.emplace(Bytes(row.key.begin(), row.key.end()), Bytes(row.value->begin(), row.value->end()));
      }
      return true;
    };
    roots.before_write = [this] {
      if (step()) return MemoryRootStore::Write::done;
      return tear ? MemoryRootStore::Write::torn : MemoryRootStore::Write::refused;
    };
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // The power goes off before the n-th durable operation from now; torn: half of it happens where that can be.
  void die_before(int n, bool torn) {
    budget = n;
    tear = torn;
  }
  // Restart. `budget` counts on unless power() was called.
  void power() {
    budget.reset();
    store.reopen();
  }
  Result<void> start() {
    keys.reset();
    store.reopen();
    auto opened = vault::KeyVault::open(store, other_roots != nullptr ? *other_roots : roots, random, options);
    if (!opened) return opened.error();
    keys = std::move(opened).value();
    return {};
  }
  Result<void> commit(storage::WriteBatch& batch) {
    TAUS_TRY(store.commit(batch));
    keys->note_committed();
    return {};
  }

  MemoryStore store;
  MemoryRootStore roots;
  vault::RootStore* other_roots = nullptr;  // instead of `roots`
  SeededRandom random;
  vault::KeyVault::Options options;
  std::unique_ptr<vault::KeyVault> keys;
  std::multimap<Bytes, Bytes> archive;  // every row of Table::keys ever written
  std::optional<int> budget;
  bool tear = false;
  int operations = 0;

  // One durable operation: whether there is still power for it.
  bool step() {
    ++operations;
    if (!budget) return true;
    if (*budget == 0) return false;
    --*budget;
    return true;
  }
};

// Every key that can be had from the given root images and all archived rows: the fixpoint over "this key opens that row".
// `machine` is a Machine or anything else with its archive and options.
template <class Archived>
std::set<KeyBytes> reachable(const Archived& machine, const std::vector<Bytes>& root_images) {
  std::multimap<vault::NodeVersion, std::pair<vault::NodeId, const Bytes*>> rows;
  for (const auto& [key, value] : machine.archive) {
    if (const auto name = vault::parse_node_row_key(key)) rows.emplace(name->version, std::pair(name->id, &value));
  }
  std::set<KeyBytes> known;
  std::vector<KeyBytes> fresh;
  const auto learn = [&](const crypto::Key& key) {
    if (known.insert(bytes_of(key)).second) fresh.push_back(bytes_of(key));
  };
  for (const auto& image : root_images) {
    if (const auto record = vault::decode_root_record(image)) learn(record->root);
  }
  while (!fresh.empty()) {
    const crypto::Key key(fresh.back());
    fresh.pop_back();
    const auto [from, to] = rows.equal_range(vault::version_of(key));
    for (auto row = from; row != to; ++row) {
      const auto node = vault::open_node(machine.options.store_id, row->second.first, key, *row->second.second);
      if (!node) continue;
      for (const auto& child : node->keys) learn(child);
    }
  }
  return known;
}

inline std::vector<Bytes> present_roots(Machine& machine) { return {machine.roots.images()[0], machine.roots.images()[1]}; }

// What lives and what was destroyed, in plain maps.
struct KeyModel {
  struct Made {
    Slot slot = 0;
    Epoch epoch = 0;
    KeyBytes key{};
    friend bool operator==(const Made&, const Made&) = default;
  };
  struct Dead {
    Ordinal subject = 0;
    Made made;
  };
  std::set<Ordinal> subjects;
  std::map<std::pair<Ordinal, int>, Made> live;
  std::vector<Dead> dead;

  void shred(Ordinal subject, std::uint16_t categories) {
    for (auto key = live.begin(); key != live.end();) {
      const auto here = key++;
      if (here->first.first != subject || ((categories >> here->first.second) & 1) == 0) continue;
      dead.push_back({subject, here->second});
      live.erase(here);
    }
    if (categories == 0xffff) subjects.erase(subject);
  }
};

// What disagrees between the vault and the model; empty: nothing.
inline std::string disagreement(Machine& machine, const KeyModel& model) {
  std::map<Ordinal, std::uint16_t> masks;
  for (const auto& [place, made] : model.live) {
    masks[place.first] = static_cast<std::uint16_t>(masks[place.first] | 1U << place.second);
    const auto key = machine.keys->key_for_reading(place.first, made.slot, made.epoch);
    if (!key) return "a live key is not there: " + key.error().message;
    if (bytes_of(*key) != made.key) return "a live key has other bytes";
    const auto category = machine.keys->category_of(place.first, made.slot);
    if (!category || *category != place.second) return "a slot stands for another category";
  }
  for (const Ordinal subject : model.subjects) {
    const auto mask = machine.keys->live_categories(subject);
    if (!mask || *mask != masks[subject]) return "other categories live than should";
  }
  for (const auto& dead : model.dead) {
    const auto key = machine.keys->key_for_reading(dead.subject, dead.made.slot, dead.made.epoch);
    if (key) return "a shredded key is served";
    if (key.error().code != ErrorCode::shredded) return "a shredded key is not called shredded: " + key.error().message;
  }
  return {};
}

// What the adversary with the present root slots gets wrong or right; empty: no dead key, every live one.
inline std::string adversary_verdict(Machine& machine, const KeyModel& model) {
  const auto known = reachable(machine, present_roots(machine));
  for (const auto& dead : model.dead) {
    if (known.contains(dead.made.key)) return "the adversary has a shredded key";
  }
  for (const auto& [place, made] : model.live) {
    if (!known.contains(made.key)) return "a live key cannot be reached from the root";
  }
  return {};
}

// Operations of the scripted lives; each commits and keeps the model. Errors are the machine's.
struct Life {
  Machine& machine;
  KeyModel& model;

  Result<Ordinal> subject() {
    storage::WriteBatch batch;
    TAUS_TRY_ASSIGN(const Ordinal ordinal, machine.keys->stage_subject(batch, 0));
    TAUS_TRY(machine.commit(batch));
    model.subjects.insert(ordinal);
    return ordinal;
  }
  Result<void> key(Ordinal subject, int category) {
    storage::WriteBatch batch;
    TAUS_TRY_ASSIGN(const auto made, machine.keys->key_for_writing(batch, subject, category));
    if (!batch.empty()) TAUS_TRY(machine.commit(batch));
    model.live.insert_or_assign({subject, category}, KeyModel::Made{made.slot, made.epoch, bytes_of(made.key)});
    return {};
  }
  Result<void> accept(Ordinal subject, std::uint16_t categories) {
    storage::WriteBatch batch;
    TAUS_TRY(machine.keys->stage_pending(batch, {0, subject, categories, Bytes{7}}));
    return machine.commit(batch);
  }
  // Carries out what is pending; the model follows only once it is acknowledged.
  Result<void> shred() {
    TAUS_TRY_ASSIGN(const auto done, machine.keys->shred());
    for (const auto& request : done.requests) model.shred(request.subject, request.categories);
    return {};
  }
  Result<void> receipt() {
    TAUS_TRY_ASSIGN(const auto commits, machine.keys->unreceipted());
    storage::WriteBatch batch;
    for (const auto& commit : commits) machine.keys->stage_receipted(batch, commit.generation, commit.chunk);
    if (batch.empty()) return {};
    return machine.commit(batch);
  }
};

}  // namespace taus::test
