// What lies on disk beside RocksDB's own files: leaves, sealed parts, the floor, checkpoints, pages. The first byte chooses.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "eventstore/base/check.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/journal/checkpoint.h"
#include "eventstore/journal/entry.h"
#include "eventstore/journal/floor.h"
#include "eventstore/storage/pages.h"

namespace taus::journal {
namespace {

const crypto::SigningKey& log_key() {
  static const crypto::SigningKey key(crypto::Key(Bytes(32, 1)));
  return key;
}

void leaf(ByteView in) {
  const auto decoded = decode_leaf(in);
  if (decoded) TAUS_CHECK(std::ranges::equal(encode(*decoded), in));
}

// Nobody makes a part that opens without its key.
void part(ByteView in) {
  const PartContext context{.part_count = 1, .epoch = 1};
  PartRef ref;
  ref.epoch = 1;
  Reader reader(in);
  ref.nonce = reader.array<24>();
  ref.commitment = reader.array<32>();
  const ByteView stored = reader.raw(reader.remaining());
  ref.content_hash = crypto::blake2b_256({stored});
  TAUS_CHECK(!open_part(crypto::Key(Bytes(32, 2)), context, ref, stored));
}

// Nor a floor or a checkpoint that is good without the log key: also not from pieces of good ones, which are among the seeds.
void floor_file(ByteView in) {
  Bytes file(in.begin(), in.end());
  if (file.size() < floor_file_bytes) file.resize(floor_file_bytes);
  const auto state = decode_floor(file, log_key().public_key());
  if (!state || !*state) return;
  const Bytes slot = encode_floor_slot((*state)->sequence, (*state)->record, log_key());
  TAUS_CHECK(std::ranges::equal(slot, ByteView(file).subspan(((*state)->sequence & 1) * floor_slot_bytes, floor_slot_bytes)));
}

void checkpoint(ByteView in) {
  const std::string origin = checkpoint_origin({}, 1);
  const auto good = verify_checkpoint(text(in), origin, log_key().public_key());
  if (!good) return;
  const std::string ours = format_checkpoint(*good, log_key());
  TAUS_CHECK(text(in).starts_with(ours.substr(0, ours.find("\n\n") + 2)));
}

// A whole page of rows in order is what a writer makes of its rows; changing one of any page changes it or is refused.
void page(ByteView in) {
  storage::PageWriter writer({}, [](ByteView, const auto&) { return Result<void>(); });
  Bytes last;
  bool in_order = true;
  const bool whole = storage::read_page(in, [&](ByteView key, ByteView value) {
    in_order = in_order && (last.empty() || std::ranges::lexicographical_compare(last, key)) && !key.empty();
    last.assign(key.begin(), key.end());
    if (in_order) TAUS_CHECK(writer.put(key, value));
    return in_order;
  });
  const auto& pages = writer.finish();
  if (whole && in_order && pages.size() == 1) TAUS_CHECK(std::ranges::equal(*pages.begin()->second, in));
  const std::optional<Bytes> end(last);
  storage::PageWriter over(end, [&](ByteView, const auto& visit) {
    static_cast<void>(visit({}, in));
    return Result<void>();
  });
  const bool changed = over.erase(last).has_value();
  TAUS_CHECK(changed || !whole || !in_order);
}

}  // namespace
}  // namespace taus::journal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const taus::ByteView rest(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0: taus::journal::leaf(rest); break;
    case 1: taus::journal::part(rest); break;
    case 2: taus::journal::floor_file(rest); break;
    case 3: taus::journal::checkpoint(rest); break;
    default: taus::journal::page(rest);
  }
  return 0;
}
