// An event store over memory that can fail, and plain parts to put into it.
#pragma once

#include <vector>

#include <gtest/gtest.h>

#include "eventstore/event_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/memory_floor.h"
#include "tests/support/memory_root_store.h"
#include "tests/support/seeded_random.h"

namespace taus::test {

inline const Instant a_day = instant_of_ms(1'767'000'000'000);
inline constexpr std::chrono::hours day_long{24};

struct Seen {
  journal::Leaf leaf;
  std::vector<std::string> parts;  // plaintext, or the error's name in brackets
};

struct Shop {
  explicit Shop(std::uint64_t seed) : random(seed), log_key(crypto::Key::generate(random)), floor(log_key) {
    options.profile = "vt";
  }

  // Opens over `kv` (the store itself where not given); what the visitor saw is in `seen`.
  Result<void> open(storage::KvStore* kv = nullptr, journal::Floor* other_floor = nullptr) {
    es.reset();
    seen.clear();
    const auto visit = [&](const journal::Leaf& leaf, const EntryParts& parts) -> Result<void> {
      seen.push_back({.leaf = leaf, .parts = {}});
      for (std::size_t i = 0; i < leaf.parts.size(); ++i) seen.back().parts.push_back(shown(parts, i));
      return {};
    };
    journal::Floor& with = other_floor == nullptr ? static_cast<journal::Floor&>(floor) : *other_floor;
    TAUS_TRY_ASSIGN(es, EventStore::open(kv == nullptr ? store : *kv, roots, with, random, options, visit));
    return {};
  }
  Result<void> restart() {
    es.reset();
    store.crash();
    floor.restart();
    return open();
  }
  // The error that opening gives; "opened" where it does not.
  std::string refusal() {
    store.crash();
    floor.restart();
    const auto done = open();
    return done ? "opened" : std::string(to_string(done.error().code)) + ": " + done.error().message;
  }

  static std::string shown(const EntryParts& parts, std::size_t i) {
    const auto opened = parts.open(i);
    if (!opened) return shown(Result<OpenedPart>(opened.error()));
    return shown(OpenedPart{.category = parts.category(i).value_or(-1), .plaintext = Bytes(opened->begin(), opened->end())});
  }
  static std::string shown(const Result<OpenedPart>& part) {
    if (part) return std::to_string(part->category) + ":" + std::string(text(part->plaintext));
    return "[" + std::string(to_string(part.error().code)) + "]";
  }
  std::string show(Position position, std::size_t index = 0) {
    const auto leaf = es->leaf(position);
    return leaf ? shown(es->open_part(*leaf, index)) : "[" + std::string(to_string(leaf.error().code)) + "]";
  }
  static NewPart part(int category, std::string_view content) {
    return {.category = category, .plaintext = Bytes(content.begin(), content.end())};
  }
  Appended append(Ordinal stream, std::vector<NewPart> parts) { return es->append(stream, parts).value(); }
  void commit(Instant now = a_day) { es->commit(now).value(); }
  // Accepts and carries out a shred, with its receipt.
  void shred(Ordinal subject, std::uint16_t categories) {
    es->accept_shred(subject, categories, Bytes{1}).value();
    commit();
    const auto done = es->shred().value();
    append(centre_stream, {part(-1, "receipt")});
    es->receipted(done.generation);
    commit();
  }

  SeededRandom random;
  crypto::SigningKey log_key;
  FaultyStore store;
  MemoryRootStore roots;
  MemoryFloor floor;
  EventStore::Options options;
  std::unique_ptr<EventStore> es;
  std::vector<Seen> seen;
};

}  // namespace taus::test
