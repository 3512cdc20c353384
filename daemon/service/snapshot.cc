#include "daemon/service/decision.h"
#include "daemon/service/rights_desk.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

struct Held {
  Category category;
  Position position;
  Bytes part;
};

// Everything of the categories asked for that still opens.
Result<std::vector<Held>> everything_held(const Core& core, const Subject& subject, Mask asked) {
  std::vector<Held> out;
  for (const Position position : subject.positions) {
    TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
    for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
      TAUS_TRY_ASSIGN(const std::optional<int> category, core.store->vault().category_of(subject.ordinal, leaf.parts[i].slot));
      if (!category || (asked >> *category & 1) == 0 || *category == number(Category::copy)) continue;
      Result<OpenedPart> opened = core.store->open_part(leaf, i);
      if (!opened && opened.error().code == ErrorCode::shredded) continue;
      if (!opened) return opened.error();
      out.push_back({.category = static_cast<Category>(*category),
                     .position = position,
                     .part = Bytes(opened->plaintext.begin(), opened->plaintext.end())});
    }
  }
  return out;
}

// Where each piece begins, so that each is at most as long as one event may be.
std::vector<std::size_t> pieces_of(const std::vector<Held>& held) {
  std::vector<std::size_t> out{0};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (bytes > 0 && bytes + held[i].part.size() > limits::snapshot_piece_bytes_max) {
      out.push_back(i);
      bytes = 0;
    }
    bytes += held[i].part.size();
  }
  return out;
}

}  // namespace

Result<void> take_snapshot(const Core& core, const Subject& subject, std::uint32_t request, Mask asked, Decision& out) {
  TAUS_TRY_ASSIGN(const std::vector<Held> held, everything_held(core, subject, asked));
  const std::vector<std::size_t> begins = pieces_of(held);
  if (begins.size() > limits::snapshot_pieces_max)
    return Error(ErrorCode::too_large, "this client holds more than one answer carries: ask for some categories at a time",
                 "/categories");
  for (std::size_t piece = 0; piece < begins.size(); ++piece) {
    const std::size_t end = piece + 1 < begins.size() ? begins[piece + 1] : held.size();
    auto to = out.event(subject.ordinal, all_categories, &subject).initSnapshotTaken().initCopy();
    to.setNumber(request);
    to.setPiece(static_cast<std::uint32_t>(piece));
    to.setPieces(static_cast<std::uint32_t>(begins.size()));
    auto parts = to.initParts(static_cast<unsigned>(end - begins[piece]));
    for (unsigned i = 0; i < parts.size(); ++i) {
      const Held& one = held[begins[piece] + i];
      parts[i].setCategory(static_cast<schema::Category>(one.category));
      parts[i].setPosition(one.position);
      parts[i].setPart(capnp::Data::Reader(one.part.data(), one.part.size()));
    }
  }
  return {};
}

}  // namespace taus::service
