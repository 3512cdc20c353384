// Any bytes as a part: refused, or everything in it can be read.
#include <algorithm>
#include <cstdint>

#include <capnp/dynamic.h>

#include "eventstore/schema/json.h"
#include "eventstore/schema/part.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int category = static_cast<int>(data[0] % 18) - 1;
  const auto part = taus::schema::PartReader::open({data + 1, size - 1}, category);
  if (!part) return 0;
  const auto text = taus::schema::write_json(capnp::DynamicStruct::Reader(part->event()));
  TAUS_CHECK(!text.empty());
  // One content has one byte string: cutting the part out of itself gives it again.
  const auto again = taus::schema::split(part->event());
  TAUS_CHECK(again);
  bool found = false;
  for (const auto& one : *again)
    found = found || (one.category == category && std::equal(one.bytes.begin(), one.bytes.end(), data + 1, data + size));
  TAUS_CHECK(found);
  return 0;
}
