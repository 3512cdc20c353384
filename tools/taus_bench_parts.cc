#include "tools/taus_bench_parts.h"

#include <chrono>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "eventstore/base/check.h"
#include "eventstore/crypto/aead.h"
#include "eventstore/crypto/system_random.h"
#include "eventstore/journal/entry.h"
#include "eventstore/storage/rocks_store.h"

namespace taus::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t raw_bytes = 700;
constexpr std::size_t commands_per_batch = 64;
constexpr std::size_t leaf_bytes = 139;  // of an event with one part
constexpr std::size_t dedupe_bytes = 29;
constexpr std::size_t plaintext_bytes = 480;  // of a message of 300 bytes, head included

double since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

// Calls `once` for about `seconds`: calls a second.
template <class F>
double rate(double seconds, const F& once) {
  const auto begin = Steady::now();
  std::size_t calls = 0;
  double passed = 0;
  while ((passed = since(begin)) < seconds) {
    for (int i = 0; i < 64; ++i) once();
    calls += 64;
  }
  return static_cast<double>(calls) / passed;
}

Bytes eight(std::uint64_t n) {  // sorts as numbers do
  Bytes out(8);
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(n >> (56 - 8 * i));
  return out;
}

struct Sealed {
  crypto::SystemRandom random;
  crypto::Key key = crypto::Key::generate(random);
  Bytes plaintext = Bytes(plaintext_bytes, 'm');
  journal::PartContext context{
      .store_id = {}, .incarnation = 0, .stream = 7, .version = 1, .part_count = 1, .part_index = 0, .slot = 3, .epoch = 1};
  journal::SealedPart part = journal::seal_part(key, context, plaintext, random);
  Bytes padded = Bytes(journal::padded_bytes(plaintext_bytes), 'm');
  Nonce24 nonce{};
};

}  // namespace

Result<std::vector<double>> raw_fdatasync(const std::string& directory, double seconds) {
  const std::string path = directory + "/raw";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Error(ErrorCode::io, "cannot make " + path);
  const Bytes row(raw_bytes, 'r');
  std::vector<double> out;
  bool good = true;
  for (const auto begin = Steady::now(); good && since(begin) < seconds;) {
    const auto one = Steady::now();
    good = ::write(file, row.data(), row.size()) == static_cast<ssize_t>(row.size()) && ::fdatasync(file) == 0;
    out.push_back(since(one) * 1e6);
  }
  ::close(file);
  ::unlink(path.c_str());
  if (!good) return Error(ErrorCode::io, "writing " + path + " failed; check the disk");
  return out;
}

Result<double> rocksdb_batch64(const std::string& directory, double seconds) {
  const std::string path = directory + "/rocks";
  storage::RocksOptions options;
  options.create = true;
  double out = 0;
  {
    TAUS_TRY_ASSIGN(const auto store, storage::open_rocks_store(path, options));
    crypto::SystemRandom random;
    const std::size_t part_bytes = journal::padded_bytes(plaintext_bytes) + crypto::aead_tag_bytes;
    std::uint64_t command = 0;
    const auto begin = Steady::now();
    while (since(begin) < seconds) {
      storage::WriteBatch batch;
      for (std::size_t i = 0; i < commands_per_batch; ++i, ++command) {
        Bytes request(16);
        random.fill(request);
        Bytes part_key = eight(command);
        part_key.push_back(0);
        batch.put(storage::Table::part, part_key, Bytes(part_bytes, 'p'));
        batch.put(storage::Table::leaf, eight(command), Bytes(leaf_bytes, 'l'));
        batch.put(storage::Table::dedupe, request, Bytes(dedupe_bytes, 'd'));
      }
      TAUS_TRY(store->commit(batch));
    }
    out = static_cast<double>(command) / since(begin);
  }
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
  return out;
}

Result<Sealing> seal(double seconds) {
  Sealed s;
  Sealing out;
  out.parts = rate(seconds, [&] { s.part = journal::seal_part(s.key, s.context, s.plaintext, s.random); });
  Bytes bare;
  out.bare = rate(seconds, [&] { bare = crypto::aead_seal(s.key, s.nonce, {}, s.padded); });
  return out;
}

Result<Sealing> open(double seconds) {
  Sealed s;
  Sealing out;
  bool good = true;
  out.parts = rate(seconds, [&] { good = journal::open_part(s.key, s.context, s.part.ref, s.part.bytes).has_value() && good; });
  const Bytes bare = crypto::aead_seal(s.key, s.nonce, {}, s.padded);
  out.bare = rate(seconds, [&] { good = crypto::aead_open(s.key, s.nonce, {}, bare).has_value() && good; });
  if (!good) return Error(ErrorCode::tampered, "a part that was just sealed does not open");
  return out;
}

}  // namespace taus::bench
