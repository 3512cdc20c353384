// taus-dump DIR: all rows of a RocksDB directory as lines "table key value" in hexadecimal, for readers in other languages.
// Uses nothing of taus, so that what it shows is what is there.
#include <cstdio>
#include <string>

#include <rocksdb/db.h>

namespace {

void print_hex(const rocksdb::Slice& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) std::printf("%02x", static_cast<unsigned char>(bytes[i]));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: taus-dump DIR\n");
    return 2;
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : {"default", "leaf", "part", "keys", "dedupe", "meta"})
    families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DBOptions options;
  options.track_and_verify_wals_in_manifest = true;  // as it was written: else RocksDB 7.8 wants to edit the manifest, and aborts
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, argv[1], families, &handles, &db);
  if (!status.ok()) {
    std::fprintf(stderr, "taus-dump: cannot open %s\n", argv[1]);
    return 1;
  }
  int result = 0;
  for (std::size_t i = 1; i < handles.size(); ++i) {
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions(), handles[i]));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      std::printf("%s ", families[i].name.c_str());
      print_hex(it->key());
      std::printf(" ");
      print_hex(it->value());
      std::printf("\n");
    }
    if (!it->status().ok()) result = 1;
  }
  for (auto* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
  delete db;
  return result;
}
